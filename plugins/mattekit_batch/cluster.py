"""The workers of an existing Dask cluster.

Pictures travel in chunks: one task is as many pictures as a worker needs a few seconds for, so that
neither the scheduler nor the network between feels them. There are never more tasks than keep all
workers busy; new ones are made as results come in, from a manifest that is read as it goes. What a
batch of ten million pictures holds in memory is therefore what one of a thousand does.

A `WorkerPlugin` brings the config to every worker, those that join later included. The first task
on a worker process loads the network, which stays for all others.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mattekit.errors import MattekitError, OptionError, PluginError, ServerError
from mattekit_batch.quarantine import Quarantine
from mattekit_batch.results import Job, Outcome
from mattekit_batch.worker import Worker, WorkerConfig

if TYPE_CHECKING:
    from mattekit.runtime import Runtime

__all__ = ["Cluster", "check_address"]

#: Seconds of work that a chunk should be: little enough that a lost one is no loss.
_CHUNK: Final = 3.0
_LARGEST: Final = 64
#: Tasks per thread of a worker: one at work, one waiting.
_AHEAD: Final = 2
#: Weight of the newest chunk in the running mean of seconds per picture.
_NEWEST: Final = 0.3
#: Seconds between looks at how many workers there are.
_POLL: Final = 2.0
#: Seconds to wait for a scheduler that has gone, or for workers.
_PATIENCE: Final = 300.0
#: Seconds between looks at what is finished; workers have their next task already.
_PAUSE: Final = 0.02
#: What distributed takes; of a host its name and its port.
_ADDRESS: Final = re.compile(
    r"(?:(?P<scheme>[a-z]+)://)?(?P<host>\[[^\]\s]+\]|[^\s/:]+):\d+/?|inproc://\S+"
)
#: How often a chunk may be lost without having ended a worker.
_TRIES: Final = 5

_log = logging.getLogger("mattekit.batch")  # below the one that the command shows


class _Chunk(NamedTuple):
    jobs: tuple[Job, ...]
    tries: int = 0


def check_address(scheduler: str) -> None:
    """Refuse what can be no address, which distributed would try for a minute.

    Raises
    ------
    OptionError
        It is no address.
    ServerError
        There is no such host.
    """
    found = _ADDRESS.fullmatch(scheduler)
    if found is None:
        raise OptionError("scheduler", scheduler, "an address, as tcp://10.0.0.1:8786")
    if found["host"]:
        try:
            socket.getaddrinfo(found["host"].strip("[]"), None)
        except (OSError, UnicodeError) as error:
            raise ServerError(scheduler, 0, "", f"there is no such host ({error})") from error


class Cluster:
    """The workers of a Dask scheduler.

    Parameters
    ----------
    config : WorkerConfig
        Its places must be ones that the workers reach: object stores, or folders that are mounted
        everywhere at the same path.
    scheduler : str
        Address, as ``tcp://host:8786``; settings for TLS come from Dask's own configuration.

    Raises
    ------
    PluginError
        distributed is not installed.
    ServerError
        No scheduler answers there.
    """

    #: The scheduler gives what a worker has begun to others, without a word to us.
    interrupted = True

    def __init__(self, config: WorkerConfig, scheduler: str) -> None:
        try:
            import distributed
        except ImportError as error:
            raise PluginError(
                "batch", f"--scheduler needs distributed ({error}). pip install mattekit[batch]"
            ) from error
        self.config, self.scheduler = config, scheduler
        self._distributed = distributed
        # Several batches may share a cluster, also with the same options.
        self._name = f"mattekit-{uuid.uuid4().hex}"
        self._pace = 0.0
        self._room, self._looked, self._noted = 0, 0.0, time.monotonic()
        self._seen = time.monotonic()
        try:
            self._client: Any = distributed.Client(scheduler, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise ServerError(
                scheduler, 0, "", f"no Dask scheduler answers there ({error})"
            ) from error
        self._register()

    def _register(self) -> None:
        """Bring the config to all workers, those of the future included."""
        self._client.register_plugin(_plugin(self._name, self.config), name=self._name)

    @property
    def size(self) -> tuple[int, int]:
        """How many worker processes there are, and how many threads they have."""
        threads = self._client.nthreads()
        return max(1, len(threads)), max(1, sum(threads.values()))

    def work(self, jobs: Iterable[Job]) -> Generator[Outcome, None, None]:
        """Yield what becomes of jobs, in any order; they are asked for as there is room.

        Raises
        ------
        ServerError
            The scheduler has gone and does not come back, there are no workers, or one cannot work.
        """
        source = iter(jobs)
        again: deque[_Chunk] = deque()
        quarantine = Quarantine(self.config.source)
        flying: dict[Any, _Chunk] = {}
        # Answers are fetched as they come, and not one after the other when they are asked for.
        finished = self._distributed.as_completed(
            loop=self._client.loop, with_results=True, raise_errors=False
        )
        more = True
        try:
            while True:
                room = self._capacity()
                while not quarantine.closed and len(flying) < room:
                    chunk, more = self._next(again, source, more)
                    if chunk is None:
                        break
                    self._submit(chunk, flying, finished)
                if not flying:
                    suspect = quarantine.next()
                    if suspect is not None:
                        self._submit(_Chunk((suspect,)), flying, finished)
                    elif not again and not more:
                        return
                for future, answer in finished.next_batch(block=False) or self._pause():
                    chunk = flying.pop(future)
                    fate = self._fate(future, answer, chunk)
                    future.release()
                    if isinstance(fate, list):
                        yield from fate
                    elif fate == "lost":
                        again.append(_Chunk(chunk.jobs, chunk.tries + 1))
                    else:
                        yield from quarantine.put(chunk.jobs, "worker processes end")
        finally:
            self._client.cancel(list(flying))

    def _pause(self) -> tuple[()]:
        time.sleep(_PAUSE)
        return ()

    def _next(
        self, again: deque[_Chunk], source: Iterator[Job], more: bool
    ) -> tuple[_Chunk | None, bool]:
        if again:
            return again.popleft(), more
        jobs: list[Job] = []
        wanted = 1 if not self._pace else int(min(max(_CHUNK / self._pace, 1), _LARGEST))
        while more and len(jobs) < wanted:
            try:
                jobs.append(next(source))
            except StopIteration:
                more = False
        return (_Chunk(tuple(jobs)) if jobs else None), more

    def _submit(self, chunk: _Chunk, flying: dict[Any, _Chunk], finished: Any) -> None:
        # Small answers, and a key that no other task has: nothing is to be remembered.
        future = self._client.submit(_work, self._name, chunk.jobs, pure=False)
        flying[future] = chunk
        finished.add(future)

    def _capacity(self) -> int:
        """Return how many tasks there should be; raises where there is nobody to do them."""
        now = time.monotonic()
        if now - self._looked < _POLL:
            return self._room
        self._looked, self._room = now, 0
        if self._client.status == "running":
            with contextlib.suppress(OSError, TimeoutError):
                self._room = _AHEAD * sum(self._client.nthreads().values())
        if self._room:
            self._seen = now
        elif now - self._seen > _PATIENCE:
            raise ServerError(
                self.scheduler, 0, "", "there are no workers, or the scheduler has gone",
                "What is done is written down; the same call goes on from there.",
            )  # fmt: skip
        elif now - self._noted > _POLL * 5:
            self._noted = now
            _log.warning("waiting for workers of %s", self.scheduler)
        return self._room

    def _fate(self, future: Any, answer: Any, chunk: _Chunk) -> list[Outcome] | str:
        """Return the outcomes of a task, or what happened instead: ``"lost"``, ``"killed"``."""
        if future.status == "finished" and isinstance(answer, tuple):
            seconds, outcomes = answer
            if len(outcomes) != len(chunk.jobs):
                return "lost"  # the worker was told that the batch has ended
            pace = seconds / max(1, len(chunk.jobs))
            self._pace = pace if not self._pace else self._pace + _NEWEST * (pace - self._pace)
            return list(outcomes)
        error = future.exception() if future.status == "error" else None
        if isinstance(error, self._distributed.scheduler.KilledWorker):
            _log.warning("workers have died with a chunk of %d pictures", len(chunk.jobs))
            return "killed"
        if isinstance(error, Unable):
            # It would fail fast, and so be given picture after picture.
            raise ServerError(self.scheduler, 0, "", str(error))
        if error is not None and not isinstance(error, NotRegistered):
            raise ServerError(self.scheduler, 0, "", f"a worker failed: {error!r}") from error
        # The scheduler, or the way to it, was gone for a while, and all has been forgotten.
        if chunk.tries >= _TRIES:
            raise ServerError(self.scheduler, 0, "", "tasks are lost again and again")
        _log.warning("%d pictures were lost on the way; they are begun anew", len(chunk.jobs))
        self._register_again()
        return "lost"

    def _register_again(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if self._client.status == "running":
                with contextlib.suppress(OSError, TimeoutError):
                    self._register()
                    return
            time.sleep(0.5)
        raise ServerError(
            self.scheduler, 0, "", "the scheduler has gone",
            "What is done is written down; the same call goes on from there.",
        )  # fmt: skip

    def close(self) -> None:
        """Cancel what has not begun, and leave; chunks at work end on their own."""
        try:
            self._client.unregister_worker_plugin(self._name)
        except (OSError, TimeoutError, ValueError) as error:
            _log.info("the scheduler was not told goodbye: %s", error)
        self._client.close(timeout=5)


# -- on the workers ----------------------------------------------------------------------------


class NotRegistered(Exception):
    """A task has come to a worker that knows nothing of its batch."""


class Unable(Exception):
    """A worker cannot work on any picture; the message says why."""


_CONFIGS: Final[dict[str, WorkerConfig]] = {}
_WORKERS: Final[dict[str, Worker]] = {}
_RUNTIMES: Final[list[Runtime]] = []
_LOCK: Final = threading.Lock()


def _plugin(name: str, config: WorkerConfig) -> Any:
    """Return what tells a worker of a batch."""
    from distributed import WorkerPlugin

    class BatchPlugin(WorkerPlugin):  # type: ignore[misc, unused-ignore]
        def setup(self, worker: Any) -> None:
            register(name, config)

        def teardown(self, worker: Any) -> None:
            unregister(name)

    return BatchPlugin()


def register(name: str, config: WorkerConfig) -> None:
    """Tell this process of a batch."""
    unregister(name)
    with _LOCK:
        _CONFIGS[name] = config


def unregister(name: str) -> None:
    """Forget a batch, and let its threads go."""
    with _LOCK:
        _CONFIGS.pop(name, None)
        worker = _WORKERS.pop(name, None)
    if worker is not None:
        worker.close()


def _worker(name: str) -> Worker:
    from distributed import get_worker

    from mattekit.models import plugin_models
    from mattekit.runtime import Runtime

    with _LOCK:
        if name not in _WORKERS:
            if name not in _CONFIGS:
                raise NotRegistered(name)
            threads = get_worker().state.nthreads
            if not _RUNTIMES:
                # One for all batches: what a client that was killed leaves behind is little.
                _RUNTIMES.append(Runtime(threads=threads, cards=plugin_models()))
            worker = Worker(_CONFIGS[name], _RUNTIMES[0], named=True, threads=threads)
            try:
                worker.prepare()
            except MattekitError as error:
                worker.close()
                # As text, since errors with facts do not travel.
                raise Unable(f"worker {get_worker().address}: {error}") from None
            _WORKERS[name] = worker
        return _WORKERS[name]


def _work(name: str, jobs: tuple[Job, ...]) -> tuple[float, list[Outcome]]:
    """Work on a chunk; returns the seconds that it took as well."""
    worker = _worker(name)
    started = time.perf_counter()
    outcomes = list(worker.work(jobs))
    return time.perf_counter() - started, outcomes
