"""The directories of a TIFF file: which of its pages is the picture, read without a pixel."""

from __future__ import annotations

import struct
from collections import deque
from typing import Final, NamedTuple

from mattekit.errors import InvalidFileType, UnreadableImage

__all__ = ["Directory", "picture_pages", "read_directories", "starting_at"]

SUBFILE_TYPE, OLD_SUBFILE_TYPE = 254, 255
WIDTH, HEIGHT, PHOTOMETRIC, COMPRESSION = 256, 257, 262, 259
MAKER, ORIENTATION, SUB_DIRECTORIES = 271, 274, 330

#: Bits of NewSubfileType (TIFF 6.0, page 36).
REDUCED, _OF_DOCUMENT, _MASK = 1, 2, 4
#: SubfileType of old: a reduced picture (TIFF 6.0, page 40).
_OLD_REDUCED: Final = 2
_MASK_PHOTOMETRIC: Final = 4

#: Many-paged faxes have some hundreds; what is beyond is not looked at.
_MAX_DIRECTORIES: Final = 1024
#: Entries of all directories together; a page has about twenty.
_MAX_ENTRIES: Final = 1 << 16
#: Values of one entry that are looked at.
_MAX_VALUES: Final = 64
#: No profile is larger, see `mattekit.codecs.color.PROFILE_LIMIT`.
_MAX_BYTES: Final = 16 << 20

#: struct codes of the types of integers (TIFF 6.0, page 15; BigTIFF design, types 16 to 18).
_INTEGERS: Final = {
    1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q",
}  # fmt: skip
_OF_BYTES: Final = frozenset({1, 2, 6, 7})


class _Shape(NamedTuple):
    """How a kind of TIFF file stores its directories: classic or BigTIFF."""

    order: str
    first: int  # where the offset of the first directory stands
    number: str  # of entries
    entry: str
    inline: int
    offset: str


def _shape(data: bytes) -> _Shape | None:
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 16:
        return None
    version = struct.unpack_from(order + "H", data, 2)[0]
    if version == 42:
        return _Shape(order, 4, "H", "HHI4s", 4, "I")
    if version == 43:
        return _Shape(order, 8, "Q", "HHQ8s", 8, "Q")
    return None


class Directory(NamedTuple):
    """One directory of a TIFF file.

    Attributes
    ----------
    data : bytes
        The file.
    shape : tuple
        How it stores directories.
    at : int
        Offset of the directory.
    parent : Directory or None
        The directory that names it in its SubIFDs.
    entries : dict
        (type, number of values, value or offset as stored) by tag.
    """

    data: bytes
    shape: _Shape
    at: int
    parent: Directory | None
    entries: dict[int, tuple[int, int, bytes]]

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Return the first integers of an entry; none where it is absent, broken or no integer."""
        kind, count, stored = self.entries.get(tag, (0, 0, b""))
        code = _INTEGERS.get(kind)
        if code is None:
            return ()
        count = min(count, _MAX_VALUES)
        size = struct.calcsize(f"={count}{code}")
        raw = self._stored(size, stored)
        return struct.unpack(f"{self.shape.order}{count}{code}", raw) if len(raw) == size else ()

    def number(self, tag: int, default: int = 0) -> int:
        """Return the first integer of an entry."""
        return next(iter(self.numbers(tag)), default)

    def content(self, tag: int) -> bytes | None:
        """Return the bytes of an entry of bytes or text, None where it is absent or too long."""
        kind, count, stored = self.entries.get(tag, (0, 0, b""))
        if kind not in _OF_BYTES or not 0 < count <= _MAX_BYTES:
            return None
        raw = self._stored(count, stored)
        return raw if len(raw) == count else None

    def _stored(self, size: int, stored: bytes) -> bytes:
        if size <= self.shape.inline:
            return stored[:size]
        at = struct.unpack(self.shape.order + self.shape.offset, stored)[0]
        return self.data[at : at + size]

    def owner(self, tag: int) -> Directory:
        """Return the directory that speaks for this one: itself, or the one above that has `tag`.

        A camera writes orientation and profile once, into the first directory, and the picture
        below it.
        """
        here: Directory = self
        while tag not in here.entries and here.parent is not None:
            here = here.parent
        return here

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels; (0, 0) where it holds no picture."""
        width, height = self.number(WIDTH), self.number(HEIGHT)
        return (width, height) if width > 0 and height > 0 else (0, 0)

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self.size[0] * self.size[1]

    @property
    def is_reduced(self) -> bool:
        """Whether it says that it is a smaller copy of another page."""
        if self.number(SUBFILE_TYPE) & REDUCED:
            return True
        return SUBFILE_TYPE not in self.entries and self.number(OLD_SUBFILE_TYPE) == _OLD_REDUCED

    @property
    def is_of_document(self) -> bool:
        """Whether it says that it is one page of a document."""
        return bool(self.number(SUBFILE_TYPE) & _OF_DOCUMENT)

    @property
    def is_mask(self) -> bool:
        """Whether it says that it is the transparency mask of another page."""
        masks = self.number(SUBFILE_TYPE) & _MASK
        return bool(masks) or self.number(PHOTOMETRIC, -1) == _MASK_PHOTOMETRIC


