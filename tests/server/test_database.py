"""One SQLite file for several threads: transactions are kept wholly or not, and it is private."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mattekit_server.database import Database


@pytest.fixture
def file(database: Path) -> Iterator[Database]:
    made = Database(database.parent / "folder" / database.name)
    made.run("CREATE TABLE things (name TEXT); INSERT INTO things VALUES ('one')")
    yield made
    made.close()


def names(file: Database) -> list[str]:
    return [name for (name,) in file.connection().execute("SELECT name FROM things")]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_the_owner_can_read_it(file: Database) -> None:
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


def test_what_fails_leaves_nothing(file: Database) -> None:
    def interrupted() -> None:
        with file.transaction() as db:
            db.execute("INSERT INTO things VALUES ('two')")
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    with pytest.raises(sqlite3.Error):
        file.run("INSERT INTO things VALUES ('two'); INSERT INTO nothing VALUES (1)")
    assert names(file) == ["one"]
    with file.transaction() as db:
        db.execute("INSERT INTO things VALUES ('two')")
    assert names(file) == ["one", "two"]


def test_what_cannot_be_kept_leaves_nothing_open(file: Database) -> None:
    file.run(
        "CREATE UNIQUE INDEX unique_names ON things (name);"
        "CREATE TABLE owned (thing TEXT REFERENCES things (name) DEFERRABLE INITIALLY DEFERRED)"
    )
    file.connection().execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError), file.transaction() as db:
        db.execute("INSERT INTO owned VALUES ('nothing')")  # refused by COMMIT
    with file.transaction() as db:
        assert db.execute("SELECT * FROM owned").fetchall() == []


def test_why_it_failed_is_said_where_sqlite_has_ended_it(file: Database) -> None:
    def interrupted() -> None:
        with file.transaction() as db:
            db.execute("ROLLBACK")  # as it does by itself on a full disk
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()


def test_threads_have_connections_of_their_own(file: Database) -> None:
    seen: list[object] = []

    def work() -> None:
        seen.append(file.connection())
        assert file.connection() is seen[-1]
        with file.transaction() as db:
            db.execute("INSERT INTO things VALUES (?)", (str(threading.get_ident()),))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in seen}) == 6
    assert len(names(file)) == 7


def test_closed_it_opens_again_on_use(file: Database) -> None:
    before = file.connection()
    file.close()
    with pytest.raises(sqlite3.ProgrammingError):
        before.execute("SELECT 1")
    assert names(file) == ["one"]
