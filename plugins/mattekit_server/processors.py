"""How many processors a network of a server gets.

A small network gains little by a second processor and pays for it: pictures run side by side, each
on one. A large one takes hardly more processor time on several, so that who comes alone need wait
half as long only. Which kind it is, is measured once, when it is loaded.
"""

from __future__ import annotations

import contextlib
import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit import forking
from mattekit.errors import Canceled
from mattekit.models import ModelCard
from mattekit.runtime.onnx_session import OnnxSession
from mattekit.runtime.session import Session, Tensor
from mattekit.tasks import Task

__all__ = ["ElasticSession", "fitted"]

#: Processor seconds of a run from which on it is worth several processors. On two, the built-in
#: network (0.045) gains 13 % for 43 % more of them, u2netp (0.44) 41 % for 6 %.
_LARGE: Final = 0.15
#: Seconds after which a run that has not ended is not waited for any longer.
_PATIENCE: Final = 1.0
#: Processors of one run at most: beyond that they wait for each other.
_MOST_THREADS: Final = 4
#: Bytes up to which a network may be in memory twice.
_TWICE: Final = 64 << 20


class ElasticSession:
    """A network that has several processors while one picture is in it, and one each while more.

    Safe to call from several threads.

    Parameters
    ----------
    narrow, wide : Session
        The same network with one thread, and with several.
    """

    def __init__(self, narrow: Session, wide: Session) -> None:
        self.narrow, self.wide = narrow, wide
        self._running = 0
        self._lock = threading.Lock()
        forking.register(self)

    @property
    def card(self) -> ModelCard:
        """As the sessions'."""
        return self.narrow.card

    @property
    def providers(self) -> tuple[str, ...]:
        """As the sessions'."""
        return self.narrow.providers

    @property
    def device(self) -> str:
        """As the sessions'."""
        return self.narrow.device

    def run(self, batch: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Run the network; see `Session.run`."""
        with self._lock:
            self._running += 1
            session = self.wide if self._running == 1 else self.narrow
        try:
            return session.run(batch)
        finally:
            with self._lock:
                self._running -= 1

    def close(self) -> None:
        """Give the networks' memory back."""
        for session in (self.narrow, self.wide):
            close = getattr(session, "close", None)
            if close is not None:
                close()

    def after_fork(self) -> None:
        """Begin anew in a forked child, where nothing runs."""
        self._running = 0
        self._lock = threading.Lock()


def fitted(session: OnnxSession, share: int) -> Session:
    """Return a network with as many processors as suit it.

    Parameters
    ----------
    session : OnnxSession
        It, with one thread for each run.
    share : int
        Processors that are there.

    Returns
    -------
    Session
        `session` itself where it is small or not on processors; else an `ElasticSession`, or, where
        the network is too large to be in memory twice, one with several threads for each run.
    """
    if session.device != "cpu" or share < 2:
        return session
    twice = session.bytes <= _TWICE
    if twice and _seconds(session) < _LARGE:
        return session
    threads = min(share, _MOST_THREADS)
    if not twice:
        session.close()
    wide = OnnxSession(
        session.card, session.path, "cpu", threads=threads, parallel=-(-share // threads)
    )
    return ElasticSession(session, wide) if twice else wide


def _seconds(session: OnnxSession) -> float:
    """Return the processor time of a run, or of as much of it as was waited for."""
    task = Task()
    timer = threading.Timer(_PATIENCE, task.cancel)
    timer.start()
    # One that is not ready in time counts by what it has had: this machine may be busy.
    try:
        with contextlib.suppress(Canceled):
            task.run(session.warm_up)
    finally:
        timer.cancel()
    return task.seconds
