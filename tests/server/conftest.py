"""A server without a network: the fake one finds what is redder than blue."""

from __future__ import annotations

import threading
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard, OutputSpec
from mattekit.runtime import FakeSession, Runtime

pytest.importorskip("starlette", reason="the extra `server` is not installed")
pytest.importorskip("joserfc", reason="the extra `oidc` is not installed")

from mattekit_server import pool
from mattekit_server.application import create_app
from mattekit_server.keys import KeyStore
from mattekit_server.problems import Problem
from mattekit_server.settings import Settings
from support.server.issuer import FakeIssuer, oidc
from support.server.pictures import Make, TestClient


def red(batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    alpha = np.clip((batch[:, :1] - batch[:, 2:3]) * 4 + 0.5, 0, 1).astype(np.float32)
    kinds = np.tile(np.float32([0.1, 0.9]), (len(batch), 1))
    return alpha, kinds


@pytest.fixture
def session() -> FakeSession:
    card = ModelCard(
        "fake",
        input=InputSpec(size=Size(64, 64)),
        output=OutputSpec(kinds=1, kind_names=("person", "graphic")),
    )
    return FakeSession(red, card)


@pytest.fixture
def late(session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """From the call on the deadline passes while the network runs, however busy the machine is.

    Or while another function does, which `begin` is given as its owner and name.
    """
    clock = types.SimpleNamespace(monotonic=time.monotonic)
    over, too_late = threading.Event(), pool.WorkerPool._too_late
    monkeypatch.setattr(pool, "time", clock)
    monkeypatch.setattr(pool, "_LOOK_AFTER", 0.02)

    def give_up(self: pool.WorkerPool) -> Problem:  # the work has been canceled
        over.set()
        return too_late(self)

    def begin(owner: object = session, name: str = "run") -> None:
        run = getattr(owner, name)

        def beyond_the_deadline(*args: object) -> object:
            clock.monotonic = lambda: time.monotonic() + 3600
            assert over.wait(60)
            return run(*args)

        monkeypatch.setattr(pool.WorkerPool, "_too_late", give_up)
        monkeypatch.setattr(owner, name, beyond_the_deadline)

    return begin


@pytest.fixture
def runtime(session: FakeSession) -> Iterator[Runtime]:
    with Runtime() as runtime:
        runtime.use("auto", session)
        yield runtime


@pytest.fixture
def make(runtime: Runtime) -> Iterator[Make]:
    """Make a client of a server with the given settings; keys are not needed unless asked for."""
    clients: list[TestClient] = []

    def start(**settings: object) -> TestClient:
        settings = {"auth": False, "rate_limit": 500, **settings}
        app = create_app(Settings(**settings), runtime)  # type: ignore[arg-type]
        client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
        clients.append(client.__enter__())
        return client

    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(make: Make) -> TestClient:
    return make()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "keys.sqlite3"


@pytest.fixture
def keys(database: Path) -> Iterator[KeyStore]:
    store = KeyStore(database)
    yield store
    store.close()


@pytest.fixture
def fake_issuer() -> FakeIssuer:
    return FakeIssuer()


@pytest.fixture
def make_oidc(make: Make, database: Path, fake_issuer: FakeIssuer) -> Make:
    """Make a client of a server that accepts the fake issuer's tokens."""

    def start(**values: object) -> TestClient:
        client = make(auth=True, database=database, oidc=oidc(**values))
        client.app.state.service.authenticator.issuer.transport = fake_issuer.transport
        return client

    return start
