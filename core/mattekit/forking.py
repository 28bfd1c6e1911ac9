"""What a forked process must not inherit: threads that are gone, locks that nobody will open.

`fork` copies the memory of a process and one of its threads. A pool whose threads are gone waits
for them when it is used, and when it is destroyed; a lock that another thread held stays closed; a
connection has two owners. So whoever holds such a thing registers here, and makes it anew in a
child.

Registered objects are held while a fork goes on, so that none of them dies with the threads of the
parent, which the interpreter forgets before anything else happens in the child.
"""

from __future__ import annotations

import functools
import os
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

__all__ = ["Forkable", "Lock", "abandon", "abandon_cached", "cached_property", "register"]


class Forkable(Protocol):
    """Something that can be made fit for a forked child."""

    def after_fork(self) -> None:
        """Make anew, in the child, what must not be shared with the parent."""


_REGISTERED: Final[weakref.WeakSet[Forkable]] = weakref.WeakSet()
#: By thread, since several may fork at once.
_held: dict[int, list[Forkable]] = {}
_abandoned: list[object] = []


def register(owner: Forkable) -> None:
    """Let `owner` be told in every forked child, for as long as it lives."""
    _REGISTERED.add(owner)


def abandon(thing: object) -> None:
    """Keep `thing` from ever being destroyed in this process, not even when it ends.

    For what hangs, or harms the parent, when it is destroyed in a child. Its memory is shared with
    the parent and costs nothing until one of them writes to it.
    """
    import ctypes

    _abandoned.append(thing)
    # The list alone is emptied when the interpreter ends.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


class Lock:
    """A re-entrant lock that is open in a forked child, unless the thread that forked holds it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        register(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def after_fork(self) -> None:
        """Open it where its holder is gone."""
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock = threading.RLock()


if TYPE_CHECKING:
    from functools import cached_property
else:

    class cached_property(functools.cached_property):  # noqa: N801 - as the one of functools
        """`functools.cached_property` that is made once, however many threads want it first.

        Python 3.12 took the lock out of its own: of two connections made at once, one was never
        closed.
        """

        def __init__(self, make: Callable[[Any], object]) -> None:
            super().__init__(make)
            self._lock = Lock()

        def __get__(self, instance: object, owner: type | None = None) -> object:
            with self._lock:
                return super().__get__(instance, owner)


def abandon_cached(owner: object, name: str) -> None:
    """`abandon` what a `cached_property` holds, so that the next use makes it anew."""
    if name in owner.__dict__:
        abandon(owner.__dict__.pop(name))


def _before() -> None:
    _held[threading.get_ident()] = _owners()


def _owners() -> list[Forkable]:
    """Return what is registered, while other threads may register more.

    Without a lock, which a fork might copy closed. A set that grows under its iteration says so,
    and an error here would leave the child without any of its owners told.
    """
    while True:
        try:
            return list(_REGISTERED)
        except RuntimeError:
            continue


def _in_parent() -> None:
    _held.pop(threading.get_ident(), None)


def _in_child() -> None:
    owners = _held.pop(threading.get_ident(), [])
    # What other threads held for forks of their own: one more reference each, never given back.
    _abandoned.extend(_held.values())
    _held.clear()
    for owner in owners:
        owner.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
