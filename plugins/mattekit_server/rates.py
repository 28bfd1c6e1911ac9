"""The rate limit: megapixels per key and minute.

As the remove.bg API counts: a call costs the input's megapixels, rounded, at least 1; the window is
fixed and begins with its first call; calls that end in an error are not counted. They are here by
the processor time that they took: a call that fails at once is free, but who sends pictures that
take long to fail soon has to wait.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.errors import ConfigurationError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from mattekit import forking
from mattekit.errors import OptionError
from mattekit_server.database import transaction
from mattekit_server.private import make_private_database
from mattekit_server.problems import Problem, overloaded

__all__ = ["RateLimit", "SQLiteStorage", "Window", "megapixel_units", "time_units"]

_log = logging.getLogger(__name__)

#: Processor time that counts as a unit, about what a picture of a megapixel takes.
_SECONDS_PER_UNIT: Final = 0.25
#: Seconds for one question to another machine.
_PATIENCE: Final = {"socket_timeout": 2, "socket_connect_timeout": 2}


class Window(NamedTuple):
    """The state of a window after a call.

    Attributes
    ----------
    limit : int
        Units per window.
    remaining : int
        Units left.
    reset : float
        Unix time at which the window ends.
    allowed : bool
        Whether the call may go on.
    """

    limit: int
    remaining: int
    reset: float
    allowed: bool = True

    @property
    def headers(self) -> dict[str, str]:
        """The API's headers."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(int(self.reset)),
        }

    @property
    def retry_after(self) -> int:
        """Whole seconds until the window ends, at least 1."""
        return max(1, int(self.reset - time.time() + 0.999))


class RateLimit:
    """Counts units per identity in fixed windows. Safe to use from several threads.

    Parameters
    ----------
    limit : int
        Units per window, where an identity has none of its own.
    storage : str
        URL of the `limits` library, e.g. ``memory://``, ``redis://host:6379`` or
        ``sqlite:///path``.
    per : {"minute", "day"}
        The window.

    Raises
    ------
    OptionError
        A storage that does not exist or cannot be reached.
    """

    def __init__(self, limit: int, storage: str = "memory://", per: str = "minute") -> None:
        self.limit = limit
        self._per: type[RateLimitItem] = (
            RateLimitItemPerMinute if per == "minute" else RateLimitItemPerDay
        )
        # A storage that hangs must not hang the server.
        patience = _PATIENCE if storage.startswith("redis") else {}
        try:
            self.storage = storage_from_string(storage, **patience)
            alive = self.storage.check()
        except (ConfigurationError, ImportError, sqlite3.Error, OSError) as error:
            raise OptionError(
                "rate_storage",
                storage,
                "memory://, sqlite:///PATH or redis://HOST:PORT (with `pip install redis`)",
                str(error),
            ) from error
        if not alive:
            raise OptionError("rate_storage", storage, "a storage that answers")
        self.limiter = FixedWindowRateLimiter(self.storage)
        self.lock = forking.Lock()

    def peek(self, identity: str, limit: int | None = None) -> Window:
        """Return the window of `identity` as it is; `limit` is its own, where it has one.

        Raises
        ------
        Problem
            503: the storage does not answer.
        """
        item = self._item(limit)
        with self._counting():
            return self._window(item, identity)

    def hit(self, identity: str, cost: int, limit: int | None = None) -> Window:
        """Count `cost` units, or refuse and count none; parameters and errors as of `peek`."""
        item = self._item(limit)
        with self._counting():
            if self.limiter.hit(item, identity, cost=cost):
                return self._window(item, identity)
            # The library counts refused calls too; the API does not.
            self._add(item, identity, -cost)
            return self._window(item, identity)._replace(allowed=False)

    def give_back(self, identity: str, cost: int, window: Window) -> None:
        """Take a `hit` back, where its window has not ended; a storage that fails is let be."""
        if time.time() >= window.reset:
            return
        with contextlib.suppress(Problem), self._counting():
            self._add(self._item(window.limit), identity, -cost)

    def check(self) -> bool:
        """Return whether the storage answers."""
        try:
            return bool(self.storage.check())
        except self.storage.base_exceptions:
            return False

    def add(self, identity: str, cost: int, limit: int | None = None) -> None:
        """Count `cost` units, however many are left; a storage that fails is let be."""
        with contextlib.suppress(Problem), self._counting():
            self._add(self._item(limit), identity, cost)

    def close(self) -> None:
        """Close what the storage holds open in this process."""
        if isinstance(self.storage, SQLiteStorage):
            self.storage.close()

    @contextlib.contextmanager
    def _counting(self) -> Iterator[None]:
        try:
            with self.lock:
                yield
        except self.storage.base_exceptions as error:
            _log.warning("the storage of the rate limit does not answer: %s", error)
            raise overloaded(5, "The rate limit cannot be counted. Try again later.") from error

    def _item(self, limit: int | None) -> RateLimitItem:
        return self._per(self.limit if limit is None else limit, namespace="mattekit")

    def _add(self, item: RateLimitItem, identity: str, amount: int) -> None:
        self.storage.incr(item.key_for(identity), item.get_expiry(), amount=amount)

    def _window(self, item: RateLimitItem, identity: str) -> Window:
        stats = self.limiter.get_window_stats(item, identity)
        reset = stats.reset_time
        if reset <= time.time():  # no window is open
            reset = time.time() + item.get_expiry()
        return Window(item.amount, stats.remaining, reset)


