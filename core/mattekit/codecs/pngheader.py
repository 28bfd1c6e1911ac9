"""The chunks of a PNG file: its facts, read without decoding a pixel."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from mattekit.codecs.color import PROFILE_LIMIT
from mattekit.codecs.facts import RAW_PROFILES, XMP_KEYWORD, Facts, facts_of, unpack
from mattekit.codecs.metadata import dpi_of
from mattekit.errors import UnreadableImage

__all__ = ["INCH", "SIGNATURE", "PngHeader", "chunk_of", "chunks", "read_header"]

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
#: deflate cannot do better than this (RFC 1951: 258 bytes of output for two bits of input).
_MAX_RATIO: Final = 1032
#: Files of 4 KiB an IDAT have this many for a gigabyte.
_MAX_CHUNKS: Final = 300_000
_TEXTS: Final = frozenset({*RAW_PROFILES, XMP_KEYWORD})
#: Metres of an inch.
INCH: Final = 0.0254


class PngHeader(NamedTuple):
    """What the chunks around the pixels say.

    Attributes
    ----------
    width, height, depth : int
        Size in pixels, bits per sample.
    channels : int
        1 grey or palette, 2 grey and alpha, 3 RGB, 4 RGBA.
    palette, interlaced : bool
    transparency : bytes or None
        The ``tRNS`` chunk.
    icc_profile : bytes or None
    facts : Facts
        From ``pHYs``, ``eXIf`` and texts.
    """

    width: int
    height: int
    depth: int
    channels: int
    palette: bool
    interlaced: bool
    transparency: bytes | None
    icc_profile: bytes | None
    facts: Facts


class Chunk(NamedTuple):
    """A chunk: its type, where its content starts and ends, and whether all of it is there."""

    name: bytes
    start: int
    end: int
    whole: bool


def chunks(data: bytes, source: str) -> Iterator[Chunk]:
    """Yield each chunk up to and without ``IEND``, which a file may lack.

    Raises
    ------
    UnreadableImage
        There are too many.
    """
    at = len(SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        if at + 8 > len(data):
            return
        name = data[at + 4 : at + 8]
        if name == b"IEND":
            return
        start = at + 8
        end = start + int.from_bytes(data[at : at + 4], "big")
        yield Chunk(name, start, min(end, len(data)), end + 4 <= len(data))
        at = end + 4
    raise UnreadableImage(source, f"the PNG data has more than {_MAX_CHUNKS} chunks")


def chunk_of(name: bytes, content: bytes) -> tuple[bytes, bytes, bytes]:
    """Return a chunk in its parts: length and type, content, checksum."""
    from isal import isal_zlib

    checksum = isal_zlib.crc32(content, isal_zlib.crc32(name))
    return struct.pack(">I", len(content)) + name, content, struct.pack(">I", checksum)


def read_header(data: bytes, source: str) -> PngHeader:
    """Return the facts of a PNG or APNG file and make sure that its pixels can be there.

    Raises
    ------
    UnreadableImage
        Broken or truncated.

    References
    ----------
    .. [1] W3C, Portable Network Graphics (PNG) Specification, third edition (2025).
    """
    head: tuple[int, ...] | None = None
    found: dict[bytes, bytes] = {}
    texts: dict[str, bytes] = {}
    packed = 0
    for name, start, end, whole in chunks(data, source):
        if head is None:
            if not whole or name != b"IHDR" or end - start != 13:
                raise UnreadableImage(source, "the PNG data does not begin with its header")
            head = struct.unpack_from(">IIBBBBB", data, start)
        elif name == b"IDAT":
            packed += end - start
        elif whole and name in {b"tRNS", b"iCCP", b"pHYs", b"eXIf"} and name not in found:
            found[name] = data[start:end]
        elif whole and name in {b"tEXt", b"zTXt", b"iTXt"}:
            keyword = data[start : start + 80].split(b"\0")[0].decode("latin-1")
            if keyword in _TEXTS and keyword not in texts:
                texts[keyword] = _text(name, data[start + len(keyword) + 1 : end])
    if head is None:
        raise UnreadableImage(source, "the PNG data is truncated")
    width, height, depth, color_type, compression, filtering, interlace = head
    if depth not in _DEPTHS.get(color_type, set()) or compression or filtering or interlace > 1:
        raise UnreadableImage(source, "the PNG header is not valid")
    channels = _CHANNELS[color_type]
    # Whether all pixels are there is for `mattekit.codecs.pngpixels` to find out.
    if not packed or width * height * channels * depth // 8 > packed * _MAX_RATIO:
        raise UnreadableImage(source, "the PNG data is truncated")
    return PngHeader(
        width,
        height,
        depth,
        channels,
        color_type == 3,
        interlace == 1,
        found.get(b"tRNS"),
        _profile(found.get(b"iCCP")),
        facts_of([found.get(b"eXIf")], dpi=_resolution(found.get(b"pHYs")), texts=texts),
    )


def _profile(chunk: bytes | None) -> bytes | None:
    """Unpack ``iCCP``: name, NUL, method 0, zlib stream; None where it is broken or too large."""
    if chunk is None:
        return None
    at = chunk.find(b"\0", 0, 80)
    if at < 1 or chunk[at + 1 : at + 2] != b"\0":
        return None
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(chunk[at + 2 :], PROFILE_LIMIT)
    except zlib.error:
        return None
    return profile if unpacker.eof else None


def _text(kind: bytes, content: bytes) -> bytes:
    """Return what follows the keyword of a text, unpacked; empty where it is broken or too long."""
    if kind == b"tEXt":
        return content
    if kind == b"zTXt":
        return unpack(content[1:]) if content[:1] == b"\0" else b""
    # iTXt: whether it is compressed, how, a language, the keyword in it, the text.
    _, _, text = content[2:].partition(b"\0")
    _, _, text = text.partition(b"\0")
    return unpack(text) if content[:1] == b"\1" else text


def _resolution(chunk: bytes | None) -> tuple[float, float] | None:
    if chunk is None or len(chunk) != 9:
        return None
    x, y, unit = struct.unpack(">IIB", chunk)
    return dpi_of((x * INCH, y * INCH)) if unit == 1 else None
