"""Everything beside `/removebg` and `/account`: training pictures, health, numbers, documents."""

from __future__ import annotations

from support.server.pictures import TestClient


def test_health(client: TestClient) -> None:
    answer = client.get("/health").json()
    assert (answer["status"], answer["model"]) == ("ok", "fake")
    assert client.head("/health").status_code == 200
