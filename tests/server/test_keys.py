"""Keys and credits: charged as documented, never twice, never for an error."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mattekit.errors import InputError, InputNotFound, OptionError
from mattekit_server.keys import Account, KeyStore
from mattekit_server.problems import Problem
from support.server.pictures import Make, blank, picture

URL = "/v1.0/removebg"


class Clock:
    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def account(store: KeyStore, key: str):  # type: ignore[no-untyped-def]
    found = store.account(key)
    assert found is not None
    return found


def test_what_a_key_may_do_can_be_changed(keys: KeyStore) -> None:
    key = keys.create("a")
    assert account(keys, key).rate is None
    record = keys.change("a", name="b", free_calls=3, rate=10)
    assert (record.name, record.free_calls, record.rate) == ("b", 3, 10)
    assert account(keys, key).rate == 10
    assert keys.change("b") == record
    assert keys.change("b", rate=0).rate == 0
    assert keys.change("b", rate="default").rate is None
    assert (account(keys, key).size, account(keys, key).deadline) == (None, None)
    changed = keys.change("b", size="full", deadline=9)
    assert (changed.size, changed.deadline) == ("full", 9)
    assert (account(keys, key).size, account(keys, key).deadline) == ("full", 9)
    assert keys.change("b") == changed
    changed = keys.change("b", size="default", deadline="default")
    assert (changed.size, changed.deadline) == (None, None)
    for wrong in (
        *({"rate": -1}, {"free_calls": -1}, {"size": "huge"}),
        *({"deadline": 0}, {"deadline": -1}, {"deadline": float("nan")}),
    ):
        with pytest.raises(OptionError):
            keys.change("b", **wrong)  # type: ignore[arg-type]


# -- the store ------------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_kept_as_a_digest(keys: KeyStore, database: Path) -> None:
    key = keys.create("team", credits=2.5)
    assert len(key) == 24
    assert key.isalnum()
    assert key.encode() not in database.read_bytes() + Path(f"{database}-wal").read_bytes()
    assert account(keys, key).credits == 2.5
    assert keys.account(key[:-1] + ("a" if key[-1] != "a" else "b")) is None
    assert keys.account("") is None


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_only_the_owner_can_read_the_files(keys: KeyStore, database: Path) -> None:
    keys.create("a")
    number = keys.reserve(1, 0.25, may_be_free=True, seconds=60)
    names = [path.name for path in database.parent.iterdir()]
    assert {database.name, f"{database.name}-wal", f"{database.name}-shm"} <= set(names)
    assert {stat.S_IMODE(path.stat().st_mode) for path in database.parent.iterdir()} == {0o600}
    keys.release(number)


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_files_that_are_open_to_others_are_closed(
    keys: KeyStore, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys.create("a")
    for path in database.parent.iterdir():
        path.chmod(0o644)
    again = KeyStore(database)
    assert {stat.S_IMODE(path.stat().st_mode) for path in database.parent.iterdir()} == {0o600}
    assert f"{database} was open to others (mode 644)" in caplog.text
    caplog.clear()
    again.close()
    KeyStore(database).close()
    assert not caplog.text


def test_revoke_and_top_up(keys: KeyStore) -> None:
    first, second = keys.create("a"), keys.create("b")
    assert keys.top_up("a", 3).credits == 3
    assert keys.top_up(first, 0.25).credits == 3.25
    assert keys.revoke("2").revoked
    assert keys.account(second) is None
    assert keys.account(first) is not None
    with pytest.raises(InputNotFound, match="no key 'nobody'"):
        keys.revoke("nobody")
    keys.create("a")
    with pytest.raises(InputError, match="may be 1, 3"):
        keys.revoke("a")
    for bad in (-1, float("nan")):
        with pytest.raises(OptionError):
            keys.top_up("1", bad)


def test_a_reservation_is_settled_once(keys: KeyStore) -> None:
    key = keys.create("a", credits=1, free_calls=0)
    number = account(keys, key).id
    reservation = keys.reserve(number, 1, may_be_free=False, seconds=60)
    with pytest.raises(Problem) as caught:
        keys.reserve(number, 0.25, may_be_free=False, seconds=60)
    assert caught.value.status == 402
    assert account(keys, key).credits == 0  # what is shown is what can be spent,
    assert keys.records()[0].credits == 1  # and set aside is not yet charged
    assert keys.commit(reservation)
    assert not keys.commit(reservation)
    assert account(keys, key).credits == 0


def test_a_released_reservation_costs_nothing(keys: KeyStore) -> None:
    key = keys.create("a", credits=1, free_calls=0)
    reservation = keys.reserve(1, 1, may_be_free=False, seconds=60)
    keys.release(reservation)
    assert not keys.commit(reservation)
    assert account(keys, key).credits == 1


def test_a_reservation_lapses(database: Path) -> None:
    clock = Clock()
    store = KeyStore(database, clock)
    key = store.create("a", credits=1, free_calls=1)
    for may_be_free in (True, False):
        store.reserve(1, 1, may_be_free=may_be_free, seconds=60)
    with pytest.raises(Problem):
        store.reserve(1, 1, may_be_free=True, seconds=60)
    assert account(store, key)[1:3] == (0, 0)
    clock.now += 60
    assert account(store, key)[1:3] == (1, 1)
    store.reserve(1, 1, may_be_free=False, seconds=60)
    store.close()


def reserving(database: Path) -> subprocess.Popen[str]:
    """A process that has reserved one credit of the first key and waits."""
    script = (
        "import sys; from pathlib import Path; from mattekit_server.keys import KeyStore\n"
        "store = KeyStore(Path(sys.argv[1]))\n"
        "store.reserve(1, 1, may_be_free=False, seconds=3600)\n"
        "print('reserved', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "reserved\n"
    return child


@pytest.mark.parametrize("how", ["start", "reserve", "account"])
def test_what_a_killed_process_reserved_is_free_at_once(
    keys: KeyStore, database: Path, how: str
) -> None:
    key = keys.create("a", credits=1, free_calls=0)
    with reserving(database) as child:
        # While it lives nobody frees what it holds, whether just started or there before.
        again = KeyStore(database)
        for store in (keys, again):
            assert account(store, key).credits == 0
            with pytest.raises(Problem):
                store.reserve(1, 1, may_be_free=False, seconds=60)
        again.close()
        child.kill()
    if how == "start":
        KeyStore(database).close()
        with sqlite3.connect(database) as db:
            assert db.execute("SELECT count(*) FROM reservations").fetchone() == (0,)
        db.close()
    elif how == "reserve":
        assert keys.commit(keys.reserve(1, 1, may_be_free=False, seconds=60))
    else:
        assert account(keys, key).credits == 1
    keys.close()
    KeyStore(database).close()
    assert not list(database.parent.glob("*-process-*"))


def test_a_store_that_is_closed_leaves_nothing_reserved(database: Path) -> None:
    first, second = KeyStore(database), KeyStore(database)
    key = first.create("a", credits=1, free_calls=0)
    first.reserve(1, 1, may_be_free=False, seconds=60)
    assert account(second, key).credits == 0
    first.close()
    assert account(second, key).credits == 1
    second.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_holds_what_it_reserves_itself(keys: KeyStore, database: Path) -> None:
    key = keys.create("a", credits=2, free_calls=0)
    mine = keys.reserve(1, 1, may_be_free=False, seconds=60)
    child = os.fork()
    if child == 0:
        keys.reserve(1, 1, may_be_free=False, seconds=60)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert account(keys, key).credits == 1
    assert keys.commit(mine)
    keys.reserve(1, 1, may_be_free=False, seconds=60)


def test_keys_and_credits_of_0_1_0_stay(database: Path) -> None:
    """Its table knew no rate, size or deadline of a key, and no holder of a reservation."""
    key = "a" * 24
    with sqlite3.connect(database) as db:
        db.executescript(
            "CREATE TABLE keys (id INTEGER PRIMARY KEY, name TEXT NOT NULL, prefix TEXT NOT NULL, "
            "digest BLOB NOT NULL UNIQUE, created REAL NOT NULL, revoked REAL, "
            "credits INTEGER NOT NULL CHECK (credits >= 0), free_calls INTEGER NOT NULL, "
            "free_month TEXT NOT NULL DEFAULT '', free_used INTEGER NOT NULL DEFAULT 0);"
            "CREATE TABLE reservations (id INTEGER PRIMARY KEY, key INTEGER NOT NULL, "
            "price INTEGER NOT NULL, free INTEGER NOT NULL, lapses REAL NOT NULL);"
            "CREATE TABLE charges (id INTEGER PRIMARY KEY, key INTEGER NOT NULL, "
            "price INTEGER NOT NULL, free INTEGER NOT NULL, at REAL NOT NULL);"
        )
        db.execute(
            "INSERT INTO keys (name, prefix, digest, created, credits, free_calls) "
            "VALUES ('shop', ?, ?, 1700000000.0, 950, 50)",
            (key[:6], hashlib.sha256(key.encode()).digest()),
        )
        db.execute("INSERT INTO charges VALUES (1, 1, 50, 0, 1700000000.0)")
    db.close()
    store = KeyStore(database, Clock())
    (record,) = store.records()
    assert (record.name, record.credits, record.free_calls) == ("shop", 9.5, 50)
    assert (record.rate, record.size, record.deadline) == (None, None, None)
    assert account(store, key).credits == 9.5
    assert store.commit(store.reserve(1, 1, may_be_free=False, seconds=60))
    assert account(store, key).credits == 8.5
    store.close()


def test_a_file_of_before_there_were_holders(database: Path) -> None:
    with sqlite3.connect(database) as db:
        db.execute(
            "CREATE TABLE reservations (id INTEGER PRIMARY KEY, key INTEGER NOT NULL, "
            "price INTEGER NOT NULL, free INTEGER NOT NULL, lapses REAL NOT NULL)"
        )
        db.execute("INSERT INTO reservations VALUES (1, 1, 100, 0, 1800000060.0)")
    db.close()
    store = KeyStore(database, Clock())
    key = store.create("a", credits=1.5, free_calls=0)
    assert account(store, key).credits == 0.5  # nobody knows whether that process lives
    store.close()


def test_free_calls_of_a_month(database: Path) -> None:
    clock = Clock()
    store = KeyStore(database, clock)
    key = store.create("a", free_calls=2)
    for left in (1, 0):
        reservation = store.reserve(1, 0.25, may_be_free=True, seconds=60)
        assert reservation.charge == 0
        store.commit(reservation)
        assert account(store, key).free_left == left
    with pytest.raises(Problem):
        store.reserve(1, 0.25, may_be_free=True, seconds=60)
    clock.now += 32 * 86400
    assert account(store, key).free_left == 2
    assert store.records()[0].free_left == 2
    store.commit(store.reserve(1, 0.25, may_be_free=True, seconds=60))
    assert account(store, key).free_left == 1
    store.close()


def test_threads_cannot_spend_a_credit_twice(keys: KeyStore) -> None:
    key = keys.create("a", credits=5, free_calls=0)
    paid: list[bool] = []

    def spend() -> None:
        try:
            paid.append(keys.commit(keys.reserve(1, 1, may_be_free=False, seconds=60)))
        except Problem:
            paid.append(False)

    threads = [threading.Thread(target=spend) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(paid) == 5
    assert account(keys, key).credits == 0


@pytest.mark.slow
def test_processes_cannot_spend_a_credit_twice(keys: KeyStore, database: Path) -> None:
    keys.create("a", credits=30, free_calls=0)
    script = (
        "import sys; from pathlib import Path; from mattekit_server.keys import KeyStore\n"
        "from mattekit_server.problems import Problem\n"
        "store = KeyStore(Path(sys.argv[1])); paid = 0\n"
        "for _ in range(20):\n"
        "    try: paid += store.commit(store.reserve(1, 1, may_be_free=False, seconds=60))\n"
        "    except Problem: pass\n"
        "print(paid)"
    )
    command = [sys.executable, "-c", script, str(database)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    assert sum(int(child.communicate()[0]) for child in children) == 30
    with sqlite3.connect(database) as db:
        assert db.execute("SELECT count(*), sum(price) FROM charges").fetchone() == (30, 3000)
    db.close()
    assert keys.records()[0].credits == 0


# -- over HTTP -------------------------------------------------------------------------------------


def headers(key: str) -> dict[str, str]:
    return {"X-API-Key": key}


def test_missing_and_wrong_keys(make: Make, keys: KeyStore, database: Path) -> None:
    client = make(auth=True, database=database)
    for path, method in ((URL, "POST"), ("/v1.0/account", "GET"), ("/v1.0/improve", "POST")):
        response = client.request(method, path)
        assert response.status_code == 403
        assert response.json()["errors"][0]["title"] == "Missing API Key"
        response = client.request(method, path, headers=headers("wrong"))
        assert response.status_code == 403
        assert response.text == '{"errors":[{"title":"API Key invalid","code":"auth_failed"}]}'
    keys.create("a")
    keys.revoke("a")


@pytest.mark.parametrize("how", ["X-API-Key", "x-api-key", "X-Api-Key", "bearer"])
def test_ways_to_give_the_key(make: Make, keys: KeyStore, database: Path, how: str) -> None:
    key = keys.create("a")
    given = {"Authorization": f"Bearer {key}"} if how == "bearer" else {how: key}
    client = make(auth=True, database=database)
    assert client.get("/v1.0/account", headers=given).status_code == 200


def test_account(make: Make, keys: KeyStore, database: Path) -> None:
    key = keys.create("a", credits=12.5, free_calls=7)
    response = make(auth=True, database=database).get("/v1.0/account", headers=headers(key))
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.text == (
        '{"data":{"attributes":{"credits":{"subscription":0,"payg":12.5,"enterprise":0,'
        '"total":12.5},"api":{"free_calls":7,"sizes":"all"}}}}'
    )


def test_prices(make: Make, keys: KeyStore, database: Path) -> None:
    key = keys.create("a", credits=10, free_calls=1)
    client = make(auth=True, database=database)

    def charge(size: str, width: int, height: int) -> tuple[str, float, int]:
        response = client.post(
            URL,
            data={"size": size} if size else {},
            files={"image_file": picture(width, height)},
            headers=headers(key),
        )
        assert response.status_code == 200, response.text
        data = client.get("/v1.0/account", headers=headers(key)).json()["data"]["attributes"]
        charged = response.headers["x-credits-charged"]
        return charged, data["credits"]["total"], data["api"]["free_calls"]

    assert charge("full", 128, 96) == ("1", 9, 1)  # free calls are previews
    assert charge("", 128, 96) == ("0", 9, 0)
    assert charge("preview", 128, 96) == ("0.25", 8.75, 0)
    assert charge("auto", 500, 333) == ("0.25", 8.5, 0)
    assert charge("auto", 720, 1080) == ("1", 7.5, 0)
    assert charge("hd", 100, 100) == ("1", 6.5, 0)


def test_errors_cost_nothing(make: Make, keys: KeyStore, database: Path) -> None:
    key = keys.create("a", credits=1, free_calls=0)
    client = make(auth=True, database=database)
    for data in (blank(), b"nonsense", picture(kind="JPEG")[:400]):
        response = client.post(URL, files={"image_file": data}, headers=headers(key))
        assert response.status_code == 400
    response = client.post(URL, files={"image_file": picture()}, headers=headers(key))
    assert response.headers["x-ratelimit-remaining"] == "499"
    assert response.headers["x-credits-charged"] == "0.25"
    assert keys.records()[0].credits == 0.75


def test_insufficient_credits(make: Make, keys: KeyStore, database: Path) -> None:
    key = keys.create("a", credits=0.5, free_calls=0)
    client = make(auth=True, database=database)
    files = {"image_file": picture(1000, 800)}
    response = client.post(URL, data={"size": "full"}, files=files, headers=headers(key))
    assert response.status_code == 402
    assert response.json()["errors"] == [
        {"title": "Insufficient credits", "code": "insufficient_credits"}
    ]
    # "auto" is the best that picture and credits allow: here a preview.
    response = client.post(URL, data={"size": "auto"}, files=files, headers=headers(key))
    assert response.status_code == 200
    assert (response.headers["x-width"], response.headers["x-credits-charged"]) == ("559", "0.25")


def test_a_defect_costs_nothing(
    make: Make, keys: KeyStore, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = keys.create("a", credits=1, free_calls=0)
    client = make(auth=True, database=database)

    def broken(*_: object) -> None:
        raise RuntimeError("a defect, with a secret in its message")

    monkeypatch.setattr("mattekit.pipeline.complete", broken)
    response = client.post(URL, files={"image_file": picture()}, headers=headers(key))
    assert response.status_code == 500
    assert response.json()["errors"] == [{"title": "Internal error", "code": "internal_error"}]
    assert response.headers["access-control-allow-origin"] == "*"
    monkeypatch.undo()
    response = client.post(
        URL, data={"size": "full"}, files={"image_file": picture()}, headers=headers(key)
    )
    assert response.status_code == 200


def test_an_account_without_a_key(keys: KeyStore) -> None:
    number = keys.open_account("who logs in", credits=3, free_calls=2)
    assert keys.account_of(number) == Account(number, 3, 2)
    assert keys.account("") is None  # nor does any other key open it
    reservation = keys.reserve(number, 1, may_be_free=False, seconds=60)
    assert keys.account_of(number) == Account(number, 2, 2)
    keys.commit(reservation)
    keys.revoke("who logs in")
    assert keys.account_of(number) is None
