"""Pictures of several requests in one run of the network, where the network takes several at once.

Nobody waits for company: who comes while the network is idle runs at once, and all who come while
it runs go together next. On a GPU that is the difference between a busy and an idle one. On
processors it gains nothing, as one thread per picture already uses them fully, so that it is off
there unless it is asked for (`Settings.batch`, ``docs/server.md`` has the figures).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.errors import ModelError
from mattekit.models import ModelCard
from mattekit.runtime import Runtime
from mattekit.runtime.onnx_session import OnnxSession
from mattekit.runtime.session import Session, Tensor
from mattekit.tasks import checkpoint, detached
from mattekit_server.processors import fitted

__all__ = ["BatchingRuntime", "BatchingSession"]

#: Pictures of one run on a GPU, where nothing else is asked for.
ON_GPU: Final = 8


class _Call:
    """One picture on its way through the network."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor
        self.done = False
        self.alpha: NDArray[np.float32] | None = None
        self.kinds: NDArray[np.float32] | None = None
        self.error: ModelError | None = None


class BatchingSession:
    """A session that puts what arrives at the same time into one run. Safe from several threads.

    Parameters
    ----------
    session : Session
        Of a network that takes any number of pictures.
    most : int
        Pictures of one run.
    """

    def __init__(self, session: Session, most: int) -> None:
        self.session, self.most = session, most
        self._waiting: list[_Call] = []
        self._running = False
        self._changed = threading.Condition()

    @property
    def card(self) -> ModelCard:
        """As the session's."""
        return self.session.card

    @property
    def providers(self) -> tuple[str, ...]:
        """As the session's."""
        return self.session.providers

    @property
    def device(self) -> str:
        """As the session's."""
        return self.session.device

    def run(self, batch: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Run the network; see `Session.run`."""
        if len(batch) != 1:
            return self.session.run(batch)
        call = _Call(batch)
        with self._changed:
            self._waiting.append(call)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: call.done or not self._running)
                if call.done:
                    break
                # The network is free: who sees it first takes along those who have waited longest.
                self._running = True
                group = self._next()
            try:
                self._run(group)
            finally:
                with self._changed:
                    for each in group:
                        each.done = True
                    self._running = False
                    self._changed.notify_all()
        checkpoint()
        if call.error is not None:
            raise call.error
        if call.alpha is None:
            raise ModelError(self.card.name, "the run that this picture shared with others broke.")
        return call.alpha, call.kinds

    def close(self) -> None:
        """Give the network's memory back."""
        close = getattr(self.session, "close", None)
        if close is not None:
            close()

    def _next(self) -> list[_Call]:
        """Take out the longest waiting, and those who fit to it."""
        shape = self._waiting[0].tensor.shape
        group = [call for call in self._waiting if call.tensor.shape == shape][: self.most]
        self._waiting = [call for call in self._waiting if call not in group]
        return group

    def _run(self, group: list[_Call]) -> None:
        try:
            tensor = np.concatenate([call.tensor for call in group])
            with detached():  # it is the others' run as well
                alpha, kinds = self.session.run(tensor)
        except ModelError as error:
            if len(group) > 1:
                # As if each had come alone: too little memory for all, or one that breaks it.
                for call in group:
                    self._run([call])
            else:
                group[0].error = error
            return
        for index, call in enumerate(group):
            call.alpha = alpha[index : index + 1]
            call.kinds = None if kinds is None else kinds[index : index + 1]


class BatchingRuntime(Runtime):
    """A runtime whose networks run several pictures at once where they can.

    Parameters
    ----------
    batch : int
        Pictures of one run at most; 0 = `ON_GPU` on a GPU, 1 on processors.
    threads, parallel, cards
        As of `Runtime`.
    share : int
        Processors of this process, from which each network takes as many as suit it (`fitted`);
        0 = as many as `threads` says.
    """

    def __init__(
        self,
        batch: int = 0,
        *,
        threads: int | None = None,
        parallel: int | None = None,
        cards: Iterable[ModelCard] = (),
        share: int = 0,
    ) -> None:
        super().__init__(threads=1 if share else threads, parallel=parallel, cards=cards)
        self.batch, self.share = batch, share

    def _build(self, card: ModelCard, path: Path, device: str) -> Session:
        session = super()._build(card, path, device)
        most = self.batch or (1 if session.device == "cpu" else ON_GPU)
        if not isinstance(session, OnnxSession):
            return session
        if most > 1 and session.any_batch:
            return BatchingSession(session, most)
        return fitted(session, self.share) if self.share > 1 else session
