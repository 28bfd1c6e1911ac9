"""EXIF blocks and resolutions, cleaned so that they are true of an upright cut-out."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

__all__ = [
    "EXIF_PREFIX",
    "append_exif",
    "clean_exif",
    "dpi_of",
    "exif_byte_order",
    "exif_of_tiff",
    "stated_orientation",
    "stated_resolution",
]

#: What JPEG (always) and WebP (sometimes) put before the block itself.
EXIF_PREFIX: Final = b"Exif\0\0"

_ORIENTATION: Final = 0x0112
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
_THUMBNAIL_OFFSET: Final = 0x0201
_THUMBNAIL_LENGTH: Final = 0x0202
_STRIP_OFFSETS: Final = 0x0111
_STRIP_LENGTHS: Final = 0x0117
_SHORT: Final = 3
_LONG: Final = 4

#: A directory entry: tag, type, count, then four bytes of value or offset (TIFF 6.0, page 14).
_ENTRY: Final = 12


#: Bytes of one value of each type (TIFF 6.0, page 15; 13 is a pointer to a directory).
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_EXIF_POINTER, _GPS_POINTER, _INTEROP_POINTER = 0x8769, 0x8825, 0xA005
#: Tags of a first directory that speak about the picture rather than about its storage:
#: description, make, model, software, date, artist, host, copyright.
_TEXTS: Final = frozenset({0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x8298})
#: Nobody describes a picture at greater length.
_VALUE_LIMIT: Final = 1 << 20


class _Broken(Exception):
    """The block is no TIFF structure."""


class _Entry(NamedTuple):
    """One entry of a directory; `at` is where its value or offset stands."""

    tag: int
    kind: int
    values: int
    at: int

    @property
    def size(self) -> int:
        return _SIZES.get(self.kind, 1) * self.values


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

    def directory(self, at: int) -> tuple[dict[int, _Entry], int]:
        """Return entries by tag and the position of the link to the next directory."""
        count = self.number(at, "H")
        end = at + 2 + count * _ENTRY
        self.number(end, "I")
        entries = {}
        for position in range(at + 2, end, _ENTRY):
            tag, kind, values = struct.unpack_from(self.order + "HHI", self.data, position)
            entries[tag] = _Entry(tag, kind, values, position + 8)
        return entries, end

    def first(self) -> tuple[dict[int, _Entry], int]:
        """Return the first directory."""
        return self.directory(self.number(4, "I"))

    def value(self, entry: _Entry) -> int:
        """Return an entry that holds one small integer."""
        if entry.values != 1:
            raise _Broken
        return self.number(entry.at, "H" if entry.kind == _SHORT else "I")

    def raw(self, entry: _Entry) -> bytes:
        """Return the bytes of an entry's value."""
        at = entry.at if entry.size <= 4 else self.number(entry.at, "I")
        if entry.size > _VALUE_LIMIT or at + entry.size > len(self.data):
            raise _Broken
        return bytes(self.data[at : at + entry.size])

    def pack(self, entries: list[tuple[_Entry, bytes]], at: int) -> bytes:
        """Return a directory and its values as they would stand at offset `at`."""
        values_at = at + 2 + _ENTRY * len(entries) + 4
        head, body = struct.pack(self.order + "H", len(entries)), b""
        for entry, raw in sorted(entries):
            head += struct.pack(self.order + "HHI", entry.tag, entry.kind, entry.values)
            if entry.size <= 4:
                head += raw.ljust(4, b"\0")
            else:
                head += struct.pack(self.order + "I", values_at + len(body))
                body += raw + bytes(len(raw) % 2)
        return head + bytes(4) + body

    def readable(self, entries: dict[int, _Entry]) -> list[tuple[_Entry, bytes]]:
        """Return those entries whose values are there, with them."""
        found = []
        for entry in entries.values():
            try:
                found.append((entry, self.raw(entry)))
            except _Broken:
                continue
        return found

    def below(self, entries: dict[int, _Entry], pointer: int) -> list[tuple[_Entry, bytes]]:
        """Return the entries of the directory to which a tag points; none where it is broken."""
        if pointer not in entries:
            return []
        try:
            inner, _ = self.directory(self.value(entries[pointer]))
        except _Broken:
            return []
        inner.pop(_INTEROP_POINTER, None)
        return self.readable(inner)


def _without_prefix(block: bytes) -> bytes:
    return block.removeprefix(EXIF_PREFIX)


def stated_orientation(block: bytes) -> int:
    """Return the orientation that an EXIF block states, 0 where it states none that is valid."""
    try:
        tiff = _Block(_without_prefix(block))
        entries, _ = tiff.first()
        orientation = tiff.value(entries[_ORIENTATION]) if _ORIENTATION in entries else 0
    except _Broken:
        return 0
    return orientation if orientation in range(1, 9) else 0


