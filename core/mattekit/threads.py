"""How many processors a picture may use."""

from __future__ import annotations

import contextlib
import contextvars
import os
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
    begins no further one.
    """

    def one(item: T) -> None:
        checkpoint()
        function(item)

    count = min(cores(), len(items))
    if count < 2:
        for item in items:
            one(item)
        return
    with ThreadPoolExecutor(count) as pool:
        running = [pool.submit(contextvars.copy_context().run, one, item) for item in items]
        try:
            for future in running:
                future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
