"""People and programs that an issuer outside knows, the keys they make, and their sessions.

A user has one account, which is a row among the keys that no key opens: the operator sees, tops up
and revokes it like any other, and credits and rates are counted there, whether the user comes with
an access token, a session of the page, or one of the keys made on it.

Session names and keys are kept as digests, as those of `KeyStore`.
"""

from __future__ import annotations

import datetime
import hmac
import secrets
from typing import Final, NamedTuple

from mattekit_server.keys import Account, KeyStore, digest_of, prefix_of, random_key
from mattekit_server.problems import Problem

__all__ = ["Session", "Use", "User", "UserKey", "UserStore"]

#: Valid keys and sessions of one user; sessions beyond end the oldest.
MOST_KEYS: Final = 20
MOST_SESSIONS: Final = 10
LONGEST_NAME: Final = 80
#: Seconds until a login has to be repeated.
SESSION_SECONDS: Final = 12 * 3600
#: Seconds within which the use of a key is not written down again.
_USED_STEP: Final = 60

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    account INTEGER NOT NULL REFERENCES keys (id),
    created REAL NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE TABLE IF NOT EXISTS user_keys (
    id INTEGER PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    created REAL NOT NULL,
    revoked REAL,
    used REAL
);
CREATE INDEX IF NOT EXISTS user_keys_prefix ON user_keys (prefix);
CREATE TABLE IF NOT EXISTS sessions (
    digest BLOB PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES users (id),
    csrf TEXT NOT NULL,
    created REAL NOT NULL,
    expires REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS charges_key ON charges (key, at)
"""


class User(NamedTuple):
    """Someone whom an issuer knows.

    Attributes
    ----------
    id : int
        Its number.
    issuer, subject : str
        Who it is.
    name : str
        For people to read.
    account : int
        Number of its account among the keys.
    """

    id: int
    issuer: str
    subject: str
    name: str
    account: int


class UserKey(NamedTuple):
    """A key that a user has made.

    Attributes
    ----------
    id : int
        Its number.
    name, prefix : str
        What it is for, and its first characters.
    created : float
        Unix time.
    revoked, used : float or None
        Unix time; of its last use, to the minute.
    """

    id: int
    name: str
    prefix: str
    created: float
    revoked: float | None
    used: float | None


class Session(NamedTuple):
    """A browser in which a user has logged in.

    Attributes
    ----------
    user : User
        Who.
    csrf : str
        What requests that change something must carry besides the cookie.
    expires : float
        Unix time.
    """

    user: User
    csrf: str
    expires: float


class Use(NamedTuple):
    """What a user's calls of one day cost.

    Attributes
    ----------
    day : str
        Such as ``2026-11-28`` (UTC).
    calls, free_calls : int
        All, and those of them that were free.
    credits : float
        Of all.
    """

    day: str
    calls: int
    free_calls: int
    credits: float


class UserStore:
    """Users in the file of the keys. Safe to use from several threads and processes.

    Parameters
    ----------
    keys : KeyStore
        Where their accounts are; it owns the file.
    """

    def __init__(self, keys: KeyStore) -> None:
        self.keys, self.database, self.clock = keys, keys.database, keys.clock
        self.database.run(_SCHEMA)

    # -- users ---------------------------------------------------------------------------------

    def user(self, issuer: str, subject: str) -> User | None:
        """Return a user, or None where there is none."""
        row = (
            self.database.connection()
            .execute(
                "SELECT id, issuer, subject, name, account FROM users "
                "WHERE issuer = ? AND subject = ?",
                (issuer, subject),
            )
            .fetchone()
        )
        return User(*row) if row else None

    def create(
        self, issuer: str, subject: str, name: str, *, credits: float, free_calls: int
    ) -> User:
        """Make a user with an account of its own; one that is there already stays as it is.

        Parameters
        ----------
        issuer, subject : str
            Who it is.
        name : str
            For people to read.
        credits, free_calls : float, int
            What the account begins with.
        """
        found = self.user(issuer, subject)
        if found is not None:
            return found
        account = self.keys.open_account(f"user {name}", credits=credits, free_calls=free_calls)
        try:
            with self.database.transaction() as db:
                db.execute(
                    "INSERT INTO users (issuer, subject, name, account, created) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (issuer, subject, name, account, self.clock()),
                )
        except self.database.conflict:  # another call of the same user was first
            self.keys.revoke(str(account))
        made = self.user(issuer, subject)
        assert made is not None
        return made

    # -- keys ----------------------------------------------------------------------------------

    def account_by_key(self, key: str) -> Account | None:
        """Return the account of the user who made a key, or None where it is not valid."""
        rows = self.database.connection().execute(
            "SELECT user_keys.id, digest, used, account FROM user_keys "
            "JOIN users ON users.id = user WHERE prefix = ? AND revoked IS NULL",
            (prefix_of(key),),
        )
        digest, found = digest_of(key), None
        for number, stored, used, account in rows.fetchall():
            if hmac.compare_digest(digest, stored):
                found = (number, used, account)
        if found is None:
            return None
        number, used, account = found
        now = self.clock()
        if used is None or now - used >= _USED_STEP:
            with self.database.transaction() as db:
                db.execute("UPDATE user_keys SET used = ? WHERE id = ?", (now, number))
        return self.keys.account_of(account)

    def user_keys(self, user: User) -> list[UserKey]:
        """Return a user's keys, the revoked ones too."""
        rows = self.database.connection().execute(
            "SELECT id, name, prefix, created, revoked, used FROM user_keys "
            "WHERE user = ? ORDER BY id",
            (user.id,),
        )
        return [UserKey(*row) for row in rows]

    def create_key(self, user: User, name: str) -> tuple[UserKey, str]:
        """Make a key, and return it with what is shown this once.

        Raises
        ------
        Problem
            400: the name is none. 409: there are too many already.
        """
        name, key = checked_name(name), random_key()
        with self.database.transaction() as db:
            (count,) = db.execute(
                "SELECT count(*) FROM user_keys WHERE user = ? AND revoked IS NULL", (user.id,)
            ).fetchone()
            if count >= MOST_KEYS:
                raise Problem(
                    409, "Too many keys", "too_many_keys", f"Revoke one of the {MOST_KEYS} first"
                )
            number = db.execute(
                "INSERT INTO user_keys (user, name, prefix, digest, created) "
                "VALUES (?, ?, ?, ?, ?)",
                (user.id, name, prefix_of(key), digest_of(key), self.clock()),
            ).lastrowid
        return self._key(user, number or 0), key

    def rename_key(self, user: User, number: int, name: str) -> UserKey:
        """Give a key another name.

        Raises
        ------
        Problem
            400: the name is none. 404: the user has no such key.
        """
        name = checked_name(name)
        with self.database.transaction() as db:
            db.execute(
                "UPDATE user_keys SET name = ? WHERE id = ? AND user = ?", (name, number, user.id)
            )
        return self._key(user, number)

    def revoke_key(self, user: User, number: int) -> UserKey:
        """Make a key invalid, from the next call on.

        Raises
        ------
        Problem
            404: the user has no such key.
        """
        with self.database.transaction() as db:
            db.execute(
                "UPDATE user_keys SET revoked = ? WHERE id = ? AND user = ? AND revoked IS NULL",
                (self.clock(), number, user.id),
            )
        return self._key(user, number)

    def _key(self, user: User, number: int) -> UserKey:
        found = next((key for key in self.user_keys(user) if key.id == number), None)
        if found is None:
            raise Problem(404, "No such key", "not_found")
        return found

    def use(self, user: User, days: int = 30) -> list[Use]:
        """Return what a user's calls cost, a day each, the latest first; days without are left out.

        Parameters
        ----------
        user : User
        days : int
            How far back.
        """
        since = self.clock() - days * 86400
        rows = self.database.connection().execute(
            "SELECT CAST(at AS BIGINT) / 86400, count(*), sum(free), sum(price) FROM charges "
            "WHERE key = ? AND at >= ? GROUP BY 1 ORDER BY 1 DESC",
            (user.account, since),
        )
        return [Use(_day(day), calls, free, cents / 100) for day, calls, free, cents in rows]

    # -- sessions ------------------------------------------------------------------------------

    def begin_session(self, user: User) -> str:
        """Begin a session, and return the name that its browser keeps."""
        name, now = secrets.token_urlsafe(32), self.clock()
        with self.database.transaction() as db:
            db.execute("DELETE FROM sessions WHERE expires <= ?", (now,))
            db.execute(
                "DELETE FROM sessions WHERE digest IN (SELECT digest FROM sessions WHERE user = ? "
                "ORDER BY created DESC LIMIT -1 OFFSET ?)",
                (user.id, MOST_SESSIONS - 1),
            )
            db.execute(
                "INSERT INTO sessions (digest, user, csrf, created, expires) "
                "VALUES (?, ?, ?, ?, ?)",
                (digest_of(name), user.id, secrets.token_urlsafe(32), now, now + SESSION_SECONDS),
            )
        return name

    def session(self, name: str) -> Session | None:
        """Return a session that goes on, by its name; None where it has ended."""
        row = (
            self.database.connection()
            .execute(
                "SELECT csrf, expires, users.id, issuer, subject, name, account FROM sessions "
                "JOIN users ON users.id = user WHERE digest = ? AND expires > ?",
                (digest_of(name), self.clock()),
            )
            .fetchone()
        )
        return Session(User(*row[2:]), row[0], row[1]) if row else None

    def end_session(self, name: str) -> None:
        """End a session."""
        with self.database.transaction() as db:
            db.execute("DELETE FROM sessions WHERE digest = ?", (digest_of(name),))


def checked_name(name: str) -> str:
    """Return the name of a key without spaces around it.

    Raises
    ------
    Problem
        400: it is empty, too long or cannot be shown.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Problem(
            400,
            "Invalid name",
            "invalid_name",
            f"Expected 1 to {LONGEST_NAME} characters that can be shown",
        )
    return name


def _day(number: int) -> str:
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=number)).isoformat()
