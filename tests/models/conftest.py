from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from support.model_server import (
    Server,
)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _impatience(monkeypatch):
    monkeypatch.setattr("mattekit.models.fetching.PAUSE", 0.01)
    # Reading the certificates of the world takes longer than most tests, and all are plain http.
    monkeypatch.setattr("ssl.SSLContext.load_verify_locations", lambda *given, **named: None)
