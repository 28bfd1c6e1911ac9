"""Who runs a job: a script that waits, or a timer that keeps the window alive."""

from __future__ import annotations

import threading
from typing import Any, Callable, List, Optional

from mattekit_bridge import Canceled
from mattekit_krita.plugin.jobs import Job, Offload, ProgressCallback, Report
from mattekit_krita.plugin.qt import QtCore

__all__ = ["Runner", "run_now"]

#: Milliseconds between two looks at what another thread does.
_PACE = 40


def run_now(job: Job, tell: ProgressCallback = lambda share, text: None) -> Report:
    """Run a job and return when it is done.

    Raises
    ------
    Canceled
        `tell` returned False.
    """
    answer: Any = None
    while True:
        try:
            step = _next(job, answer)
        except StopIteration as finished:
            report: Report = finished.value
            return report
        try:
            if isinstance(step, Offload):
                answer = step.work(_scaled(step, tell))
            else:
                answer = None if tell(step.share, step.text) is not False else Canceled()
        except Exception as error:  # noqa: BLE001 - the job decides what it means
            answer = error


class Runner:
    """Runs one job at a time beside Krita's event loop.

    Parameters
    ----------
    tell : callable
        Called in Krita's thread with the share that is done and what is being done.
    finished : callable
        Called in Krita's thread with the `Report`, or the exception that ended the job.
    """

    def __init__(self, tell: Callable[[float, str], None], finished: Callable[[Any], None]) -> None:
        self._tell, self._finished = tell, finished
        self._job: Optional[Job] = None
        self._thread: Optional[threading.Thread] = None
        self._news: List[Any] = []
        self._answer: Any = None
        self._canceled = False
        self._timer = QtCore.QTimer()
        self._timer.timeout.connect(self._go_on)

    @property
    def busy(self) -> bool:
        """Whether a job runs."""
        return self._job is not None

    def start(self, job: Job) -> None:
        """Begin."""
        self._job, self._answer, self._canceled = job, None, False
        self._timer.start(0)

    def cancel(self) -> None:
        """Ask it to end; `finished` is called with `Canceled` soon."""
        self._canceled = True

    # -- inside ----------------------------------------------------------------------------------

    def _go_on(self) -> None:
        assert self._job is not None
        if self._thread is not None:
            if self._news:
                self._tell(*self._news[-1])
            if self._thread.is_alive():
                return
            self._thread = None
        try:
            if self._canceled:
                self._answer = Canceled()
            step = _next(self._job, self._answer)
        except StopIteration as finished:
            self._end(finished.value)
            return
        except Exception as error:  # noqa: BLE001 - Krita must not die of it; it is shown
            self._end(error)
            return
        self._answer = None
        if isinstance(step, Offload):
            self._thread = threading.Thread(target=self._work, args=(step,), daemon=True)
            self._thread.start()
            self._timer.start(_PACE)
        else:
            self._tell(step.share, step.text)
            self._timer.start(0)

    def _work(self, step: Offload) -> None:
        def tell(share: float, text: str) -> bool:
            self._news[:] = [(share, text)]
            return not self._canceled

        try:
            self._answer = step.work(_scaled(step, tell))
        except Exception as error:  # noqa: BLE001 - handed to the job, in Krita's thread
            self._answer = error

    def _end(self, result: Any) -> None:
        self._timer.stop()
        self._job = None
        self._news.clear()
        self._finished(result)


def _next(job: Job, answer: Any) -> Any:
    """Let a job go on with what it waited for, or with the exception that this ended in."""
    return job.throw(answer) if isinstance(answer, Exception) else job.send(answer)


def _scaled(step: Offload, tell: ProgressCallback) -> ProgressCallback:
    """Return a `ProgressCallback` for the part of the whole that a step is."""
    return lambda share, text: tell(step.start + (step.end - step.start) * share, text)
