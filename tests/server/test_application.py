"""Everything beside `/removebg` and `/account`: training pictures, health, numbers, documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit_server.keys import KeyStore
from support.server.pictures import Make, TestClient, picture


def test_health(client: TestClient) -> None:
    answer = client.get("/health").json()
    assert (answer["status"], answer["model"]) == ("ok", "fake")
    assert client.head("/health").status_code == 200


def test_ready(make: Make, database: Path, keys: KeyStore) -> None:
    client = make(auth=True, database=database, rate_limit=5)
    assert client.get("/ready").json() == {"status": "ready", "reasons": []}
    assert client.head("/ready").status_code == 200
    service = client.app.state.service  # type: ignore[attr-defined]
    service.draining = True
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["it ends"])
    assert answer.headers["connection"] == "close"
    assert client.get("/health").json()["status"] == "ok"  # a restart would not mend it


def test_not_ready_without_what_requests_need(
    make: Make, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make(auth=True, database=database)
    service = client.app.state.service  # type: ignore[attr-defined]
    monkeypatch.setattr(service, "model", "")
    monkeypatch.setattr(service.keys, "check", lambda: False)
    monkeypatch.setattr(service.rates.storage, "check", lambda: False)
    monkeypatch.setattr(service.pool, "waiting", service.pool.queue)
    assert client.get("/ready").json()["reasons"] == [
        "the network is not loaded",
        "the queue is full",
        "the keys cannot be read",
        "the rate limit cannot be counted",
    ]


def test_pages_of_other_origins_can_use_editors(client: TestClient) -> None:
    opened = client.post("/editors?preview=png", files={"image_file": picture()})
    exposed = opened.headers["access-control-expose-headers"].lower().split(", ")
    own = {name for name in opened.headers if name.startswith("x-")} - {"x-content-type-options"}
    assert "x-editor" in own
    assert own <= set(exposed)
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "DELETE"}
    preflight = client.options("/editors/name", headers=asked)
    assert "DELETE" in preflight.headers["access-control-allow-methods"].split(", ")
