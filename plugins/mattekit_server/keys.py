"""Keys and credits in one SQLite file, safe under several processes.

A key is shown once, when it is made; the file holds its SHA-256 digest. That is enough for 142 bits
of randomness: there is nothing to guess, and so nothing that a slow hash would protect.

A call is paid in two steps. `reserve` sets its price aside, so that two calls at once cannot both
spend the last credit, and `commit` turns the reservation into a charge once the result is there.
What a process had reserved when it was killed is free again as soon as another one starts, or needs
it; where the system has no locks it lapses by itself. Nothing is charged for a picture that was not
delivered, and nothing twice.

Credits are whole hundredths inside.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import math
import secrets
import sqlite3
import string
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

from mattekit.errors import InputError, InputNotFound, OptionError, OutputError
from mattekit.options import Options
from mattekit_server.addresses import is_url, without_password
from mattekit_server.database import open_database
from mattekit_server.problems import Problem, insufficient_credits

if TYPE_CHECKING:
    from mattekit_server.postgres import Statements

__all__ = [
    "FREE_CALLS",
    "Account",
    "KeyRecord",
    "KeyStore",
    "Reservation",
    "digest_of",
    "prefix_of",
    "random_key",
]

T = TypeVar("T")

#: Free calls per calendar month, as the remove.bg API gives.
FREE_CALLS: Final = 50

_ALPHABET: Final = string.ascii_letters + string.digits
_LENGTH: Final = 24
_PREFIX: Final = 6

_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    created REAL NOT NULL,
    revoked REAL,
    credits INTEGER NOT NULL CHECK (credits >= 0),
    free_calls INTEGER NOT NULL,
    free_month TEXT NOT NULL DEFAULT '',
    free_used INTEGER NOT NULL DEFAULT 0,
    rate INTEGER,
    size TEXT,
    deadline REAL
);
CREATE INDEX IF NOT EXISTS keys_prefix ON keys (prefix);
CREATE TABLE IF NOT EXISTS reservations (
    id INTEGER PRIMARY KEY,
    key INTEGER NOT NULL REFERENCES keys (id),
    price INTEGER NOT NULL,
    free INTEGER NOT NULL,
    lapses REAL NOT NULL,
    holder TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS charges (
    id INTEGER PRIMARY KEY,
    key INTEGER NOT NULL REFERENCES keys (id),
    price INTEGER NOT NULL,
    free INTEGER NOT NULL,
    at REAL NOT NULL
);
"""

#: Credits and free calls of a key that calls which go on have set aside.
_RESERVED: Final = """
    (SELECT coalesce(sum(price), 0) FROM reservations WHERE key = keys.id AND lapses > :now),
    (SELECT coalesce(sum(free), 0) FROM reservations WHERE key = keys.id AND lapses > :now)
"""


class KeyRecord(NamedTuple):
    """What is known of a key.

    Attributes
    ----------
    id : int
        Its number.
    name : str
        What it is for.
    prefix : str
        Its first characters.
    created : float
        Unix time.
    revoked : float or None
        Unix time; None = valid.
    credits : float
        What is left.
    free_calls : int
        Free calls per month.
    free_left : int
        Those left in this month.
    rate : int or None
        Megapixel units per minute, 0 without a limit; None = as the server is set.
    size : str or None
        The option where a call chooses none; None = as the server is set.
    deadline : float or None
        Seconds until an answer, at most those of the server; None = those.
    """

    id: int
    name: str
    prefix: str
    created: float
    revoked: float | None
    credits: float
    free_calls: int
    free_left: int
    rate: int | None = None
    size: str | None = None
    deadline: float | None = None


class Account(NamedTuple):
    """A valid key as a request sees it.

    Attributes
    ----------
    id : int
        Number of the key.
    credits : float
        What the next call can spend: what is left but for what calls that go on have set aside.
    free_left : int
        Free calls of this month, likewise.
    rate : int or None
        Megapixel units per minute, 0 without a limit; None = as the server is set.
    size : str or None
        The option where a call chooses none; None = as the server is set.
    deadline : float or None
        Seconds until an answer, at most those of the server; None = those.
    """

    id: int
    credits: float
    free_left: int
    rate: int | None = None
    size: str | None = None
    deadline: float | None = None


