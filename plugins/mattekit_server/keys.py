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
import secrets
import sqlite3
import string
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from mattekit.errors import InputError, InputNotFound, OptionError, OutputError
from mattekit_server.database import Database
from mattekit_server.presence import Presence
from mattekit_server.problems import Problem, insufficient_credits

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
    free_used INTEGER NOT NULL DEFAULT 0
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
    """

    id: int
    name: str
    prefix: str
    created: float
    revoked: float | None
    credits: float
    free_calls: int
    free_left: int


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
    """

    id: int
    credits: float
    free_left: int


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
    """Keys and credits in one SQLite file. Safe to use from several threads and processes.

    Parameters
    ----------
    path : pathlib.Path
        The file; see `Database`.
    clock : callable
        Unix time; tests have their own.

    Raises
    ------
    OutputError
        The file cannot be made.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path, self.clock = path, clock
        self._presence = Presence(path)
        try:
            self.database = Database(path)
            self.database.run(_SCHEMA)
            with self.database.transaction() as db:
                columns = [row[1] for row in db.execute("PRAGMA table_info (reservations)")]
                if "holder" not in columns:  # a file of before there were any
                    db.execute(
                        "ALTER TABLE reservations ADD COLUMN holder TEXT NOT NULL DEFAULT ''"
                    )
            self._free_abandoned()
            self._presence.sweep()
        except (OSError, sqlite3.DatabaseError) as error:
            raise OutputError(str(path), f"keys cannot be kept there ({error}).") from error

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
            "CASE free_month WHEN ? THEN free_used ELSE 0 END FROM keys ORDER BY id",
            (month,),
        )
        return [
            KeyRecord(number, name, prefix, made, revoked, cents / 100, free, max(0, free - used))
            for number, name, prefix, made, revoked, cents, free, used in rows
        ]

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
            "CASE free_month WHEN :month THEN free_used ELSE 0 END, digest, "
            f"{_RESERVED} FROM keys WHERE {condition} AND revoked IS NULL",
            {"month": self._month(), "which": which, "now": self.clock()},
        )
        return [
            (stored, Account(number, max(0, cents - reserved) / 100, max(0, free - used - calls)))
            for number, cents, free, used, stored, reserved, calls in rows
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
                "UPDATE keys SET credits = max(0, credits - ?), free_used = free_used + ? "
                "WHERE id = ?",
                (price, free, key),
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

    def _turn_month(self, db: sqlite3.Connection, key: int) -> None:
        month = self._month()
        db.execute(
            "UPDATE keys SET free_month = ?, free_used = 0 WHERE id = ? AND free_month != ?",
            (month, key, month),
        )


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