def megapixel_units(pixels: int) -> int:
    """Return what a picture of so many pixels costs."""
    return max(1, int(pixels / 1_000_000 + 0.5))


def time_units(seconds: float) -> int:
    """Return what a call that failed costs for its processor time.

    Whole units only: what fails within the time of a small picture, as most does, is free.
    """
    return int(seconds / _SECONDS_PER_UNIT)


class SQLiteStorage(Storage):
    """A storage of the `limits` library in an SQLite file, for the processes of one machine."""

    STORAGE_SCHEME = ["sqlite"]  # noqa: RUF012 - the library's own class attribute

    def __init__(self, uri: str, wrap_exceptions: bool = False, **options: float | str | bool):
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self.path = Path(uri.removeprefix("sqlite://"))
        self.lock = threading.Lock()
        forking.register(self)
        make_private_database(self.path)
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS windows "
            "(key TEXT PRIMARY KEY, count INTEGER NOT NULL, ends REAL NOT NULL)"
        )

    def after_fork(self) -> None:
        """Open the file anew in a forked child: a connection of SQLite belongs to one process."""
        forking.abandon_cached(self, "db")
        self.lock = threading.Lock()

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        if "db" in self.__dict__:
            self.__dict__.pop("db").close()

    @forking.cached_property
    def db(self) -> sqlite3.Connection:
        """The connection of this process."""
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        # Counters of a minute need not survive a power cut.
        db.execute("PRAGMA synchronous = OFF")
        return db

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the storage may raise."""
        return sqlite3.Error

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a counter, opening its window where none is open, and return the count."""
        now = time.time()
        # One transaction rather than RETURNING, which the SQLite of some systems lacks.
        with self.lock, transaction(self.db) as db:
            db.execute(
                "INSERT INTO windows VALUES (:key, :amount, :ends) ON CONFLICT (key) DO UPDATE SET "
                "count = CASE WHEN ends <= :now THEN :amount ELSE count + :amount END, "
                "ends = CASE WHEN ends <= :now THEN :ends ELSE ends END",
                {"key": key, "amount": amount, "now": now, "ends": now + expiry},
            )
            row = db.execute("SELECT count FROM windows WHERE key = ?", (key,)).fetchone()
        return int(row[0])

    def get(self, key: str) -> int:
        """Return the count of an open window, else 0."""
        return int(self._row(key)[0])

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, or now."""
        return self._row(key)[1]

    def check(self) -> bool:
        """Return whether the file can be read."""
        self._row("")
        return True

    def reset(self) -> int:
        """Forget all windows."""
        with self.lock:
            return self.db.execute("DELETE FROM windows").rowcount

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self.lock:
            self.db.execute("DELETE FROM windows WHERE key = ?", (key,))

    def _row(self, key: str) -> tuple[int, float]:
        now = time.time()
        with self.lock:
            row = self.db.execute(
                "SELECT count, ends FROM windows WHERE key = ? AND ends > ?", (key, now)
            ).fetchone()
        return (int(row[0]), float(row[1])) if row else (0, now)
