"""What the page's visitors have in memory: bounded, each visitor's alone, forgotten after a time.

A visitor is a random number in a cookie. Nothing is written to disk. Everything here belongs to the
event loop but for `Cache`, which threads use.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Final, TypeAlias, TypeVar

from mattekit.geometry import Point, Size
from mattekit.photo import Photo
from mattekit_server.page.edits import Edit
from mattekit_server.prices import Purchase
from mattekit_server.problems import Problem

__all__ = ["Cache", "Reservation", "StoredPicture", "Subjects", "Visitor", "Visitors"]

T = TypeVar("T")
#: Value of the option of that name.
Subjects: TypeAlias = str | int | Point

#: Pictures of one visitor.
PICTURES: Final = 200
#: Visitors at once. Whoever has left nothing makes room for the next.
VISITORS: Final = 10_000
#: Edits of a picture whose results can be asked for, the newest.
EDITS: Final = 8


@dataclasses.dataclass(eq=False)
class StoredPicture:
    """A picture of a visitor, and what is known of it.

    Attributes
    ----------
    id : str
        Its name in addresses.
    name : str
        As the visitor calls the file.
    data : bytes
        The file.
    size : Size
        Upright, in pixels.
    found : bool
        Whether it has a subject.
    kind : str
        Of the subject.
    opened : dict
        Under what names it is kept opened, by the subjects that were asked for.
    purchase : Purchase
        Of the result at full size.
    state : bytes
        What the page remembers about its work on it: a text that only the page reads, as UTF-8.
    version : int
        Counts the states.
    """

    id: str
    name: str
    data: bytes
    size: Size
    found: bool = False
    kind: str = "other"
    opened: dict[Subjects, str] = dataclasses.field(default_factory=dict)
    purchase: Purchase = dataclasses.field(default_factory=Purchase)
    state: bytes = b""
    version: int = 0
    edits: collections.OrderedDict[int, Edit] = dataclasses.field(
        default_factory=collections.OrderedDict
    )
    lock: threading.RLock = dataclasses.field(default_factory=threading.RLock)
    _numbers: int = 0

    @property
    def memory(self) -> int:
        """Bytes that it takes for as long as it is kept."""
        return len(self.data) + len(self.state)

    def number_of(self, edit: Edit) -> int:
        """Return the number under which results of an edit can be asked for."""
        for number, each in self.edits.items():
            if each == edit:
                self.edits.move_to_end(number)
                return number
        self._numbers += 1
        self.edits[self._numbers] = edit
        while len(self.edits) > EDITS:
            self.edits.popitem(last=False)
        return self._numbers


@dataclasses.dataclass(eq=False)
class Visitor:
    """Whoever holds a cookie."""

    digest: bytes
    seen: float
    pictures: dict[str, StoredPicture] = dataclasses.field(default_factory=dict)
    backgrounds: dict[str, Photo] = dataclasses.field(default_factory=dict)
    reservations: list[Reservation] = dataclasses.field(default_factory=list)

    @property
    def memory(self) -> int:
        """Bytes of all that is kept, or on its way."""
        pictures = sum(each.memory for each in self.pictures.values())
        backgrounds = sum(each.color.nbytes for each in self.backgrounds.values())
        return pictures + backgrounds + sum(each.count for each in self.reservations)

    @property
    def promised(self) -> int:
        """Bytes of that which have only been announced."""
        return sum(each.count for each in self.reservations if not each.arrived)

    @property
    def idle(self) -> bool:
        """Whether nothing is lost where this visitor makes room for another."""
        return not self.pictures and not self.reservations


class Reservation:
    """Room for what is on its way from a visitor; see `Visitors.reserved`.

    Parameters
    ----------
    require : callable
        Refuses so many bytes more, where they would not fit.
    count : int
        Bytes.
    pictures : int
        How many of the visitor's pictures it will be.

    Attributes
    ----------
    arrived : bool
        Whether they are there. Bytes that were only announced count against their visitor alone:
        announcing costs nothing, and could keep all others out.
    """

    def __init__(self, require: Callable[[int], None], count: int, pictures: int) -> None:
        self.require, self.count, self.pictures = require, count, pictures
        self.arrived = False

    def resize(self, count: int) -> None:
        """Keep room for so many bytes instead, which are there; as `Visitors.require_room`."""
        before, self.count = self.count, 0
        try:
            self.require(count)
        except Problem:
            self.count = before
            raise
        self.count, self.arrived = count, True


class Visitors:
    """All visitors of a process.

    Parameters
    ----------
    memory : int
        Bytes of what they keep, all together; one of them may have half of that.
    seconds : float
        After which whoever has not come back is forgotten.
    clock : callable
        Seconds that only grow.
    forgotten : callable
        Given each picture of whoever is forgotten.
    """

    def __init__(
        self,
        memory: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        forgotten: Callable[[StoredPicture], None] = lambda picture: None,
    ) -> None:
        self.limit, self.seconds, self.clock, self.forgotten = memory, seconds, clock, forgotten
        # Who was here most recently comes last.
        self._visitors: collections.OrderedDict[bytes, Visitor] = collections.OrderedDict()

    def __len__(self) -> int:
        return len(self._visitors)

    def find(self, token: str) -> Visitor | None:
        """Return the visitor with this cookie, who has come back with that."""
        self.sweep()
        visitor = self._visitors.get(_digest(token)) if token else None
        if visitor is not None:
            visitor.seen = self.clock()
            self._visitors.move_to_end(visitor.digest)
        return visitor

    def add(self) -> tuple[str, Visitor]:
        """Return a new cookie and its visitor.

        Raises
        ------
        Problem
            503: there are too many, all with pictures.
        """
        self.sweep()
        if len(self._visitors) >= VISITORS:
            idle = next((each for each in self._visitors.values() if each.idle), None)
            if idle is None:
                raise _full()
            del self._visitors[idle.digest]
        token = secrets.token_urlsafe(32)
        # As with keys: what could be read out of memory, or logged, opens nothing.
        visitor = Visitor(_digest(token), self.clock())
        self._visitors[visitor.digest] = visitor
        return token, visitor

    def sweep(self) -> None:
        """Forget whoever has not come back in time."""
        oldest = self.clock() - self.seconds
        while self._visitors and next(iter(self._visitors.values())).seen < oldest:
            _, visitor = self._visitors.popitem(last=False)
            for picture in visitor.pictures.values():
                self.forgotten(picture)

    @contextlib.contextmanager
    def reserved(self, visitor: Visitor, count: int, *, pictures: int = 0) -> Iterator[Reservation]:
        """Keep room for so many bytes, and pictures, during a ``with`` block; as `require_room`.

        What arrives in the block is stored right after it: others cannot take the room in between.
        """
        self.require_room(visitor, count, pictures=pictures)
        room = Reservation(lambda more: self.require_room(visitor, more), count, pictures)
        visitor.reservations.append(room)
        try:
            yield room
        finally:
            visitor.reservations.remove(room)

    def require_room(self, visitor: Visitor, count: int, *, pictures: int = 0) -> None:
        """Refuse what would not fit: so many bytes more, and so many pictures.

        Raises
        ------
        Problem
            400 where the visitor keeps too much, 503 where all of them do.
        """
        many = len(visitor.pictures) + sum(each.pictures for each in visitor.reservations)
        if (pictures and many + pictures > PICTURES) or visitor.memory + count > self.limit // 2:
            raise Problem(
                400,
                "Too many pictures at once",
                "too_many_pictures",
                "Remove some of those that are finished.",
            )
        there = sum(each.memory - each.promised for each in self._visitors.values())
        if there + count > self.limit:
            raise _full()


class Cache:
    """What can be made again, as long as there is room: the least recently used goes first.

    Parameters
    ----------
    limit : int
        Bytes. Something larger than that is not kept at all.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._items: collections.OrderedDict[Hashable, tuple[Any, int]] = collections.OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes of what is kept."""
        return self._used

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """Return what is kept under `key`, or what `make` makes."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
                value: T = self._items[key][0]
                return value
        made = make()
        with self._lock:
            self._drop(key)
            self._items[key] = made, size(made)
            self._used += self._items[key][1]
            while self._used > self.limit:
                self._drop(next(iter(self._items)))
        return made

    def forget(self, belongs: Callable[[Any], bool]) -> None:
        """Let go of what has a key like this."""
        with self._lock:
            for key in [key for key in self._items if belongs(key)]:
                self._drop(key)

    def _drop(self, key: Hashable) -> None:
        if key in self._items:
            self._used -= self._items.pop(key)[1]


def _full() -> Problem:
    return Problem(
        503,
        "The server is full at the moment",
        "server_full",
        "Try again in a few minutes.",
        {"Retry-After": "60"},
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