def stated_resolution(block: bytes) -> tuple[float, float] | None:
    """Return the pixels per inch that an EXIF block states, None where it states none."""
    try:
        tiff = _Block(_without_prefix(block))
        entries, _ = tiff.first()
        if _X_RESOLUTION not in entries or _Y_RESOLUTION not in entries:
            return None
        unit = tiff.value(entries[_RESOLUTION_UNIT]) if _RESOLUTION_UNIT in entries else 2
        pairs = (tiff.raw(entries[tag]) for tag in (_X_RESOLUTION, _Y_RESOLUTION))
        (x, over_x), (y, over_y) = (struct.unpack(tiff.order + "II", raw) for raw in pairs)
    except (_Broken, struct.error):
        return None
    scale = {2: 1.0, 3: 2.54}.get(unit)
    return dpi_of((x / over_x * scale, y / over_y * scale)) if scale and over_x and over_y else None


def clean_exif(block: bytes | None) -> bytes | None:
    """Return an EXIF block for the upright picture: orientation 1, no thumbnail.

    The block is patched where it stands and nothing is moved, so that every other tag, maker notes
    with their own offsets included, stays readable. The thumbnail, which would show the removed
    background, is overwritten with zeros.

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
        entries, link = tiff.first()
        if _ORIENTATION in entries:
            at = entries[_ORIENTATION].at - 6  # its type, count and value
            struct.pack_into(tiff.order + "HIHH", tiff.data, at, _SHORT, 1, 1, 0)
        second = tiff.number(link, "I")
        struct.pack_into(tiff.order + "I", tiff.data, link, 0)
        if second:
            _drop_thumbnail(tiff, second)
        for entry in tiff.first()[0].values():  # again: the thumbnail may have covered it
            tiff.raw(entry)
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
                if 8 <= start < end:
                    tiff.data[start:end] = bytes(end - start)
    except _Broken:
        # The link is cut already; a thumbnail that cannot be found cannot be shown either.
        return


def exif_of_tiff(data: bytes) -> bytes | None:
    """Return what a TIFF file says about its picture as an EXIF block of its own.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    bytes or None
        Texts, Exif and GPS directories; None where there are none, or in a BigTIFF.
    """
    try:
        tiff = _Block(data)
        entries, _ = tiff.first()
    except _Broken:
        return None
    kept = tiff.readable({tag: e for tag, e in entries.items() if tag in _TEXTS})
    below = {p: inner for p in (_EXIF_POINTER, _GPS_POINTER) if (inner := tiff.below(entries, p))}
    pointers = {p: _Entry(p, _LONG, 1, 0) for p in below}
    if not kept and not below:
        return None
    at = 8 + len(tiff.pack(kept + [(entry, b"") for entry in pointers.values()], 8))
    rest = b""
    for pointer, inner in below.items():
        kept.append((pointers[pointer], struct.pack(tiff.order + "I", at + len(rest))))
        rest += tiff.pack(inner, at + len(rest))
    return data[:4] + struct.pack(tiff.order + "I", 8) + tiff.pack(kept, 8) + rest


def exif_byte_order(block: bytes | None) -> str:
    """Return ``"<"`` or ``">"``, the first where there is no block."""
    return ">" if block is not None and block.startswith(b"MM") else "<"


def append_exif(data: bytes, block: bytes | None) -> bytes:
    """Return a TIFF file with the texts, Exif and GPS directories of a block in it.

    The directory is written again at the end of the file, longer; all else stays where it is.

    Parameters
    ----------
    data : bytes
        A TIFF file of one picture, in the block's byte order.
    block : bytes or None
        An EXIF block.
    """
    if not block:
        return data
    try:
        file, source = _Block(data), _Block(block)
        entries, _ = source.first()
    except _Broken:
        return data
    records = {tag: bytes(file.data[e.at - 8 : e.at + 4]) for tag, e in file.first()[0].items()}

    def place(content: bytes) -> int:
        file.data += bytes(len(file.data) % 2)
        file.data += content
        return len(file.data) - len(content)

    for entry, raw in source.readable({tag: e for tag, e in entries.items() if tag in _TEXTS}):
        value = struct.pack(file.order + "I", place(raw)) if len(raw) > 4 else raw.ljust(4, b"\0")
        head = struct.pack(file.order + "HHI", entry.tag, entry.kind, entry.values)
        records[entry.tag] = head + value
    for pointer in (_EXIF_POINTER, _GPS_POINTER):
        if inner := source.below(entries, pointer):
            at = len(file.data) + len(file.data) % 2
            place(file.pack(inner, at))
            records[pointer] = struct.pack(file.order + "HHII", pointer, _LONG, 1, at)
    directory = struct.pack(file.order + "H", len(records))
    directory += b"".join(records[tag] for tag in sorted(records)) + bytes(4)
    struct.pack_into(file.order + "I", file.data, 4, place(directory))
    return bytes(file.data)


def dpi_of(value: object) -> tuple[float, float] | None:
    """Return a resolution as two positive floats, None where `value` is no sensible one."""
    try:
        x, y = (float(v) for v in value)  # type: ignore[attr-defined]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if 0.01 <= x <= 1e6 and 0.01 <= y <= 1e6:
        return x, y
    return None
