"""Where keys are: one SQLite file, its owner's alone, or a database of PostgreSQL."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mattekit import forking
from mattekit.errors import OptionError
from mattekit.files import make_folder, unwritable
from mattekit_server.addresses import is_url, without_password
from mattekit_server.presence import Presence
from mattekit_server.private import make_private_database

if TYPE_CHECKING:
    from mattekit_server.postgres import PostgresDatabase

__all__ = ["Database", "open_database", "transaction"]


def open_database(place: str | Path) -> Database | PostgresDatabase:
    """Return the database at a place.

    Raises
    ------
    OSError
        It cannot be made, or does not answer.
    OptionError
        What reaches it is not installed.
    """
    if not is_url(place):
        return Database(Path(place))
    try:
        from mattekit_server.postgres import PostgresDatabase
    except ImportError as error:
        raise OptionError(
            "database",
            without_password(str(place)),
            "a file, or PostgreSQL with `pip install 'mattekit[postgres]'`",
            str(error),
        ) from error
    return PostgresDatabase(str(place))


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Keep what the block writes to a file of SQLite wholly or not."""
    # IMMEDIATE: take the write lock before reading, so that no other process changes the
    # balance between the check and the charge.
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    finally:
        if db.in_transaction:  # it has failed, and SQLite does not end it whatever has happened
            db.execute("ROLLBACK")


class Database:
    """One SQLite file. Safe to use from several threads and processes.

    Parameters
    ----------
    path : pathlib.Path
        The file; it and its folder are made where they are missing, readable by their owner only.
        A file that is open to others is closed, with a warning.

    Raises
    ------
    OutputError
        The file cannot be made.
    """

    #: What says that a row is there already.
    conflict: Final = sqlite3.IntegrityError

    def __init__(self, path: Path) -> None:
        self.path, self.place = path, str(path)
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        forking.register(self)
        make_folder(path.parent, private=True)
        try:
            make_private_database(path)
        except OSError as error:
            raise unwritable(path, error) from error

    def run(self, statements: str) -> None:
        """Execute statements, parted by semicolons, in one transaction."""
        with self.transaction() as db:
            for statement in statements.split(";"):
                db.execute(statement)

    def columns(self, db: sqlite3.Connection, table: str) -> list[str]:
        """Return the names of a table's columns."""
        return [row[1] for row in db.execute(f"PRAGMA table_info ({table})")]

    def presence(self) -> Presence:
        """Return what tells which processes live."""
        return Presence(self.path)

    def connection(self) -> sqlite3.Connection:
        """Return the connection of this thread, for reading."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # Each thread has its own, but `close` closes them all.
            connection = sqlite3.connect(
                self.path, timeout=30, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            self._local.connection = connection
            with self._lock:
                self._open.append(connection)
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection of this thread, with what the block writes kept wholly or not."""
        with transaction(self.connection()) as db:
            yield db

    def close(self) -> None:
        """Close the file in all threads; the next use opens it again."""
        with self._lock:
            connections, self._open = self._open, []
        for connection in connections:
            connection.close()
        self._local = threading.local()

    def after_fork(self) -> None:
        """Open the file anew in a forked child: a connection of SQLite belongs to one process."""
        for connection in self._open:
            forking.abandon(connection)
        self._local, self._open, self._lock = threading.local(), [], threading.Lock()
