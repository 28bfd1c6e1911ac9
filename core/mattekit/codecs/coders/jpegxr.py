"""JPEG XR at the depth of its file.

References
----------
.. [1] ITU-T T.832 (2019), 8.3 (image header of JPEG XR), annex A.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from mattekit.codecs.assembly import INTEGERS, photo_of
from mattekit.codecs.color import PROFILE_LIMIT
from mattekit.codecs.facts import Facts, facts_of
from mattekit.codecs.metadata import dpi_of
from mattekit.codecs.source import Check
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.geometry import Size
from mattekit.photo import Photo

__all__ = ["read", "size"]

#: Tags of JPEG XR: offset and length of the coded picture; the resolution.
_XR_PLACE: Final = (0xBCC0, 0xBCC1)
_XR_DPI: Final = (0xBC82, 0xBC83)


def size(data: bytes, source: str) -> Size:
    """Return the size that the coded data state."""
    return _xr_size(data, _xr_start(data, source))


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return a JPEG XR picture of unsigned integers."""
    at = _xr_start(data, source)
    # jxrlib fills what is missing with what lies in memory: where the coded data end, it is told.
    entries = _xr_entries(data)
    end = sum(entries.get(tag, (0, 0))[1] for tag in _XR_PLACE)
    if end > len(data):
        raise UnreadableImage(source, f"{end - len(data)} bytes of it are missing")
    kind = data[at + 11] & 15
    width, height = _xr_size(data, at)
    check(width, height)
    bits = {1: 8, 2: 16}.get(kind, 0)
    if not bits:
        raise InvalidFileType(source, "a JPEG XR of other than 8 or 16 bits", INTEGERS)
    import imagecodecs

    # jxrlib goes on reading behind the end: then what stands there shows.
    samples, other = (imagecodecs.jpegxr_decode(data + fill * 4096) for fill in (b"\x55", b"\xaa"))
    if not np.array_equal(samples, other):
        raise UnreadableImage(source, "pixels are missing")
    if samples.shape[:2] != (height, width):
        raise UnreadableImage(source, "its parts disagree about the size")
    profile, facts = _xr_facts(data, entries)
    return photo_of(samples, "jxr", source, profile, facts, bits=bits)


def _xr_start(data: bytes, source: str) -> int:
    """Return where the coded picture begins; its header is there as a whole."""
    at = data.find(b"WMPHOTO\0")
    if at < 0 or at + 24 > len(data):
        raise UnreadableImage(source, "the JPEG XR data has no picture")
    return at


def _xr_size(data: bytes, at: int) -> Size:
    short = data[at + 10] & 0x80
    width, height = struct.unpack_from(">HH" if short else ">II", data, at + 12)
    return Size(width + 1, height + 1)


def _xr_entries(data: bytes) -> dict[int, tuple[int, int]]:
    """Return count and value, or offset, of the entries of the directory of a JPEG XR file."""
    at = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[at : at + 2], "little")
    entries = {}
    for place in range(at + 2, min(at + 2 + 12 * count, len(data) - 11), 12):
        tag, _, length, value = struct.unpack_from("<HHII", data, place)
        entries[tag] = length, value
    return entries


def _xr_facts(data: bytes, entries: dict[int, tuple[int, int]]) -> tuple[bytes | None, Facts]:
    """Return profile, and resolution and XMP, of a JPEG XR file."""

    def content(tag: int) -> bytes | None:
        length, start = entries.get(tag, (0, 0))
        return data[start : start + length] if 4 < length <= PROFILE_LIMIT else None

    dpi = tuple(
        struct.unpack("<f", struct.pack("<I", entries.get(tag, (0, 0))[1]))[0] for tag in _XR_DPI
    )
    return content(0x8773), facts_of((), content(0x02BC), dpi=dpi_of(dpi))
