"""The rate limit, with the storages that need no other program."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mattekit.errors import OptionError
from mattekit_server.keys import KeyStore
from mattekit_server.problems import Problem
from mattekit_server.rates import RateLimit, SQLiteStorage, megapixel_units
from support.server.pictures import Make, blank, picture

URL = "/v1.0/removebg"


@pytest.mark.parametrize(
    ("width", "height", "units"),
    [
        (625, 400, 1),
        (1200, 800, 1),
        (1600, 1200, 2),
        (2500, 1600, 4),
        (4000, 2500, 10),
        (6250, 4000, 25),
        (10, 10, 1),
    ],
)
def test_units(width: int, height: int, units: int) -> None:
    assert megapixel_units(width * height) == units


@pytest.fixture(params=["memory", "sqlite"])
def limit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RateLimit]:
    storage = "memory://" if request.param == "memory" else f"sqlite://{tmp_path / 'r.db'}"
    with contextlib.closing(RateLimit(10, storage)) as limit:
        yield limit


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Callable[[], RateLimit]]:
    """Return what makes a limit of another process on one file."""
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(
            contextlib.closing(RateLimit(10, f"sqlite://{tmp_path / 'r.db'}"))
        )


def test_window(limit: RateLimit) -> None:
    before = time.time()
    assert limit.peek("a").remaining == 10
    first = limit.hit("a", 4)
    assert (first.allowed, first.remaining, first.limit) == (True, 6, 10)
    assert before - 1 <= first.reset - 60 <= time.time() + 1
    assert limit.hit("b", 10).allowed
    time.sleep(0.05)
    second = limit.hit("a", 6)
    assert (second.allowed, second.remaining) == (True, 0)
    assert second.reset == first.reset  # fixed: from the first call
    third = limit.hit("a", 1)
    assert (third.allowed, third.remaining) == (False, 0)
    assert 1 <= third.retry_after <= 60


def test_a_refused_call_is_not_counted(limit: RateLimit) -> None:
    limit.hit("a", 8)
    assert not limit.hit("a", 5).allowed
    assert limit.hit("a", 2).allowed


def test_give_back(limit: RateLimit) -> None:
    limit.hit("a", 8)
    window = limit.hit("a", 2)
    limit.give_back("a", 2, window)
    assert limit.peek("a").remaining == 2
    limit.give_back("a", 2, window._replace(reset=0))
    assert limit.peek("a").remaining == 2


def test_the_window_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = SQLiteStorage(f"sqlite://{tmp_path / 'r.db'}")
    storage.close()  # the next use opens it again
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    assert storage.incr("k", 60, 3) == 3
    monkeypatch.setattr(time, "time", lambda: now + 59)
    assert storage.incr("k", 60, 3) == 6
    assert storage.get_expiry("k") == now + 60
    monkeypatch.setattr(time, "time", lambda: now + 60)
    assert storage.get("k") == 0
    assert storage.incr("k", 60, 2) == 2
    assert storage.get_expiry("k") == now + 120
    storage.close()


def test_a_count_that_fails_is_the_only_one(tmp_path: Path) -> None:
    limit = RateLimit(10, f"sqlite://{tmp_path / 'r.db'}")
    assert isinstance(limit.storage, SQLiteStorage)
    limit.storage.db.execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON windows "
        "BEGIN SELECT RAISE (FAIL, 'the disk is full'); END"
    )
    with pytest.raises(Problem, match="cannot be counted"):
        limit.hit("a", 1)
    limit.storage.db.execute("DROP TRIGGER full")
    assert limit.hit("a", 1).remaining == 9
    limit.close()


def test_two_processes_share_a_file(shared: Callable[[], RateLimit]) -> None:
    shared().hit("a", 7)
    assert shared().peek("a").remaining == 3


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_only_the_owner_can_read_the_file(
    tmp_path: Path, shared: Callable[[], RateLimit], caplog: pytest.LogCaptureFixture
) -> None:
    shared().hit("a", 7)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    (tmp_path / "r.db").chmod(0o664)
    assert shared().peek("a").remaining == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert "was open to others (mode 664)" in caplog.text


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="rate_storage"):
        RateLimit(10, f"sqlite://{tmp_path / 'nowhere' / 'r.db'}")


def test_unknown_storage() -> None:
    with pytest.raises(OptionError, match="rate_storage"):
        RateLimit(10, "nothing://")


@pytest.mark.slow
def test_over_http(make: Make) -> None:
    client = make(rate_limit=3)

    def send(data: bytes):  # type: ignore[no-untyped-def]
        return client.post(URL, files={"image_file": data})

    assert send(blank()).status_code == 400  # costs nothing
    began = time.time()
    assert send(picture()).headers["x-ratelimit-remaining"] == "2"
    large = send(picture(2500, 1600))  # 4 units
    assert large.status_code == 429
    assert large.json()["errors"] == [
        {"title": "Rate limit exceeded", "code": "rate_limit_exceeded"}
    ]
    assert 1 <= int(large.headers["retry-after"]) <= 60
    assert large.headers["x-ratelimit-limit"] == "3"
    assert large.headers["x-ratelimit-remaining"] == "2"
    assert send(picture()).status_code == 200
    response = send(picture())
    assert (response.status_code, response.headers["x-ratelimit-remaining"]) == (200, "0")
    assert "retry-after" not in response.headers
    assert began + 58 <= int(response.headers["x-ratelimit-reset"]) <= time.time() + 62
    assert send(picture()).status_code == 429


def test_no_limit(make: Make) -> None:
    response = make(rate_limit=0).post(URL, files={"image_file": picture()})
    assert "x-ratelimit-limit" not in response.headers


def test_a_key_may_have_a_limit_of_its_own(make: Make, database: Path, keys: KeyStore) -> None:
    key, other, free = (keys.create(name, credits=100) for name in ("a", "b", "c"))
    keys.change("a", rate=2)
    keys.change("c", rate=0)
    client = make(auth=True, database=database, rate_limit=5)

    def send(key: str):  # type: ignore[no-untyped-def]
        return client.post(URL, files={"image_file": picture()}, headers={"X-API-Key": key})

    codes = [send(key).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert send(other).headers["x-ratelimit-limit"] == "5"
    assert "x-ratelimit-limit" not in send(free).headers
    assert [send(free).status_code for _ in range(6)] == [200] * 6
    keys.change("a", rate="default")  # at once, without a restart
    assert send(key).headers["x-ratelimit-limit"] == "5"


def test_a_limit_of_its_own_where_the_server_has_none(
    make: Make, database: Path, keys: KeyStore
) -> None:
    key = keys.create("a", credits=100)
    keys.change("a", rate=1)
    client = make(auth=True, database=database, rate_limit=0)
    headers = {"X-API-Key": key}
    codes = [
        client.post(URL, files={"image_file": picture()}, headers=headers).status_code
        for _ in range(2)
    ]
    assert codes == [200, 429]
