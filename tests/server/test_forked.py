"""A server that forks after it was made: nothing of SQLite or of a connection is used by two."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest

from mattekit_client.api import Client
from mattekit_client.remote import RemoteRuntime
from mattekit_server.keys import KeyStore
from mattekit_server.rates import RateLimit, SQLiteStorage

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


def child(work) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - the child ends here, whatever went wrong
            os._exit(1)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


def test_keys(tmp_path: Path) -> None:
    store = KeyStore(tmp_path / "keys.sqlite3")
    key = store.create("team", credits=10)
    parents = store.database.connection()

    def work() -> None:
        assert store.database.connection() is not parents
        assert store.account(key) is not None
        store.top_up("team", 5)
        store.close()

    child(work)
    assert store.records()[0].credits == 15
    store.close()


@pytest.mark.slow
def test_rates(tmp_path: Path) -> None:
    limit = RateLimit(10, f"sqlite://{tmp_path / 'rates.sqlite3'}")
    storage = limit.storage
    assert isinstance(storage, SQLiteStorage)
    limit.hit("a", 3)
    parents = storage.db

    def work() -> None:
        assert storage.db is not parents
        limit.hit("a", 3)

    child(work)
    assert limit.peek("a").remaining == 4
    limit.close()


@pytest.mark.parametrize("kind", [Client, RemoteRuntime])
def test_connections(kind: type) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    with kind("http://127.0.0.1:9", transport=transport) as ours:
        parents = ours._client

        def work() -> None:
            assert ours._client is not parents
            assert not ours._client.is_closed
            ours.close()

        child(work)
        assert ours._client is parents
