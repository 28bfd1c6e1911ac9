"""The frame of a JPEG file: markers and segments, to read its facts and to write metadata."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from mattekit.codecs.facts import XMP_PREFIX, Facts, facts_of
from mattekit.codecs.jpegmarkers import (
    ALONE,
    APP0,
    APP1,
    APP2,
    EOI,
    FRAMES,
    HUFFMAN,
    JPEG_LS,
    PROGRESSIVE,
    SOS,
    START,
)
from mattekit.codecs.metadata import EXIF_PREFIX, dpi_of
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.picture import Metadata

__all__ = ["JpegHeader", "read_header", "with_metadata"]

_ICC_PREFIX: Final = b"ICC_PROFILE\0"
_SEGMENT_LIMIT: Final = 65_533  # what the two length bytes leave


class JpegHeader(NamedTuple):
    """What stands before the pixels.

    Attributes
    ----------
    width, height : int
        Size in pixels as stored.
    components : int
        1 grey, 3 colour, 4 CMYK or YCCK.
    precision : int
        Bits per sample.
    huffman : bool
        Whether it is baseline or progressive with Huffman codes, as almost every file.
    icc_profile : bytes or None
    facts : Facts
        From JFIF, EXIF and XMP.
    """

    width: int
    height: int
    components: int
    precision: int
    huffman: bool
    icc_profile: bytes | None
    facts: Facts


def _segments(data: bytes, source: str) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, start, end) of each segment up to and including the first scan's header."""
    at = 2
    while True:
        at = data.find(b"\xff", at)
        while 0 <= at < len(data) and data[at] == 0xFF:
            at += 1
        if at < 0 or at + 3 > len(data):
            raise UnreadableImage(source, "the JPEG data ends before its pixels")
        marker = data[at]
        at += 1
        if marker in ALONE or marker == 0:
            continue
        if marker == EOI:
            raise UnreadableImage(source, "the JPEG data holds no picture")
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > len(data):
            raise UnreadableImage(source, "a JPEG segment reaches past the end")
        yield marker, at + 2, at + length
        if marker == SOS:
            return
        at += length


def read_header(data: bytes, source: str) -> JpegHeader:
    """Return the facts of a JPEG file and make sure that its pixels can be there.

    A Huffman-coded block takes at least two bits in a baseline file and one in a progressive one,
    hence a file that is too short for its size is refused before any decoder allocates memory for
    it. Whether all pixels are there is for `mattekit.codecs.jpegpixels` to find out.

    Raises
    ------
    InvalidFileType
        JPEG-LS.
    UnreadableImage
        Broken or truncated.

    References
    ----------
    .. [1] ITU-T T.81 (1992), annex B. JFIF 1.02. ICC.1:2022, annex B.4.
    """
    frame: tuple[int, int, int] | None = None
    profile: dict[int, bytes] = {}
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    scan = 0
    for marker, start, end in _segments(data, source):
        if marker == JPEG_LS:
            raise InvalidFileType(source, "jpeg-ls", "a common JPEG, or PNG or TIFF: save it so")
        if marker in FRAMES and frame is None:
            frame = marker, start, end
        elif marker == APP0 and data[start : start + 5] == b"JFIF\0" and end - start >= 12:
            unit, x, y = struct.unpack_from(">BHH", data, start + 7)
            scale = {1: 1.0, 2: 2.54}.get(unit)
            dpi = dpi_of((x * scale, y * scale)) if scale else None
        elif marker == APP1 and exif is None and data[start : start + 6] == EXIF_PREFIX:
            exif = data[start + 6 : end]
        elif marker == APP1 and xmp is None and data[start:end].startswith(XMP_PREFIX):
            xmp = data[start + len(XMP_PREFIX) : end]
        elif marker == APP2 and data[start : start + 12] == _ICC_PREFIX and end - start > 14:
            profile[data[start + 12]] = data[start + 14 : end]
        elif marker == SOS:
            scan = end
    if frame is None:
        raise UnreadableImage(source, "the JPEG data has no frame header")
    marker, start, end = frame
    if end - start < 6 or end - start < 6 + 3 * data[start + 5]:
        raise UnreadableImage(source, "the JPEG frame header is too short")
    precision, height, width, components = struct.unpack_from(">BHHB", data, start)
    sampling = [data[start + 7 + 3 * i] for i in range(components)]
    huffman = marker in HUFFMAN
    if huffman and components in {1, 3, 4}:
        bits = _blocks(width, height, sampling) * (1 if marker in PROGRESSIVE else 2)
        if bits > 8 * (len(data) - scan):
            raise UnreadableImage(source, "the JPEG data is truncated")
    joined = b"".join(profile[i] for i in sorted(profile)) or None
    return JpegHeader(
        width, height, components, precision, huffman, joined, facts_of([exif], xmp, dpi=dpi)
    )


def _blocks(width: int, height: int, sampling: list[int]) -> int:
    """Return the least number of 8 × 8 blocks that a picture has."""
    factors = [(max(1, s >> 4), max(1, s & 15)) for s in sampling]
    widest, tallest = max(h for h, _ in factors), max(v for _, v in factors)
    return sum(-(-width * h // (8 * widest)) * -(-height * v // (8 * tallest)) for h, v in factors)


def with_metadata(data: bytes, metadata: Metadata) -> bytes:
    """Return a JPEG file with density, EXIF and profile put into it.

    Parameters
    ----------
    data : bytes
        A JPEG file that begins with SOI and, usually, its JFIF segment.
    metadata : Metadata
        What to put in. An EXIF block too long for its one segment is left out.
    """
    at = 2
    if data[2:4] == b"\xff\xe0":
        at += 2 + int.from_bytes(data[4:6], "big")
    unit, x, y = 0, 1, 1
    if metadata.dpi is not None:
        unit, (x, y) = 1, (min(65535, max(1, round(v))) for v in metadata.dpi)
    parts = [
        START,
        _segment(APP0, b"JFIF\0" + struct.pack(">HBHHBB", 0x0101, unit, x, y, 0, 0)),
    ]
    if metadata.exif is not None and len(metadata.exif) + 6 <= _SEGMENT_LIMIT:
        parts.append(_segment(APP1, EXIF_PREFIX + metadata.exif))
    if metadata.icc_profile is not None:
        room = _SEGMENT_LIMIT - 14
        pieces = range(0, len(metadata.icc_profile), room)
        if len(pieces) <= 255:
            for number, start in enumerate(pieces, 1):
                piece = metadata.icc_profile[start : start + room]
                parts.append(_segment(APP2, _ICC_PREFIX + bytes((number, len(pieces))) + piece))
    return b"".join([*parts, memoryview(data)[at:]])


def _segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content
