"""How many processors a picture may use."""

from __future__ import annotations

import contextlib
import contextvars
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mattekit.tasks import checkpoint

__all__ = ["at_most", "cores", "for_each"]

T = TypeVar("T")

_share: contextvars.ContextVar[int] = contextvars.ContextVar("share of the cores", default=0)


def cores() -> int:
    """Return how many processors a picture may use: all of this process, or see `at_most`."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return min(count, _share.get() or count)


@contextlib.contextmanager
def at_most(count: int | None) -> Iterator[None]:
    """Let this thread's pictures use so many processors inside a ``with`` block; None is all.

    Who works on several pictures side by side keeps each to its share: threads of one interpreter
    that wait for each other cost more than they bring.
    """
    token = _share.set(count or 0)
    try:
        yield
    finally:
        _share.reset(token)


def for_each(function: Callable[[T], object], items: Sequence[T]) -> None:
    """Call a function for each item, on as many processors as this picture may use.

    Worth it where the function spends its time in compiled code that lets go of Python's lock.
    What it raises is raised here; items that nobody has begun are left out then. A canceled task
    begins no further one. This thread works as well: where other processors are busy with something
    else, it does not wait for them.
    """
    left = deque(items)

    def work() -> None:
        try:
            for item in _drain(left):
                checkpoint()
                function(item)
        except BaseException:
            left.clear()
            raise

    helpers = min(cores(), len(items)) - 1
    if helpers < 1:
        work()
        return
    with ThreadPoolExecutor(helpers) as pool:
        running = [pool.submit(contextvars.copy_context().run, work) for _ in range(helpers)]
        work()
        for future in running:
            future.result()


def _drain(left: deque[T]) -> Iterator[T]:
    """Take one after the other, which several threads may do at once."""
    while left:
        try:
            item = left.popleft()
        except IndexError:  # another thread has taken the last one
            return
        yield item
