"""The worker pool, where pictures are worked on, a few at once, the rest in a short queue.

A server that accepts everything answers nothing in time. Here as many pictures run at once as there
are threads (one per core), a bounded number waits, and whoever comes after that, or would
wait beyond the deadline, is told at once when to come back.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

import anyio

from mattekit.tasks import Task
from mattekit_server.problems import Problem, overloaded

__all__ = ["ClientGone", "WorkerPool"]

T = TypeVar("T")

#: Seconds between two looks whether the client still waits.
_LOOK_AFTER: Final = 0.5
#: Weight of the newest picture in the running mean of the time that one takes.
_NEWEST: Final = 0.1


class ClientGone(Exception):
    """The client has closed the connection; nobody waits for an answer."""


class WorkerPool:
    """Runs functions in a bounded number of threads with a bounded queue before them.

    Belongs to one event loop.

    Parameters
    ----------
    count : int
        Threads.
    queue : int
        Calls that may wait.
    """

    def __init__(self, count: int, queue: int) -> None:
        self.count, self.queue = count, queue
        self.running = self.waiting = 0
        self.mean = 0.2  # seconds per call; a guess until there are some
        self._free = asyncio.Semaphore(count)
        self._threads = concurrent.futures.ThreadPoolExecutor(count, thread_name_prefix="picture")

    def check(self, deadline: float = math.inf) -> None:
        """Refuse a call that could not begin before `deadline` (of `time.monotonic`).

        Raises
        ------
        Problem
            503 with the time after which there should be room.
        """
        wait = self.expected_wait()
        if self.waiting >= self.queue or time.monotonic() + wait > deadline:
            raise overloaded(self.retry_after(), "The queue is full. Try again later.")

    def expected_wait(self) -> float:
        """Return for about how many seconds a new call would wait."""
        if self.running < self.count:
            return 0.0
        return (self.waiting + 1) * self.mean / self.count

    def retry_after(self) -> int:
        """Return after how many seconds about half of the queue is done, 1 to 60."""
        return min(60, max(1, math.ceil(self.expected_wait() / 2)))

    async def run(
        self,
        function: Callable[[], T],
        *,
        deadline: float,
        gone: Callable[[], Awaitable[bool]] | None = None,
        task: Task | None = None,
    ) -> T:
        """Run `function` in a thread and return what it returns.

        Work whose deadline has passed, or whose client has gone, is canceled: it leaves its thread
        at its next `mattekit.tasks.checkpoint`.

        Parameters
        ----------
        function : callable
            The work.
        deadline : float
            Of `time.monotonic`; the call ends by then.
        gone : callable, optional
            Whether the client has gone; asked when the work could begin, and while it goes on.
        task : Task, optional
            What is told about the work; by default nobody asks.

        Raises
        ------
        Problem
            503: the queue is full, or the deadline has passed.
        ClientGone
            Nobody waits any more.
        """
        with self.queued(deadline):
            await self._free.acquire()
        task = task or Task()
        try:
            if gone is not None and await gone():
                raise ClientGone
            future = asyncio.get_running_loop().run_in_executor(self._threads, task.run, function)
        except BaseException:
            self._free.release()
            raise
        self.running += 1
        started = time.monotonic()
        future.add_done_callback(lambda done: self._finished(done, started))
        try:
            while not future.done() and time.monotonic() < deadline:
                wait = min(_LOOK_AFTER, deadline - time.monotonic())
                await asyncio.wait([future], timeout=max(0.0, wait))
                if not future.done() and gone is not None and await gone():
                    raise ClientGone
        finally:
            if not future.done():
                task.cancel()
        if future.done():
            return future.result()
        raise self._too_late()

    @contextlib.contextmanager
    def queued(self, deadline: float) -> Iterator[None]:
        """Wait inside a ``with`` block as one of the queue; raises as `check` and `in_time`."""
        self.check(deadline)
        self.waiting += 1
        try:
            with self.in_time(deadline):
                yield
        finally:
            self.waiting -= 1

    @contextlib.contextmanager
    def in_time(self, deadline: float) -> Iterator[None]:
        """Give up waiting inside a ``with`` block at `deadline` (of `time.monotonic`).

        Raises
        ------
        Problem
            503.
        """
        try:
            with anyio.fail_after(max(0.0, deadline - time.monotonic())):
                yield
        except TimeoutError:
            raise self._too_late() from None

    async def drain(self) -> None:
        """Wait until nothing runs and nothing waits."""
        while self.running or self.waiting:
            await asyncio.sleep(0.02)

    def close(self) -> None:
        """Let the threads end when they have finished."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _finished(self, done: asyncio.Future[T], started: float) -> None:
        self.running -= 1
        self._free.release()
        self.mean += _NEWEST * (time.monotonic() - started - self.mean)
        if not done.cancelled():
            done.exception()  # seen; an answer that came too late is nobody's error

    def _too_late(self) -> Problem:
        """Return what a call is told whose deadline has passed."""
        return overloaded(self.retry_after(), "The picture could not be finished in time.")
