"""Pictures inside the strips and tiles of TIFF: how large they say they are.

Their decoders allocate what the piece says of itself, not what the file around it expects; a
piece of some hundred bytes may claim a gigapixel.

References
----------
.. [1] ITU-T T.81 (JPEG), B.2.2. W3C PNG (third edition), 11.2.1. RFC 9649 (WebP), 2.5 to 2.7.
.. [2] ITU-T T.800 (JPEG 2000), A.5.1 and I.4. ITU-T T.832 (JPEG XR), A.7.
.. [3] ISO/IEC 18181-1 (JPEG XL), size header; 18181-2, boxes.
"""

from __future__ import annotations

import struct
from typing import Final

from mattekit.codecs.directories import read_directories
from mattekit.codecs.jpegmarkers import ALONE, FRAMES, SOI, START

__all__ = ["stated_size", "webp_size"]

_JP2_SIGNATURE: Final = b"\0\0\0\x0cjP  "
_JXL_SIGNATURE: Final = b"\0\0\0\x0cJXL "
_JXR_WIDTH, _JXR_HEIGHT = 0xBC80, 0xBC81
#: Width to height that a JPEG XL header states in three bits.
_JXL_RATIOS: Final = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_JXL_BITS: Final = (9, 13, 18, 30)


def stated_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height that an encoded picture states, None where it is of no known kind.

    JPEG, PNG, WebP, JPEG 2000, JPEG XL and JPEG XR are known.
    """
    try:
        if data.startswith(START):
            return _jpeg(data)
        if data.startswith(b"\x89PNG"):
            return struct.unpack_from(">II", data, 16)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return webp_size(data)
        if data.startswith(b"\xff\x4f\xff\x51"):
            return _jpeg2000(data)
        if data.startswith(_JP2_SIGNATURE):
            return _jpeg2000(_box(data, {b"jp2c": 0}))
        if data.startswith(b"\xff\x0a"):
            return _jpegxl(data)
        if data.startswith(_JXL_SIGNATURE):
            return _jpegxl(_box(data, {b"jxlc": 0, b"jxlp": 4}))
        if data.startswith(b"II\xbc"):
            return _jpegxr(data)
    except struct.error:
        return None
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in {0xFF, SOI} or marker in ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Return the canvas that a WebP file claims, None where it is short."""
    if len(data) < 30:
        return None
    first, head = data[12:16], data[20:30]
    if first == b"VP8X":
        width, height = (1 + int.from_bytes(head[at : at + 3], "little") for at in (4, 7))
        return width, height
    if first == b"VP8L" and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if first == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", head, 6))
        return width, height
    return None


def _box(data: bytes, wanted: dict[bytes, int]) -> bytes:
    """Return the head of the first box of those kinds, without so many bytes at its begin."""
    at = 0
    for _ in range(1000):
        length, kind = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if length == 1:
            length = struct.unpack_from(">Q", data, start)[0]
            start += 8
        if kind in wanted:
            start += wanted[kind]
            return data[start : start + 64]
        if length < start - at:
            break
        at += length
    return b""


def _jpeg2000(data: bytes) -> tuple[int, int]:
    right, bottom, left, top = struct.unpack_from(">4I", data, 8)
    return right - left, bottom - top


def _jpegxl(data: bytes) -> tuple[int, int]:
    bits = int.from_bytes(data[2:18], "little")

    def take(count: int) -> int:
        nonlocal bits
        value = bits & ((1 << count) - 1)
        bits >>= count
        return value

    small = take(1)

    def side() -> int:
        return 8 * (1 + take(5)) if small else 1 + take(_JXL_BITS[take(2)])

    height = side()
    ratio = take(3)
    if not ratio:
        return side(), height
    across, down = _JXL_RATIOS[ratio - 1]
    return height * across // down, height


def _jpegxr(data: bytes) -> tuple[int, int] | None:
    # But for its version its container is that of TIFF.
    directories, _ = read_directories(b"II*\0" + data[4:])
    if not directories:
        return None
    return directories[0].number(_JXR_WIDTH), directories[0].number(_JXR_HEIGHT)