def read_directories(data: bytes) -> tuple[list[Directory], bool]:
    """Return the directories of a TIFF file and whether all that it names are there.

    First those of the chain, then those that they name in their SubIFDs. Circles end where they
    close, and of a file with very many directories the first thousand are read.
    """
    shape = _shape(data)
    if shape is None:
        return [], False
    found: list[Directory] = []
    seen: set[int] = set()
    room, whole = _MAX_ENTRIES, True
    chain = struct.unpack_from(shape.order + shape.offset, data, shape.first)[0]
    below: deque[tuple[int, Directory]] = deque()
    while (chain or below) and len(found) < _MAX_DIRECTORIES:
        parent: Directory | None = None
        at = chain
        if not at:
            at, parent = below.popleft()
        following = 0
        if at not in seen:
            seen.add(at)
            read = _directory(data, shape, at, parent, room)
            if read is None:
                whole = False
            else:
                directory, following = read
                room -= len(directory.entries)
                found.append(directory)
                below.extend((child, directory) for child in directory.numbers(SUB_DIRECTORIES))
        chain = following if parent is None else 0
    return found, whole


def _directory(
    data: bytes, shape: _Shape, at: int, parent: Directory | None, room: int
) -> tuple[Directory, int] | None:
    """Return a directory and the offset of the next; None where the file ends before it does."""
    order = shape.order
    start = at + struct.calcsize("=" + shape.number)
    if at < shape.first or start > len(data):
        return None
    count = struct.unpack_from(order + shape.number, data, at)[0]
    step = struct.calcsize("=" + shape.entry)
    end = start + count * step
    if count > room or end > len(data):
        return None
    entries: dict[int, tuple[int, int, bytes]] = {}
    for tag, kind, number, stored in struct.iter_unpack(order + shape.entry, data[start:end]):
        entries.setdefault(tag, (kind, number, stored))
    # Some writers forget the link after the last directory.
    link = data[end : end + shape.inline].ljust(shape.inline, b"\0")
    directory = Directory(data, shape, at, parent, entries)
    return directory, struct.unpack(order + shape.offset, link)[0]


def picture_pages(directories: list[Directory], whole: bool, source: str) -> list[Directory]:
    """Return the directories of the pictures that a file holds; the first is its content.

    Masks are no pictures, and pages that say that they are reduced only where there is nothing
    else. Of the others it is those with more than half as many pixels as the largest: a smaller one
    is a preview that does not say so. Pages that say that they belong to a document count as equal.

    Raises
    ------
    UnreadableImage
        No page, or only a reduced one in a file that has lost others.
    InvalidFileType
        Nothing but masks.
    """
    pictures = [each for each in directories if each.area]
    if not pictures:
        raise UnreadableImage(source, "the TIFF data has no page" if whole else "it is truncated")
    shown = [each for each in pictures if not each.is_mask]
    if not shown:
        raise InvalidFileType(source, "a TIFF of a transparency mask alone", "a TIFF of a picture")
    full = [each for each in shown if not each.is_reduced]
    if not full:
        if not whole:
            raise UnreadableImage(source, "of the TIFF data only a reduced page is there")
        return [max(shown, key=lambda each: each.area)]
    if full[0].is_of_document:
        return full
    largest = max(each.area for each in full)
    return [each for each in full if 2 * each.area > largest]


def starting_at(directory: Directory) -> bytes:
    """Return the file with another directory as its first."""
    data, shape = directory.data, directory.shape
    if struct.unpack_from(shape.order + shape.offset, data, shape.first)[0] == directory.at:
        return data
    head = data[: shape.first] + struct.pack(shape.order + shape.offset, directory.at)
    return b"".join((head, memoryview(data)[len(head) :]))
