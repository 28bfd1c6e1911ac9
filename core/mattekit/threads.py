"""How many processors a picture may use."""

from __future__ import annotations

import contextlib
import contextvars
import os
from collections.abc import Iterator

__all__ = ["at_most", "cores"]

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
