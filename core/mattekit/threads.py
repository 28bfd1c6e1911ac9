"""How many processors a picture may use."""

from __future__ import annotations

import contextlib
import contextvars
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final, TypeVar

from mattekit.forking import abandon, register
from mattekit.tasks import checkpoint

__all__ = ["HELPER", "at_most", "beside", "cores", "for_each"]

#: What the names of threads begin with that wait for work here, and that nobody need wait for.
HELPER: Final = "mattekit helper"

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
    else, it does not wait for them. Others begin at the end: so most of a picture stays with the
    same processor from step to step, and what another one wrote takes long to be read.
    """
    if len(items) == 1:
        checkpoint()
        function(items[0])
        return
    left = deque(items)

    def work(take: Callable[[], T]) -> None:
        try:
            for item in _drain(left, take):
                checkpoint()
                function(item)
        except BaseException:
            left.clear()
            raise

    helpers = min(cores(), len(items)) - 1
    with contextlib.ExitStack() as running:
        for _ in range(helpers):
            running.enter_context(beside(lambda: work(left.pop)))
        work(left.popleft)


@contextlib.contextmanager
def beside(function: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Let another processor call a function during a ``with`` block; `for_each` is for many.

    What the block is given returns the function's result, or raises what it raised. Where no other
    processor had time for it by then, or there is none, this thread calls it there. It has ended
    when the block has, and what it raised is raised then at the latest. In a child that is forked
    inside the block it is never waited for.
    """
    if cores() < 2:
        yield function
        return
    future, process = _helpers.begin(function), os.getpid()

    def is_ours() -> bool:
        # Whoever had begun it is a thread of the parent's, and so may be what its lock waits for.
        return os.getpid() != process or future.cancel()

    try:
        yield lambda: function() if is_ours() else future.result()
    except BaseException:
        if not is_ours():
            wait([future])
        raise
    if not is_ours():
        future.result()


class _Helpers:
    """Threads that stay: to begin one takes as long as some of the work that it is to share.

    Those that wait for work take whoever's comes first. What no one takes, whoever asked for it
    does alone, so that nobody waits for a thread that waits for others.
    """

    def __init__(self) -> None:
        self._pool = self._made()
        register(self)

    def begin(self, function: Callable[[], T]) -> Future[T]:
        """Hand a function on, to be called in this thread's context on one processor.

        It comes back canceled where there is no thread for it: the system gives no more of them, or
        the main thread has ended already.
        """
        context = contextvars.copy_context()
        context.run(_share.set, 1)
        future: Future[T] = Future()
        calls = [lambda: context.run(function)]
        try:
            self._pool.submit(_fulfil, future, calls)
        except RuntimeError:
            # It may be in the queue all the same, for whatever thread there is one day.
            if future.cancel():
                calls.clear()
        return future

    def after_fork(self) -> None:
        """Begin anew: the threads are the parent's."""
        abandon(self._pool)
        self._pool = self._made()

    def _made(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix=HELPER)


def _fulfil(future: Future[T], calls: list[Callable[[], T]]) -> None:
    """Call what is wanted still, and let a future have what comes of it."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = calls.pop()()
    except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
        future.set_exception(error)
        del future  # which holds the error, whose traceback holds this frame
    else:
        future.set_result(result)


def _drain(left: deque[T], take: Callable[[], T]) -> Iterator[T]:
    """Take one after the other, which several threads may do at once."""
    while left:
        try:
            item = take()
        except IndexError:  # another thread has taken the last one
            return
        yield item


_helpers: Final = _Helpers()
