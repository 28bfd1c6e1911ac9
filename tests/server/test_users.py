"""Users in the file of the keys: one account each, whoever comes first; sessions that end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mattekit_server.keys import KeyStore
from mattekit_server.users import User, UserStore

ISSUER = "https://issuer.example"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(database: Path, clock: Clock) -> Iterator[UserStore]:
    keys = KeyStore(database, clock)
    yield UserStore(keys)
    keys.close()


def create(users: UserStore, subject: str = "alice") -> User:
    return users.create(ISSUER, subject, subject, credits=1, free_calls=0)


def test_a_user_is_made_once(users: UserStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: create(users), range(16)))
    assert len(set(made)) == 1
    valid = [record for record in users.keys.records() if not record.revoked]
    assert [record.id for record in valid] == [made[0].account]


def test_a_subject_of_another_issuer_is_another_user(users: UserStore) -> None:
    other = users.create("https://other.example", "alice", "alice", credits=1, free_calls=0)
    assert create(users).account != other.account


def test_nothing_that_opens_anything_is_in_the_file(users: UserStore, database: Path) -> None:
    user = create(users)
    _, key = users.create_key(user, "laptop")
    name = users.begin_session(user)
    users.keys.close()
    data = b"".join(path.read_bytes() for path in database.parent.iterdir())
    assert key.encode() not in data
    assert name.encode() not in data


def test_a_session_ends(users: UserStore, clock: Clock) -> None:
    user = create(users)
    name = users.begin_session(user)
    found = users.session(name)
    assert found is not None
    assert found.user == user
    assert users.session(name + "x") is None
    assert users.session("") is None
    clock.now += 12 * 3600
    assert users.session(name) is None


def test_sessions_beyond_the_tenth_end_the_oldest(users: UserStore, clock: Clock) -> None:
    user = create(users)
    names = []
    for _ in range(12):
        clock.now += 1
        names.append(users.begin_session(user))
    assert [users.session(name) is not None for name in names] == [False] * 2 + [True] * 10


def test_sessions_that_ended_are_forgotten(users: UserStore, clock: Clock, database: Path) -> None:
    user = create(users)
    users.begin_session(user)
    clock.now += 24 * 3600
    users.begin_session(user)
    with sqlite3.connect(database) as db:
        assert db.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    db.close()


def test_the_last_use_of_a_key_to_the_minute(users: UserStore, clock: Clock) -> None:
    user = create(users)
    _, key = users.create_key(user, "laptop")
    started = clock.now
    for seconds in (0, 30, 59):
        clock.now = started + seconds
        assert users.account_by_key(key) is not None
        assert users.user_keys(user)[0].used == started
    clock.now = started + 60
    users.account_by_key(key)
    assert users.user_keys(user)[0].used == clock.now
    assert users.account_by_key(key[:6] + "x" * 18) is None


def test_use_of_days_long_ago_is_left_out(users: UserStore, clock: Clock) -> None:
    user = create(users)
    users.keys.top_up(str(user.account), 10)
    for price in (1, 0.25):
        reservation = users.keys.reserve(user.account, price, may_be_free=False, seconds=9)
        users.keys.commit(reservation)
        clock.now += 86400
    assert [(use.day, use.calls, use.credits) for use in users.use(user)] == [
        ("2027-01-16", 1, 0.25),
        ("2027-01-15", 1, 1.0),
    ]
    clock.now += 29 * 86400
    assert [use.credits for use in users.use(user)] == [0.25]
