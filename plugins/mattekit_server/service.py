"""`Service`: what all requests of a process share."""

from __future__ import annotations

import hmac
import time
from typing import NamedTuple

from mattekit.editing import EditorStore
from mattekit.models import plugin_models
from mattekit.runtime import Runtime
from mattekit_server.access import AccessLog
from mattekit_server.authentication import Authenticator
from mattekit_server.batching import BatchingRuntime
from mattekit_server.bodies import Limits, MemoryLimit
from mattekit_server.engine import Engine, OpenEditor
from mattekit_server.fetching import Allowed, Fetcher
from mattekit_server.keys import Account, KeyStore
from mattekit_server.metrics import Metrics
from mattekit_server.pool import WorkerPool
from mattekit_server.problems import missing_key, wrong_key
from mattekit_server.rates import RateLimit
from mattekit_server.settings import Settings

__all__ = ["Caller", "Service"]


class Caller(NamedTuple):
    """Who makes a request.

    Attributes
    ----------
    identity : str
        What rates are counted by.
    account : Account or None
        Whose credits pay; None = nobody's, nothing is charged.
    """

    identity: str
    account: Account | None = None


class Service:
    """What all requests of a process share.

    Parameters
    ----------
    settings : Settings
        How the server behaves.
    runtime : Runtime, optional
        Where networks run; tests have their own.
    """

    def __init__(self, settings: Settings, runtime: Runtime | None = None) -> None:
        self.settings = settings
        concurrency = settings.concurrency_here
        # One thread per picture: pictures side by side use the cores better than threads that wait
        # for each other. An editor, and who opens the app, has one picture, and all threads for it.
        threads = settings.threads or (None if _serves_one(settings) else 1)
        self.runtime = _runtime_of(settings, threads, concurrency) if runtime is None else runtime
        self.engine = Engine(
            self.runtime,
            model=settings.model,
            device=settings.device,
            pixel_limit=settings.pixel_limit,
            local=settings.local,
            threads=threads,
        )
        self.pool = WorkerPool(concurrency, settings.queue)
        self.memory = MemoryLimit(settings.buffer_limit)
        self.limits = Limits(settings.file_limit, settings.body_limit, settings.body_timeout)
        self.fetcher = _fetcher_of(settings)
        self.keys = KeyStore(settings.database) if settings.database else None
        self.authenticator = (
            Authenticator(settings.oidc, self.keys) if settings.oidc and self.keys else None
        )
        self.rates = _rates_of(settings)
        self.improvements = _improvements_of(settings)
        self.editors: EditorStore[OpenEditor] = EditorStore(
            max(1, settings.editors), settings.editor_memory, settings.editor_seconds
        )
        self.metrics = Metrics()
        self.access_log = AccessLog(settings.access_log)
        self.model = ""
        self.last_request = time.monotonic()
        self.stop_asked = False
        #: Whether the process ends once it has answered what is under way.
        self.draining = False

    @property
    def waits_for_callers(self) -> bool:
        """Whether `caller` may wait for a database."""
        return self.settings.auth

    def caller(self, key: str, address: str) -> Caller:
        """Return who makes a request; may wait for the database.

        Raises
        ------
        Problem
            403: no key where one is needed, or one that is not valid.
        """
        if self.settings.token and hmac.compare_digest(
            self.settings.token.encode(), key.encode("utf-8", "replace")
        ):
            return Caller("token")
        if not self.settings.auth:
            return Caller(f"address-{address}")
        if not key:
            raise missing_key()
        account = self.keys.account(key) if self.keys else None
        if account is None and self.authenticator is not None:
            account = self.authenticator.users.account_by_key(key)
        if account is None:
            raise wrong_key()
        return Caller(f"key-{account.id}", account)

    def deadline_of(self, caller: Caller) -> float:
        """Return the seconds in which a caller must have an answer."""
        own = caller.account.deadline if caller.account else None
        return min(own or self.settings.deadline, self.settings.deadline)

    def answer_by(self, caller: Caller | None = None) -> float:
        """Return by when (of `time.monotonic`) a call that begins now must have an answer."""
        seconds = self.settings.deadline if caller is None else self.deadline_of(caller)
        return time.monotonic() + seconds

    def gauge(self) -> None:
        """Bring the gauges up to date (functions are not called in other processes)."""
        self.metrics.waiting.set(self.pool.waiting)
        self.metrics.running.set(self.pool.running)
        self.metrics.buffered.set(self.memory.used)

    def not_ready(self) -> list[str]:
        """Return why no requests should be sent here now; may wait for storages."""
        reasons = []
        if self.draining or self.stop_asked:
            reasons.append("it ends")
        if not self.model:
            reasons.append("the network is not loaded")
        if self.pool.waiting >= self.pool.queue:
            reasons.append("the queue is full")
        if self.keys is not None and not self.keys.check():
            reasons.append("the keys cannot be read")
        if self.rates is not None and not self.rates.check():
            reasons.append("the rate limit cannot be counted")
        return reasons

    def close(self) -> None:
        """Let everything go."""
        self.pool.close()
        for each in (self.keys, self.rates, self.improvements):
            if each is not None:
                each.close()


# -- what settings make ----------------------------------------------------------------------------


def _serves_one(settings: Settings) -> bool:
    """Return whether one person is served, and one picture at a time matters most."""
    return settings.local or settings.app


def _runtime_of(settings: Settings, threads: int | None, concurrency: int) -> Runtime:
    alone = _serves_one(settings) or bool(settings.threads)
    return BatchingRuntime(
        settings.batch,
        threads=threads,
        parallel=concurrency,
        cards=plugin_models(),
        share=0 if alone else settings.cores_here,
    )


def _fetcher_of(settings: Settings) -> Fetcher:
    return Fetcher(
        settings.file_limit,
        # Two files may have to be fetched, and the work comes after that.
        seconds=min(settings.fetch_timeout, settings.deadline / 3),
        redirects=settings.fetch_redirects,
        allowed=Allowed(settings.allow_internal),
        ports=settings.allow_ports,
    )


def _rates_of(settings: Settings) -> RateLimit | None:
    if not settings.rate_limit and not settings.database:  # keys may have limits of their own
        return None
    storage = settings.rate_storage or (
        _counted_here(settings) if settings.workers > 1 else "memory://"
    )
    return RateLimit(settings.rate_limit, storage)


def _improvements_of(settings: Settings) -> RateLimit | None:
    if not settings.improve_folder:
        return None
    storage = settings.rate_storage or _counted_here(settings)  # a day outlasts a process
    return RateLimit(settings.improve_per_day, storage, per="day")


def _counted_here(settings: Settings) -> str:
    """Return where processes of this machine count together.

    Beside the keys, not in their file: counting must not wait for a charge.
    """
    if settings.database is None or settings.shared:
        return "memory://"
    return f"sqlite://{settings.database}-rates"
