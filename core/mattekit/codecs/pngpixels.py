"""The pixels of a PNG file, or an error: nothing is missing, and nothing inflates beyond them.

How many bytes the pixels inflate to is known from the header. They are inflated here once, counted
and thrown away, no further than that: a file that holds them all is whole, with or without its last
chunks, and one that holds fewer is not, whatever stands at its end. The decoder gets a file of the
chunks that make pixels and no others, so that neither data beyond the picture nor texts cost it
anything.

References
----------
.. [1] W3C, Portable Network Graphics (PNG) Specification, third edition (2025), 7.2, 8 and 10.
.. [2] RFC 1950 and 1951.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any, Final

from mattekit.codecs.pngheader import SIGNATURE, Chunk, PngHeader, chunk_of, chunks
from mattekit.errors import UnreadableImage
from mattekit.tasks import checkpoint

__all__ = ["pixels_of"]

#: What a decoder needs besides the pixels; the profile for grey that is converted.
_NEEDED: Final = frozenset({b"IHDR", b"PLTE", b"tRNS"})
#: Adam7: first column and row, and the steps between columns and rows, of each pass.
_PASSES: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
#: Compressed and inflated bytes handled at once.
_PIECE: Final = 1 << 20
#: Of a block that is stored rather than compressed (RFC 1951, 3.2.4).
_STORED: Final = 65535


def pixels_of(data: bytes, header: PngHeader, source: str) -> bytes:
    """Return a PNG file of the same pixels and nothing else.

    Parameters
    ----------
    data : bytes
        The file, perhaps without its end.
    header : PngHeader
        Its facts.
    source : str
        What messages call it.

    Returns
    -------
    bytes
        With the palette, the transparency and a profile of grey; the pixels as they were
        compressed, unless they end too early or go on too long for a decoder.

    Raises
    ------
    UnreadableImage
        Pixels are missing or damaged.
    """
    head: list[bytes] = []
    packed: list[Chunk] = []
    for chunk in chunks(data, source):
        if chunk.name == b"IDAT":
            packed.append(chunk)
        elif chunk.whole and chunk.name in _NEEDED and not packed:
            head.append(data[chunk.start - 8 : chunk.end + 4])
    if header.icc_profile is not None and header.channels <= 2:
        head[1:1] = chunk_of(b"iCCP", b"icc\0\0" + zlib.compress(header.icc_profile, 1))
    size = _size(header)
    inflated = 0
    exact = True
    for piece, more in _inflated(data, packed, size, source):
        inflated += len(piece)
        exact = not more
    if inflated < size:
        raise UnreadableImage(
            source, f"pixels are missing: {inflated} of {size} bytes of them are there"
        )
    view = memoryview(data)
    if exact and packed[-1].whole:
        body: list[bytes | memoryview] = [view[c.start - 8 : c.end + 4] for c in packed]
    else:
        for chunk in packed:
            _check_sum(view, chunk, source)
        pieces = (piece for piece, _ in _inflated(data, packed, size, source))
        body = [part for each in _stored(pieces, size) for part in chunk_of(b"IDAT", each)]
    return b"".join((SIGNATURE, *head, *body, *chunk_of(b"IEND", b"")))


def _size(header: PngHeader) -> int:
    """Return how many bytes the pixels have before compression, a filter byte a row."""
    bits = header.channels * header.depth

    def rows(width: int, height: int) -> int:
        return height * (1 + -(-width * bits // 8)) if width else 0

    if not header.interlaced:
        return rows(header.width, header.height)
    return sum(
        rows(-(-(header.width - x) // across), -(-(header.height - y) // down))
        for x, y, across, down in _PASSES
        if header.width > x and header.height > y
    )


def _inflated(
    data: bytes, packed: list[Chunk], size: int, source: str
) -> Iterator[tuple[bytes, bool]]:
    """Yield `size` bytes at most, in pieces, and whether there is more, or no end, behind each.

    Raises
    ------
    UnreadableImage
        The compressed data are damaged.
    """
    from isal import isal_zlib

    unpacker: Any = isal_zlib.decompressobj()
    view = memoryview(data)
    broken: Any = (isal_zlib.error, zlib.error)
    left = size
    try:
        for chunk in packed:
            for start in range(chunk.start, chunk.end, _PIECE):
                checkpoint()
                waiting: Any = view[start : min(start + _PIECE, chunk.end)]
                while left and not unpacker.eof:
                    piece = unpacker.decompress(waiting, min(left, _PIECE))
                    waiting = unpacker.unconsumed_tail
                    left -= len(piece)
                    yield piece, True
                    if not piece or (not waiting and len(piece) < _PIECE):
                        break
                if not left:  # the checksum may be still to come
                    if not unpacker.eof and unpacker.decompress(waiting, 1):
                        return
                    if unpacker.eof:
                        yield b"", False
                        return
    except broken as error:
        raise UnreadableImage(source, f"pixels are damaged ({error})") from error


def _check_sum(view: memoryview, chunk: Chunk, source: str) -> None:
    stated = view[chunk.end : chunk.end + 4]
    if chunk.whole and zlib.crc32(view[chunk.start - 4 : chunk.end]) != int.from_bytes(
        stated, "big"
    ):
        raise UnreadableImage(source, "pixels are damaged (a checksum of the PNG data is wrong)")


def _stored(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield a zlib stream that holds `size` bytes as they are."""
    yield b"\x78\x01"
    adler = 1
    for piece in pieces:
        adler = zlib.adler32(piece, adler)
        for start in range(0, len(piece), _STORED):
            part = piece[start : start + _STORED]
            size -= len(part)
            yield struct.pack("<BHH", size == 0, len(part), len(part) ^ 0xFFFF) + part
    yield adler.to_bytes(4, "big")
