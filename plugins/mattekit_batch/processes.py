"""Processes of this machine, each with a network of its own.

Every child holds one end of a pipe: jobs go in, outcomes come out one by one, and when the parent
is gone, however it ended, the pipe is closed and the child ends too. A child that dies takes a few
pictures with it; these are then tried one at a time, so that the one that kills is found.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Final

from mattekit.errors import MattekitError, ModelError
from mattekit_batch.quarantine import Quarantine
from mattekit_batch.results import Job, Outcome
from mattekit_batch.worker import Worker, WorkerConfig, room_for

__all__ = ["ProcessPool"]

#: When so many children in a row end before they can begin, none ever will.
_FAILED_STARTS: Final = 3
_ADVICE: Final = (
    "What it has written to standard error says why. A program that calls mattekit_batch.run with "
    'several workers must do so below `if __name__ == "__main__":`.'
)

_log = logging.getLogger("mattekit.batch")  # below the one that the command shows


class _Child:
    def __init__(self, config: WorkerConfig, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other,), daemon=True)
        self.process.start()
        other.close()
        self.pipe.send((config, threads))
        self.jobs: dict[int, Job] = {}
        self.ready = False

    def send(self, job: Job) -> None:
        self.jobs[job.number] = job
        with contextlib.suppress(OSError):  # it has died; `receive` says so
            self.pipe.send(job)

    def receive(self) -> tuple[list[Outcome], bool]:
        """Return the outcomes that are there, and whether the child is alive."""
        outcomes = []
        try:
            while self.pipe.poll():
                outcome: Outcome | str | None = self.pipe.recv()
                if isinstance(outcome, str):
                    raise ModelError("workers", outcome)
                self.ready = True
                if outcome is None:
                    continue
                if self.jobs.pop(outcome.number, None) is not None:
                    outcomes.append(outcome)
        except (EOFError, OSError):
            return outcomes, False
        return outcomes, True

    @property
    def exit_reason(self) -> str:
        """How it ended."""
        code = self.process.exitcode
        how = f"was ended by signal {-code}" if code and code < 0 else f"ended with code {code}"
        return f"a worker process {how}"

    def end(self) -> None:
        """End the process; what it is writing is finished."""
        self.pipe.close()
        self.process.join(timeout=10)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


class ProcessPool:
    """Some processes that work on pictures.

    Parameters
    ----------
    config : WorkerConfig
    count : int
        How many.
    threads : int
        Cores that each may use.
    """

    def __init__(self, config: WorkerConfig, count: int, threads: int = 1) -> None:
        self.config, self.count, self._threads = config, count, threads
        self._room = room_for(config, self._threads)
        self._children: list[_Child] = []
        self.interrupted = False

    @property
    def size(self) -> tuple[int, int]:
        """How many processes, and how many cores they use."""
        return self.count, self.count * self._threads

    def work(self, jobs: Iterable[Job]) -> Generator[Outcome, None, None]:
        """Yield what becomes of jobs, in any order; as `Worker.work`.

        Raises
        ------
        ModelError
            No process can be started, or the network cannot be used.
        """
        again: deque[Job] = deque()
        quarantine = Quarantine(self.config.source)
        source = iter(jobs)
        more, failed_starts = True, 0
        while True:
            while len(self._children) < self.count:
                self._children.append(_Child(self.config, self._threads))
            if more and not quarantine.closed:
                more = self._feed(source, again)
            if not any(child.jobs for child in self._children):
                suspect = quarantine.next()
                if suspect is not None:
                    self._children[0].send(suspect)
                elif not more:
                    return
            for child in self._ready():
                outcomes, alive = child.receive()
                yield from outcomes
                if alive:
                    continue
                self._children.remove(child)
                child.end()
                lost = list(child.jobs.values())
                if not child.ready:
                    # No picture is to blame.
                    failed_starts += 1
                    if failed_starts >= _FAILED_STARTS:
                        raise ModelError(
                            "workers", f"no process can work: {child.exit_reason}. {_ADVICE}"
                        )
                    again.extend(lost)
                    more = True
                    continue
                failed_starts = 0
                self.interrupted = True
                failed = quarantine.put(lost, child.exit_reason)
                yield from failed
                if lost and not failed:
                    _log.warning(
                        "%s; its pictures are tried again: %d", child.exit_reason, len(lost)
                    )

    def _feed(self, source: Iterator[Job], again: deque[Job]) -> bool:
        """Hand out jobs as long as there is room; returns whether there may be more."""
        for child in self._children:
            while len(child.jobs) < self._room:
                job = again.popleft() if again else next(source, None)
                if job is None:
                    return False
                child.send(job)
        return True

    def _ready(self) -> list[_Child]:
        """Wait a little for children that have something to say, or have died."""
        waiting = {child.pipe: child for child in self._children}
        return [waiting[each] for each in wait(list(waiting), timeout=0.2)]  # type: ignore[index]

    def close(self) -> None:
        """End all processes; what they are writing is finished."""
        for child in self._children:
            child.pipe.close()
        for child in self._children:
            child.end()
        self._children.clear()


def _work(pipe: Connection) -> None:
    """Work on what comes out of a pipe until it is closed: the main function of a child."""
    # Ctrl-C is for the parent, who then closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        config, threads = pipe.recv()
    except EOFError:
        return
    if threads == 1:
        # Before numpy is imported: several processes share the cores.
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ.setdefault(name, "1")
    from mattekit.models import plugin_models
    from mattekit.runtime import Runtime

    worker = Worker(
        config, Runtime(threads=threads, cards=plugin_models()), named=True, threads=threads
    )

    lock = threading.Lock()

    def report(outcome: Outcome) -> None:
        with lock, contextlib.suppress(OSError):  # the parent has gone
            pipe.send(outcome)

    with contextlib.suppress(EOFError, OSError):
        try:
            worker.prepare()
        except MattekitError as error:
            pipe.send(str(error))
            return
        pipe.send(None)  # ready
        while True:
            worker.submit(pipe.recv(), report)
    worker.stop()
    # The network that is running is not waited for.
    os._exit(0)