class Reservation(NamedTuple):
    """A price that is set aside.

    Attributes
    ----------
    id : int
        Its number.
    charge : float
        Credits that `KeyStore.commit` will charge; 0 for a free call.
    """

    id: int
    charge: float


class KeyStore:
    """Keys and credits in one database. Safe to use from several threads and processes.

    Parameters
    ----------
    place : pathlib.Path or str
        An SQLite file, or the address of a PostgreSQL database; see `open_database`.
    clock : callable
        Unix time; tests have their own.

    Raises
    ------
    OutputError
        The file cannot be made, or the database does not answer.
    """

    def __init__(self, place: Path | str, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        try:
            self.database = open_database(place)
            self._presence = self.database.presence()
            self.database.run(_SCHEMA)
            # Files of before there were any.
            self._add_column("reservations", "holder", "TEXT NOT NULL DEFAULT ''")
            self._add_column("keys", "rate", "INTEGER")
            self._add_column("keys", "size", "TEXT")
            self._add_column("keys", "deadline", "REAL")
            self._free_abandoned()
            self._presence.sweep()
        except (OSError, sqlite3.DatabaseError) as error:
            where = without_password(str(place)) if is_url(place) else str(place)
            reason = getattr(error, "strerror", None) or error
            raise OutputError(where, f"keys cannot be kept there ({reason}).") from error

    def _add_column(self, table: str, name: str, definition: str) -> None:
        database: Any = self.database  # each gives its own `transaction` to its own `columns`
        with database.transaction() as db:
            if name not in database.columns(db, table):
                db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {definition}")

    # -- for the operator ----------------------------------------------------------------------

    def create(self, name: str, *, credits: float = 0, free_calls: int = FREE_CALLS) -> str:
        """Make a key and return it; it cannot be shown again.

        Parameters
        ----------
        name : str
            What it is for.
        credits : float
            Credits to begin with.
        free_calls : int
            Free calls per month.

        Raises
        ------
        OptionError
            A negative number.
        """
        key = random_key()
        self._insert(name, prefix_of(key), digest_of(key), credits, free_calls)
        return key

    def open_account(self, name: str, *, credits: float = 0, free_calls: int = FREE_CALLS) -> int:
        """Make an account that no key opens, for one who logs in; return its number.

        Parameters and errors as of `create`.
        """
        return self._insert(name, "", secrets.token_bytes(32), credits, free_calls)

    def _insert(
        self, name: str, prefix: str, digest: bytes, credits: float, free_calls: int
    ) -> int:
        if free_calls < 0:
            raise OptionError("free_calls", free_calls, "a whole number from 0")
        with self.database.transaction() as db:
            number = db.execute(
                "INSERT INTO keys (name, prefix, digest, created, credits, free_calls) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (name, prefix, digest, self.clock(), _cents(credits), free_calls),
            ).lastrowid
        assert number is not None
        return number

    def records(self) -> list[KeyRecord]:
        """Return all keys, the revoked ones too."""
        month = self._month()
        rows = self.database.connection().execute(
            "SELECT id, name, prefix, created, revoked, credits, free_calls, "
            "CASE free_month WHEN ? THEN free_used ELSE 0 END, rate, size, deadline "
            "FROM keys ORDER BY id",
            (month,),
        )
        return [
            KeyRecord(
                number, name, prefix, made, revoked, cents / 100, free, max(0, free - used),
                rate, size, deadline,
            )
            for number, name, prefix, made, revoked, cents, free, used, rate, size, deadline in rows
        ]  # fmt: skip

    def revoke(self, which: str) -> KeyRecord:
        """Make a key invalid, from the next call on.

        Parameters
        ----------
        which : str
            Its number, its name, its first characters or the key itself.

        Raises
        ------
        InputError
            No key is meant, or several.
        """
        record = self._find(which)
        with self.database.transaction() as db:
            db.execute(
                "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL",
                (self.clock(), record.id),
            )
        return self._find(str(record.id))

    def top_up(self, which: str, credits: float) -> KeyRecord:
        """Add credits to a key; `which` as in `revoke`.

        Raises
        ------
        InputError
            No key is meant, or several.
        OptionError
            `credits` is negative.
        """
        record = self._find(which)
        with self.database.transaction() as db:
            db.execute(
                "UPDATE keys SET credits = credits + ? WHERE id = ?", (_cents(credits), record.id)
            )
        return self._find(str(record.id))

    def change(
        self,
        which: str,
        *,
        name: str | None = None,
        free_calls: int | None = None,
        rate: int | Literal["default"] | None = None,
        size: str | None = None,
        deadline: float | Literal["default"] | None = None,
    ) -> KeyRecord:
        """Change what a key is called and may do; what is None stays.

        Parameters
        ----------
        which : str
            As in `revoke`.
        name : str, optional
        free_calls : int, optional
            Free calls per month.
        rate : int or "default", optional
            Megapixel units per minute, 0 without a limit; "default" as the server is set.
        size : str, optional
            The option where a call chooses none; "default" as the server is set.
        deadline : float or "default", optional
            Seconds until an answer, above 0; "default" as the server is set.

        Raises
        ------
        InputError
            No key is meant, or several.
        OptionError
            A number out of its range, or a size that there is not.
        """
        for option, number in (("free_calls", free_calls), ("rate", rate)):
            if isinstance(number, int) and number < 0:
                raise OptionError(option, number, "a whole number from 0")
        if isinstance(deadline, (int, float)) and not 0 < deadline < math.inf:
            raise OptionError("deadline", deadline, "seconds above 0")
        if size is not None and size != "default":
            Options.parse({"size": size})

        record = self._find(which)
        with self.database.transaction() as db:
            db.execute(
                "UPDATE keys SET name = ?, free_calls = ?, rate = ?, size = ?, deadline = ? "
                "WHERE id = ?",
                (
                    record.name if name is None else name,
                    record.free_calls if free_calls is None else free_calls,
                    _changed(record.rate, rate),
                    _changed(record.size, size),
                    _changed(record.deadline, deadline),
                    record.id,
                ),
            )
        return self._find(str(record.id))

    def _find(self, which: str) -> KeyRecord:
        found = [
            record
            for record in self.records()
            if which == str(record.id)
            or which == record.name
            or (len(which) >= _PREFIX and record.prefix == which[:_PREFIX])
        ]
        if not found:
            raise InputNotFound("keys", f"no key {which!r}. `mattekit keys list` shows all.")
        if len(found) > 1:
            numbers = ", ".join(str(record.id) for record in found)
            raise InputError("keys", f"{which!r} may be {numbers}. Give the number.")
        return found[0]

    # -- for requests --------------------------------------------------------------------------

    def account(self, key: str) -> Account | None:
        """Return the account of a key, or None where it is not valid."""
        digest = digest_of(key)
        found = None
        for stored, account in self._accounts("prefix = :which", prefix_of(key)):
            if hmac.compare_digest(digest, stored):
                found = account
        return found

    def account_of(self, number: int) -> Account | None:
        """Return the account with a number, or None where there is none or it was revoked."""
        return next((account for _, account in self._accounts("id = :which", number)), None)

    def _accounts(self, condition: str, which: object) -> list[tuple[bytes, Account]]:
        """Return the valid accounts of a condition, each with the digest of its key."""
        self._free_abandoned()
        rows = self.database.connection().execute(
            "SELECT id, credits, free_calls, "
            "CASE free_month WHEN :month THEN free_used ELSE 0 END, digest, rate, size, deadline, "
            f"{_RESERVED} FROM keys WHERE {condition} AND revoked IS NULL",
            {"month": self._month(), "which": which, "now": self.clock()},
        )
        return [
            (
                stored,
                Account(
                    number, max(0, cents - reserved) / 100, max(0, free - used - calls), *limits
                ),
            )
            for number, cents, free, used, stored, *limits, reserved, calls in rows
        ]

    def reserve(self, key: int, price: float, *, may_be_free: bool, seconds: float) -> Reservation:
        """Set the price of a call aside.

        Parameters
        ----------
        key : int
            Number of the key.
        price : float
            In credits.
        may_be_free : bool
            Whether a free call of this month may pay for it.
        seconds : float
            When the reservation lapses by itself.

        Raises
        ------
        Problem
            402: there are not enough credits. 403: the key was revoked meanwhile.
        """
        cents, now = _cents(price), self.clock()
        holder = self._presence.name()
        self._free_abandoned()
        with self.database.transaction() as db:
            db.execute("DELETE FROM reservations WHERE lapses <= ?", (now,))
            self._turn_month(db, key)
            row = db.execute(
                f"SELECT credits, free_calls - free_used, {_RESERVED} "
                "FROM keys WHERE id = :key AND revoked IS NULL",
                {"key": key, "now": now},
            ).fetchone()
            if row is None:
                raise Problem(403, "API Key invalid", "auth_failed")
            credits, free, cents_reserved, free_reserved = row
            is_free = may_be_free and free - free_reserved > 0
            if not is_free and credits - cents_reserved < cents:
                raise insufficient_credits()
            charge = 0 if is_free else cents
            number = db.execute(
                "INSERT INTO reservations (key, price, free, lapses, holder) "
                "VALUES (?, ?, ?, ?, ?)",
                (key, charge, int(is_free), now + seconds, holder),
            ).lastrowid
        assert number is not None
        return Reservation(number, charge / 100)

    def commit(self, reservation: Reservation) -> bool:
        """Charge what was reserved, once; return whether the reservation was still there."""
        with self.database.transaction() as db:
            row = db.execute(
                "SELECT key, price, free FROM reservations WHERE id = ?", (reservation.id,)
            ).fetchone()
            if row is None:
                return False
            db.execute("DELETE FROM reservations WHERE id = ?", (reservation.id,))
            key, price, free = row
            self._turn_month(db, key)
            db.execute(
                "UPDATE keys SET credits = CASE WHEN credits > :price THEN credits - :price "
                "ELSE 0 END, free_used = free_used + :free WHERE id = :key",
                {"price": price, "free": free, "key": key},
            )
            db.execute(
                "INSERT INTO charges (key, price, free, at) VALUES (?, ?, ?, ?)",
                (key, price, free, self.clock()),
            )
        return True

    def release(self, reservation: Reservation) -> None:
        """Give back what was reserved, without a charge."""
        with self.database.transaction() as db:
            db.execute("DELETE FROM reservations WHERE id = ?", (reservation.id,))

    def check(self) -> bool:
        """Return whether they can be read."""
        try:
            self.database.connection().execute("SELECT 1 FROM keys LIMIT 1").fetchone()
        except (sqlite3.Error, Problem):
            return False
        return True

    def close(self) -> None:
        """Close the file in all threads."""
        self.database.close()
        self._presence.close()

    # -- inside --------------------------------------------------------------------------------

    def _free_abandoned(self) -> None:
        """Release what processes had reserved that have ended since."""
        # Most often there is one holder, this process, and nothing is asked of the file system.
        holders = (
            self.database.connection()
            .execute("SELECT DISTINCT holder FROM reservations")
            .fetchall()
        )
        gone = [(holder,) for (holder,) in holders if self._presence.is_gone(holder)]
        if gone:
            with self.database.transaction() as db:
                db.executemany("DELETE FROM reservations WHERE holder = ?", gone)

    def _month(self) -> str:
        return datetime.datetime.fromtimestamp(self.clock(), datetime.timezone.utc).strftime(
            "%Y-%m"
        )

    def _turn_month(self, db: sqlite3.Connection | Statements, key: int) -> None:
        month = self._month()
        db.execute(
            "UPDATE keys SET free_month = ?, free_used = 0 WHERE id = ? AND free_month != ?",
            (month, key, month),
        )


def _changed(old: T | None, new: T | Literal["default"] | None) -> T | None:
    """Return a setting as it is after a change; None = as the server is set."""
    return old if new is None else None if new == "default" else new


def random_key() -> str:
    """Return a new key."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def prefix_of(key: str) -> str:
    """Return the characters by which a key is found and shown."""
    return key[:_PREFIX]


def digest_of(key: str) -> bytes:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode()).digest()


def _cents(credits: float) -> int:
    if not 0 <= credits <= 1e9:
        raise OptionError("credits", credits, "a number from 0")
    return round(credits * 100)
