"""The manifest: what is to be done and what is done, in one SQLite file.

It is the plan of a run and its memory. Looking through the source folder writes a row for every
picture that has to be made; each outcome then changes its row in a transaction of its own. Killed
at any moment, the file says what is left, and however many pictures there are, none of this is
held in memory.

Only the process that runs the batch opens the file, and only one at a time.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from mattekit.errors import OutputError
from mattekit.files import make_folder
from mattekit_batch.results import Failure, Job, Outcome
from mattekit_batch.storage import joined

__all__ = ["Manifest", "PendingPicture", "Row"]

#: Number of the layout below; a file with another one is brought to it or refused.
_LAYOUT: Final = 3
_SCHEMA: Final = """
CREATE TABLE work (
    id INTEGER PRIMARY KEY,
    folder BLOB NOT NULL,
    name BLOB NOT NULL,
    format TEXT NOT NULL,       -- value of the option: a picture may be made in several
    stem BLOB NOT NULL,         -- of the output, within the folder
    size INTEGER NOT NULL,      -- of the input when it was listed
    stamp TEXT NOT NULL,
    options_key TEXT NOT NULL,       -- wanted
    status TEXT NOT NULL,       -- pending, done, failed
    run INTEGER NOT NULL,       -- the last look that wanted it
    digest TEXT NOT NULL DEFAULT '',
    made TEXT NOT NULL DEFAULT '',         -- key of the options that the output there was made with
    output BLOB NOT NULL DEFAULT x'',
    output_size INTEGER NOT NULL DEFAULT 0,
    output_stamp TEXT NOT NULL DEFAULT '',
    facts TEXT NOT NULL DEFAULT '{}',
    stages TEXT NOT NULL DEFAULT '{}',
    failure TEXT NOT NULL DEFAULT '',
    thumbnail BLOB NOT NULL DEFAULT x'',
    edited TEXT NOT NULL DEFAULT '',  -- stamp of the output as somebody has changed it, if whole
    UNIQUE (folder, name, format)
);
CREATE INDEX pending ON work (id) WHERE status = 'pending';
"""
#: What brings a file to the layout of this number.
_UPGRADES: Final = {
    2: "ALTER TABLE work RENAME COLUMN recipe TO options_key",
    3: "ALTER TABLE work ADD COLUMN edited TEXT NOT NULL DEFAULT ''",
}
#: Rows fetched at once.
_PAGE: Final = 500


class Row(NamedTuple):
    """What is known of one picture in one format; the columns of the table."""

    number: int
    folder: str
    name: str
    format: str
    stem: str
    size: int
    stamp: str
    options_key: str
    status: str
    digest: str
    made: str
    output: str
    output_size: int
    output_stamp: str
    facts: dict[str, Any]
    stages: dict[str, float]
    failure: Failure | None
    edited: str

    @property
    def source(self) -> str:
        """Path below the source folder."""
        return joined(self.folder, self.name)


class PendingPicture(NamedTuple):
    """A picture that has to be made."""

    folder: str
    name: str
    format: str
    stem: str
    size: int
    stamp: str
    options_key: str


_COLUMNS: Final = (
    "id, folder, name, format, stem, size, stamp, options_key, status, digest, made, output, "
    "output_size, output_stamp, facts, stages, failure, edited"
)


class _Connection(sqlite3.Connection):
    """A connection that says in words what happens to its file while it is used."""

    #: What messages call the file.
    name = ""

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        with self._errors_reported():
            return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        with self._errors_reported():
            return super().executemany(*arguments)

    @contextlib.contextmanager
    def _errors_reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise OutputError(self.name, _problem(error)) from error


class Manifest:
    """The manifest of one target. What it does raises `OutputError` where the disk is full.

    Parameters
    ----------
    path : path or None
        The file, made if it is missing, with its folder; None holds it in memory.

    Raises
    ------
    OutputError
        Another run has it open, it is no manifest, or it cannot be written.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.run = 0
        if path is not None:
            make_folder(path.parent)
        try:
            self._base = sqlite3.connect(
                ":memory:" if path is None else path, timeout=0.5, isolation_level=None,
                check_same_thread=False, factory=_Connection,
            )  # fmt: skip
            self._base.name = str(path)
            try:
                self._open()
            except BaseException:
                self._base.close()
                raise
        except (OSError, sqlite3.Error) as error:
            raise OutputError(str(path), _problem(error)) from error

    def _open(self) -> None:
        # Whoever is killed leaves a lock that the system lifts, and no half transaction. Written
        # through to the disk it need not be: what is lost with the power is done again.
        self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = NORMAL")
        self._base.execute("BEGIN IMMEDIATE")
        layout = self._base.execute("PRAGMA user_version").fetchone()[0]
        if layout == 0:
            for statement in _SCHEMA.split(";\n"):
                self._base.execute(statement)
            self._base.execute(f"PRAGMA user_version = {_LAYOUT}")
        else:
            self._upgrade(layout)
        self._base.execute("COMMIT")
        latest = self._base.execute("SELECT coalesce(max(run), 0) FROM work").fetchone()[0]
        self.run = int(latest) + 1

    def _upgrade(self, layout: int) -> None:
        if not 1 <= layout <= _LAYOUT:
            raise sqlite3.DatabaseError(f"layout {layout}, expected {_LAYOUT}")
        for number in range(layout + 1, _LAYOUT + 1):
            self._base.execute(_UPGRADES[number])
            self._base.execute(f"PRAGMA user_version = {number}")

    def copy_of(self, path: Path) -> None:
        """Take over the rows of a manifest that is only looked at."""
        try:
            address = f"{path.absolute().as_uri()}?mode=ro"
            with contextlib.closing(sqlite3.connect(address, uri=True, timeout=0.5)) as other:
                other.backup(self._base)
            self._upgrade(self._base.execute("PRAGMA user_version").fetchone()[0])
        except sqlite3.Error as error:
            raise OutputError(str(path), _problem(error)) from error
        latest = self._base.execute("SELECT coalesce(max(run), 0) FROM work").fetchone()[0]
        self.run = int(latest) + 1

    # -- the plan ------------------------------------------------------------------------------

    def folder(self, folder: str) -> list[Row]:
        """Return all rows of a folder."""
        found = self._base.execute(
            f"SELECT {_COLUMNS} FROM work WHERE folder = ?", (_blob(folder),)
        )
        return [_row(values) for values in found]

    def want(self, pictures: Iterable[PendingPicture]) -> None:
        """Note, at once or not at all, that pictures have to be made in this run."""
        self._base.execute("BEGIN")
        self._base.executemany(
            "INSERT INTO work (folder, name, format, stem, size, stamp, options_key, status, run) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?) "
            "ON CONFLICT (folder, name, format) DO UPDATE SET stem = excluded.stem, "
            "size = excluded.size, stamp = excluded.stamp, options_key = excluded.options_key, "
            "status = 'pending', run = excluded.run",
            (
                (_blob(w.folder), _blob(w.name), w.format, _blob(w.stem), w.size, w.stamp,
                 w.options_key, self.run)
                for w in pictures
            ),
        )  # fmt: skip
        self._base.execute("COMMIT")

    def pending(self) -> int:
        """Return how many pictures this run has to make."""
        query = "SELECT count(*) FROM work WHERE status = 'pending' AND run = ?"
        return int(self._base.execute(query, (self.run,)).fetchone()[0])

    def jobs(self) -> Iterator[Job]:
        """Yield what this run has to make; rows may change meanwhile."""
        last = 0
        while True:
            rows = self._base.execute(
                f"SELECT {_COLUMNS} FROM work WHERE status = 'pending' AND run = ? AND id > ? "
                "ORDER BY id LIMIT ?",
                (self.run, last, _PAGE),
            ).fetchall()
            if not rows:
                return
            for row in map(_row, rows):
                last = row.number
                known = row.digest if row.made and row.made == row.options_key else ""
                stem = joined(row.folder, row.stem)
                yield Job(row.number, row.source, stem, row.options_key, known, row.size)

    def output_of(self, number: int) -> tuple[str, int, str]:
        """Return path, size and stamp of the output of a row; the path is empty if it has none."""
        query = "SELECT output, output_size, output_stamp FROM work WHERE id = ?"
        output, size, stamp = self._base.execute(query, (number,)).fetchone()
        return _text(output), size, stamp

    def note_edited(self, number: int, stamp: str) -> None:
        """Note that somebody has changed an output, and that it is whole."""
        self._base.execute("UPDATE work SET edited = ? WHERE id = ?", (stamp, number))

    def forget_output(self, number: int) -> None:
        """Note that the output of a row is not what it was, so that it cannot be kept."""
        self._base.execute("UPDATE work SET made = '' WHERE id = ?", (number,))

    # -- the memory ----------------------------------------------------------------------------

    def note(self, outcome: Outcome) -> Row:
        """Write down what became of a job and return its row."""
        number = outcome.number
        if outcome.status == "unchanged":
            self._base.execute("UPDATE work SET status = 'done' WHERE id = ?", (number,))
        elif outcome.status == "failed":
            self._base.execute(
                # What is there was made of other content.
                "UPDATE work SET status = 'failed', digest = ?, made = '', stages = ?, "
                "failure = ? WHERE id = ?",
                (outcome.digest, json.dumps(outcome.stages), json.dumps(outcome.failure), number),
            )
        else:
            self._base.execute(
                "UPDATE work SET status = 'done', digest = ?, made = options_key, output = ?, "
                "output_size = ?, output_stamp = ?, facts = ?, stages = ?, failure = '', "
                "thumbnail = ?, edited = '' WHERE id = ?",
                (outcome.digest, _blob(outcome.output), outcome.size, outcome.stamp,
                 json.dumps(outcome.facts), json.dumps(outcome.stages), outcome.thumbnail, number),
            )  # fmt: skip
        found = self._base.execute(f"SELECT {_COLUMNS} FROM work WHERE id = ?", (number,))
        return _row(found.fetchone())

    def rows(self, status: str | None = None) -> Iterator[tuple[Row, bytes]]:
        """Yield all rows, or those of one status, in the order of their paths, with thumbnails."""
        chosen = "" if status is None else "AND status = ?"
        extra = () if status is None else (status,)
        last: tuple[bytes, bytes, str] = (b"", b"", "")
        while True:
            rows = self._base.execute(
                f"SELECT {_COLUMNS}, thumbnail FROM work WHERE (folder, name, format) > (?, ?, ?) "
                f"{chosen} ORDER BY folder, name, format LIMIT ?",
                (*last, *extra, _PAGE),
            ).fetchall()
            if not rows:
                return
            for values in rows:
                last = (values[1], values[2], values[3])
                yield _row(values[:-1]), values[-1]

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each status."""
        return dict(self._base.execute("SELECT status, count(*) FROM work GROUP BY status"))

    def close(self) -> None:
        """Close the file."""
        self._base.close()


def _blob(text: str) -> bytes:
    """Return a path for the table: names of files may hold bytes that are no text."""
    return text.encode("utf-8", "surrogateescape")


def _text(blob: bytes) -> str:
    return blob.decode("utf-8", "surrogateescape")


def _row(values: tuple[Any, ...]) -> Row:
    number, folder, name, form, stem, size, stamp, options_key, status, digest, made = values[:11]
    output, output_size, output_stamp, facts, stages, failure, edited = values[11:]
    return Row(
        number, _text(folder), _text(name), form, _text(stem), size, stamp, options_key, status,
        digest, made, _text(output), output_size, output_stamp, json.loads(facts),
        json.loads(stages), Failure(*json.loads(failure)) if failure else None, edited,
    )  # fmt: skip


def _problem(error: Exception) -> str:
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return "another batch is at work on this target. Wait for it, or stop it."
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return f"is no manifest of this version ({error}). Move it away to begin anew."
    return f"the manifest cannot be written ({error}). Name another folder with --state."
