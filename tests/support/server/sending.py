"""Sending a picture, and reading what went wrong."""

from __future__ import annotations

from support.server.pictures import TestClient, picture

URL = "/v1.0/removebg"


def errors(response) -> dict[str, str]:  # type: ignore[no-untyped-def]
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    (error,) = response.json()["errors"]
    return error


def send(client: TestClient, data: bytes | None = None, **fields: str):  # type: ignore[no-untyped-def]
    files = {"image_file": ("x.png", data if data is not None else picture())}
    return client.post(URL, data=fields, files=files)
