"""A page, as a window of it sees the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from httpx import Response

from support.server.pictures import Make, TestClient

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
OWN = {"X-Mattekit-Page": "1", "Origin": "http://127.0.0.1"}


@pytest.fixture
def window(make: Make) -> TestClient:
    """A window that has been opened."""
    client = make()
    client.headers.update(OWN)
    assert client.get("/page/session").json()["new"]
    return client


@pytest.fixture
def drop() -> Callable[..., dict[str, Any]]:
    """Drop a picture on a window; returns what the page is told of it."""

    def add(client: TestClient, data: bytes, name: str = "disc.png") -> dict[str, Any]:
        answer: Response = client.post("/page/pictures", files={"image_file": (name, data)})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return add
