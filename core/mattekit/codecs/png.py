"""The chunks of a PNG file: its facts, read without decoding a pixel."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from mattekit.codecs.color import PROFILE_LIMIT
from mattekit.codecs.metadata import dpi_of
from mattekit.errors import UnreadableImage

__all__ = ["SIGNATURE", "PngHeader", "read_header"]

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
#: deflate cannot do better than this (RFC 1951: 258 bytes of output for two bits of input).
_MAX_RATIO: Final = 1032
_CHUNKS_LIMIT: Final = 1_000_000
_METRE: Final = 0.0254


class PngHeader(NamedTuple):
    """What the chunks around the pixels say.

    Attributes
    ----------
    width, height, depth : int
        Size in pixels, bits per sample.
    channels : int
        1 grey or palette, 2 grey and alpha, 3 RGB, 4 RGBA.
    palette : bool
    transparency : bytes or None
        The ``tRNS`` chunk.
    icc_profile : bytes or None
    dpi : tuple of float or None
    exif : bytes or None
    """

    width: int
    height: int
    depth: int
    channels: int
    palette: bool
    transparency: bytes | None
    icc_profile: bytes | None
    dpi: tuple[float, float] | None
    exif: bytes | None


def _chunks(data: bytes, source: str) -> Iterator[tuple[bytes, int, int]]:
    """Yield (type, start, end) of each chunk's content."""
    at = len(SIGNATURE)
    for _ in range(_CHUNKS_LIMIT):
        if at + 12 > len(data):
            raise UnreadableImage(source, "the PNG data is truncated")
        length = int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        start, end = at + 8, at + 8 + length
        if end + 4 > len(data):
            raise UnreadableImage(source, "the PNG data is truncated")
        yield name, start, end
        if name == b"IEND":
            return
        at = end + 4
    raise UnreadableImage(source, "the PNG data has too many chunks")


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
    packed = 0
    for name, start, end in _chunks(data, source):
        if head is None:
            if name != b"IHDR" or end - start != 13:
                raise UnreadableImage(source, "the PNG data does not begin with its header")
            head = struct.unpack_from(">IIBBBBB", data, start)
        elif name == b"IDAT":
            packed += end - start
        elif name in {b"tRNS", b"iCCP", b"pHYs", b"eXIf"} and name not in found:
            found[name] = data[start:end]
    assert head is not None  # an empty file has ended in _chunks
    width, height, depth, color_type, compression, filtering, interlace = head
    if depth not in _DEPTHS.get(color_type, set()) or compression or filtering or interlace > 1:
        raise UnreadableImage(source, "the PNG header is not valid")
    channels = _CHANNELS[color_type]
    if not packed or width * height * channels * depth // 8 > packed * _MAX_RATIO:
        raise UnreadableImage(source, "the PNG data is truncated")
    return PngHeader(
        width,
        height,
        depth,
        channels,
        color_type == 3,
        found.get(b"tRNS"),
        _profile(found.get(b"iCCP")),
        _resolution(found.get(b"pHYs")),
        found.get(b"eXIf"),
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


def _resolution(chunk: bytes | None) -> tuple[float, float] | None:
    if chunk is None or len(chunk) != 9:
        return None
    x, y, unit = struct.unpack(">IIB", chunk)
    return dpi_of((x * _METRE, y * _METRE)) if unit == 1 else None
