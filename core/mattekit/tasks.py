"""Work that can be ended from outside, and that tells how long each of its stages takes.

A thread cannot be killed. Whoever waits for one that works on a picture, and may want it back
before the picture is done, runs it as a `Task`: its long loops come by `checkpoint`, and leave from
there once the task is canceled. Between two checkpoints lies one call of a decoder, an encoder or
the network; the size of a picture bounds each (the longest at 25 megapixels is WebP without loss,
with two seconds), and `on_cancel` ends a network's run in its middle.

Processes could be killed at any moment. Each would hold a network of its own (120 MB with the
built-in one), could not share a run on a GPU with others, and would be away for over a second after
each picture that took too long, which is what somebody who means harm sends.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from mattekit.errors import Canceled

__all__ = ["Task", "checkpoint", "detached", "on_cancel", "stage"]

T = TypeVar("T")

_current: contextvars.ContextVar[Task | None] = contextvars.ContextVar("task", default=None)


class Task:
    """One piece of work as its supervisor sees it.

    Attributes
    ----------
    seconds : float
        Processor time of the thread that works, so far as blocks of `running` have ended.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._stages: dict[str, float] = {}
        self._canceled = False
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def stages(self) -> dict[str, float]:
        """Seconds that each stage took so far, in the order in which they ended."""
        with self._lock:  # whoever asks need not be who works
            return dict(self._stages)

    def count(self, name: str, seconds: float) -> None:
        """Add to what a stage took."""
        with self._lock:
            self._stages[name] = self._stages.get(name, 0.0) + seconds

    @property
    def canceled(self) -> bool:
        """Whether it should end."""
        return self._canceled

    def cancel(self) -> None:
        """Let the work end at its next checkpoint; may be called from any thread, and twice."""
        with self._lock:
            self._canceled = True
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Work on it inside a ``with`` block, in this thread.

        Raises
        ------
        Canceled
            It was canceled before it began.
        """
        started, token = time.thread_time(), _current.set(self)
        try:
            checkpoint()
            yield
        finally:
            _current.reset(token)
            self.seconds += time.thread_time() - started

    def run(self, function: Callable[[], T]) -> T:
        """Call a function as this task's work and return what it returns; raises as `running`."""
        with self.running():
            return function()

    def _add(self, callback: Callable[[], None]) -> None:
        with self._lock:
            self._callbacks.append(callback)
            canceled = self._canceled
        if canceled:
            callback()

    def _remove(self, callback: Callable[[], None]) -> None:
        with self._lock:
            self._callbacks.remove(callback)


def checkpoint() -> None:
    """Leave here if this thread's task should end; without a task nothing happens.

    Raises
    ------
    Canceled
        It should.
    """
    task = _current.get()
    if task is not None and task.canceled:
        raise Canceled


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Count the time of a ``with`` block, or of a function, as a stage of this thread's task."""
    checkpoint()
    task = _current.get()
    if task is None:
        yield
        return
    started = time.perf_counter()
    try:
        yield
    finally:
        task.count(name, time.perf_counter() - started)


@contextlib.contextmanager
def on_cancel(callback: Callable[[], None]) -> Iterator[None]:
    """Have something called, from another thread, when this thread's task is canceled in a block.

    Raises
    ------
    Canceled
        After the block, where it was: what the block returned may not be whole.
    """
    task = _current.get()
    if task is None:
        yield
        return
    checkpoint()
    task._add(callback)
    try:
        yield
    finally:
        task._remove(callback)
        checkpoint()


@contextlib.contextmanager
def detached() -> Iterator[None]:
    """Work for others too inside a block: it goes on when this thread's task is canceled."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)
