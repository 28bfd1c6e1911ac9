"""`mattekit logout`: of one server, of all, of none; see test_login.py for the way from login."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit_client import authorization
from mattekit_client.authorization import Login, Tokens
from mattekit_client.logins import LoginStore

ISSUER = "https://issuer.example"


def login(server: str) -> Login:
    return Login(server, ISSUER, "me", "", "", Tokens("access", "refresh", 0))


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> LoginStore:
    monkeypatch.setenv("MATTEKIT_LOGINS", str(tmp_path / "logins.json"))
    made = LoginStore(tmp_path / "logins.json")
    for name in ("one", "two"):
        made.put(login(f"https://{name}.example"))
    return made


class Issuer:
    """Wants to know, or does not."""

    answer = True

    def revoke(self, login: Login) -> bool:
        return self.answer


def test_of_one_and_then_of_all(mattekit, store, monkeypatch) -> None:
    monkeypatch.setattr(authorization, "AuthorizationServer", Issuer)
    assert mattekit("logout", "https://one.example/v1.0").stdout == (
        "logged out of https://one.example\n"
    )
    assert store.servers() == ["https://two.example"]
    assert mattekit("logout").stdout == "logged out of https://two.example\n"
    assert store.servers() == []


def test_an_issuer_that_could_not_be_reached_is_said(mattekit, store, monkeypatch) -> None:
    monkeypatch.setattr(authorization, "AuthorizationServer", Issuer)
    monkeypatch.setattr(Issuer, "answer", False)
    said = mattekit("logout", "https://two.example").stdout
    assert said == f"logged out of https://two.example ({ISSUER} was not told)\n"
    assert store.servers() == ["https://one.example"]
