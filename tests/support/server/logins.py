"""Logging in at an issuer that is nothing but a function: each step, and all of them."""

from __future__ import annotations

import urllib.parse
from typing import Any

import httpx

from support.server.issuer import ISSUER, FakeIssuer
from support.server.pictures import TestClient

__all__ = ["answering", "begin", "come_back", "logged_in"]


def begin(client: TestClient, path: str = "/login") -> dict[str, str]:
    """Begin a login; return what the issuer is asked."""
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    url, _, query = answer.headers["location"].partition("?")
    assert url == f"{ISSUER}/auth"
    return dict(urllib.parse.parse_qsl(query))


def answering(fake: FakeIssuer, nonce: str, **claims: Any) -> None:
    """Let the token endpoint accept any code."""
    fake.answer = lambda form: httpx.Response(
        200, json={"id_token": fake.id_token(nonce, **claims)}
    )


def come_back(client: TestClient, asked: dict[str, str], **query: str) -> httpx.Response:
    query = {"code": "code", "state": asked["state"], "iss": ISSUER, **query}
    query = {name: value for name, value in query.items() if value}
    return client.get("/login/callback", params=query, follow_redirects=False)


def logged_in(client: TestClient, fake: FakeIssuer, **claims: Any) -> dict[str, Any]:
    """Log in; return what the page is told."""
    asked = begin(client)
    answering(fake, asked["nonce"], **claims)
    answer = come_back(client, asked)
    assert answer.status_code == 303, answer.text
    data: dict[str, Any] = client.get("/account/session").json()["data"]
    return data
