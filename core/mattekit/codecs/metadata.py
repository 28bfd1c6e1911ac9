"""EXIF blocks and resolutions, cleaned so that they are true of an upright cut-out."""

from __future__ import annotations

import struct
from typing import Final

__all__ = ["EXIF_PREFIX", "clean_exif", "dpi_of", "orientation_of"]

#: What JPEG (always) and WebP (sometimes) put before the block itself.
EXIF_PREFIX: Final = b"Exif\0\0"

_ORIENTATION: Final = 0x0112
_THUMBNAIL_OFFSET: Final = 0x0201
_THUMBNAIL_LENGTH: Final = 0x0202
_STRIP_OFFSETS: Final = 0x0111
_STRIP_LENGTHS: Final = 0x0117
_SHORT: Final = 3
_LONG: Final = 4

#: A directory entry: tag, type, count, then four bytes of value or offset (TIFF 6.0, page 14).
_ENTRY: Final = 12


class _Broken(Exception):
    """The block is no TIFF structure."""


class _Block:
    """A TIFF-structured block with checked access."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        self.order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4], "")
        if not self.order:
            raise _Broken

    def number(self, at: int, code: str) -> int:
        try:
            value: int = struct.unpack_from(self.order + code, self.data, at)[0]
        except struct.error:
            raise _Broken from None
        return value

    def directory(self, at: int) -> tuple[dict[int, tuple[int, int, int]], int]:
        """Return tag → (type, count, position of the value) and the position of the link."""
        count = self.number(at, "H")
        end = at + 2 + count * _ENTRY
        self.number(end, "I")
        entries = {}
        for position in range(at + 2, end, _ENTRY):
            tag, kind, values = struct.unpack_from(self.order + "HHI", self.data, position)
            entries[tag] = (kind, values, position + 8)
        return entries, end

    def value(self, entry: tuple[int, int, int]) -> int:
        """Return the first value of an entry that holds a small integer."""
        kind, count, at = entry
        if count != 1:
            raise _Broken
        return self.number(at, "H" if kind == _SHORT else "I")


def _without_prefix(block: bytes) -> bytes:
    return block.removeprefix(EXIF_PREFIX)


def orientation_of(block: bytes | None) -> int:
    """Return the orientation that an EXIF block states, 1 where it states none."""
    if not block:
        return 1
    try:
        tiff = _Block(_without_prefix(block))
        entries, _ = tiff.directory(tiff.number(4, "I"))
        if _ORIENTATION not in entries:
            return 1
        orientation = tiff.value(entries[_ORIENTATION])
    except _Broken:
        return 1
    return orientation if orientation in range(1, 9) else 1


def clean_exif(block: bytes | None) -> bytes | None:
    """Return an EXIF block for the upright picture: orientation 1, no thumbnail.

    The block is patched where it stands and nothing is moved, so that every other tag, maker notes
    with their own offsets included, stays readable. The thumbnail, which would show the removed
    background, is overwritten with zeros, and cut off where it is the end.

    Parameters
    ----------
    block : bytes or None
        A TIFF-structured block, with or without the prefix that JPEG needs.

    Returns
    -------
    bytes or None
        Without the prefix; None where there is nothing that other programs could parse.
    """
    if not block:
        return None
    try:
        tiff = _Block(_without_prefix(block))
        entries, link = tiff.directory(tiff.number(4, "I"))
        if _ORIENTATION in entries:
            _, _, at = entries[_ORIENTATION]
            struct.pack_into(tiff.order + "HIHH", tiff.data, at - 6, _SHORT, 1, 1, 0)
        second = tiff.number(link, "I")
        struct.pack_into(tiff.order + "I", tiff.data, link, 0)
        if second:
            _drop_thumbnail(tiff, second)
    except _Broken:
        return None
    return bytes(tiff.data)


def _drop_thumbnail(tiff: _Block, at: int) -> None:
    try:
        entries, _ = tiff.directory(at)
        pairs = ((_THUMBNAIL_OFFSET, _THUMBNAIL_LENGTH), (_STRIP_OFFSETS, _STRIP_LENGTHS))
        for offset_tag, length_tag in pairs:
            if offset_tag in entries and length_tag in entries:
                start, length = tiff.value(entries[offset_tag]), tiff.value(entries[length_tag])
                end = min(start + length, len(tiff.data))
                if end == len(tiff.data) and start > at:
                    del tiff.data[start:]
                elif 8 <= start < end:
                    tiff.data[start:end] = bytes(end - start)
    except _Broken:
        # The link is cut already; a thumbnail that cannot be found cannot be shown either.
        return


def dpi_of(value: object) -> tuple[float, float] | None:
    """Return a resolution as two positive floats, None where `value` is no sensible one."""
    try:
        x, y = (float(v) for v in value)  # type: ignore[attr-defined]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if 0.01 <= x <= 1e6 and 0.01 <= y <= 1e6:
        return x, y
    return None
