"""Kept logins: their owner's alone, renewed once however many ask, gone with logout."""

from __future__ import annotations

import json
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mattekit.errors import ServerError
from mattekit_client.authorization import AuthorizationServer, Login, Tokens
from mattekit_client.logins import LoginStore, StoredLogin, default_logins

SERVER = "https://matte.example"


class Renewing(AuthorizationServer):
    """An issuer that takes each refresh token once."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.refuses = ""

    def refresh(self, login: Login) -> Login:
        if self.refuses:
            raise ServerError(login.issuer, 400, self.refuses, "the login is no longer valid")
        assert login.tokens.refresh not in self.seen
        self.seen.append(login.tokens.refresh)
        number = len(self.seen)
        return login._replace(tokens=Tokens(f"access {number}", f"refresh {number}", 5000))


def login(expires: float = 5000, server: str = SERVER) -> Login:
    tokens = Tokens("access 0", "refresh 0", expires)
    return Login(server, "https://issuer.example", "command", "https://i/token", "", tokens)


@pytest.fixture
def store(tmp_path: Path) -> LoginStore:
    return LoginStore(tmp_path / "state" / "logins.json")


def stored(store: LoginStore, now: float = 1000) -> tuple[StoredLogin, Renewing]:
    issuer = Renewing()
    return StoredLogin(store, SERVER, issuer=issuer, clock=lambda: now), issuer


def test_what_is_kept_comes_back(store: LoginStore) -> None:
    assert store.get(SERVER) is None
    store.put(login())
    store.put(login(server="https://other.example"))
    assert store.get(SERVER) == login()
    assert set(store.servers()) == {SERVER, "https://other.example"}
    assert store.remove(SERVER) == login()
    assert store.remove(SERVER) is None
    assert store.servers() == ["https://other.example"]
    store.remove("https://other.example")
    assert not store.path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_nobody_else_reads_it(store: LoginStore) -> None:
    old = os.umask(0)
    try:
        store.put(login())
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
        store.path.chmod(0o644)
        store.put(login())
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    finally:
        os.umask(old)
    assert [path.name for path in store.path.parent.iterdir()] == ["logins.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, f'{{"{SERVER}": 7}}'])
def test_a_broken_file_is_as_none(store: LoginStore, text: str) -> None:
    store.path.parent.mkdir()
    store.path.write_text(text)
    assert store.get(SERVER) is None
    store.put(login())
    assert store.get(SERVER) == login()


def test_a_broken_file_is_kept_when_somebody_logs_in(
    store: LoginStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.path.parent.mkdir(parents=True, exist_ok=True)
    store.path.write_text('{"https://a.example": {')
    store.put(login())
    aside = store.path.with_name("logins.json.unreadable")
    assert aside.read_text() == '{"https://a.example": {'
    assert str(aside) in caplog.text
    assert store.servers() == [login().server]


def test_of_another_version(store: LoginStore) -> None:
    store.path.parent.mkdir()
    store.path.write_text(json.dumps({SERVER: {"server": SERVER, "tokens": {}, "more": 1}}))
    assert store.get(SERVER) is None


def test_a_token_that_goes_on_is_used(store: LoginStore) -> None:
    store.put(login())
    provider, issuer = stored(store)
    assert provider.token() == "access 0"
    assert issuer.seen == []


@pytest.mark.parametrize("now", [4950, 6000])
def test_a_token_that_ends_is_renewed_and_kept(store: LoginStore, now: float) -> None:
    store.put(login())
    provider, _ = stored(store, now)
    assert provider.token() == "access 1"
    found = store.get(SERVER)
    assert found is not None
    assert found.tokens.refresh == "refresh 1"


def test_a_refused_token_is_renewed_once_however_many_ask(store: LoginStore) -> None:
    store.put(login(expires=0))
    provider, issuer = stored(store)
    assert provider.token() == "access 0"
    other, _ = stored(store)
    assert other.token() == "access 0"
    assert provider.token(refresh=True) == "access 1"
    assert other.token(refresh=True) == "access 1"  # found in the file
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: provider.token(), range(20))) == {"access 1"}
    assert issuer.seen == ["refresh 0"]


def test_who_waited_for_another_takes_what_that_one_got(store: LoginStore) -> None:
    store.put(login())
    (first, issuer), (second, _) = stored(store), stored(store)
    second._issuer = issuer
    old = login()  # what both have read, before either renewed it
    assert first._renewed(old).tokens.access == "access 1"
    assert second._renewed(old).tokens.access == "access 1"
    assert issuer.seen == ["refresh 0"]


def test_a_login_that_is_over_is_forgotten(store: LoginStore) -> None:
    store.put(login(expires=10))
    provider, issuer = stored(store)
    issuer.refuses = "server_error"
    with pytest.raises(ServerError):
        provider.token()
    assert store.get(SERVER) is not None
    issuer.refuses = "invalid_grant"
    with pytest.raises(ServerError, match=f"mattekit login {SERVER}"):
        provider.token()
    assert store.get(SERVER) is None
    with pytest.raises(ServerError, match="nobody is logged in"):
        provider.token()


def test_where_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MATTEKIT_LOGINS", str(tmp_path / "here"))
    assert default_logins() == tmp_path / "here"
    monkeypatch.delenv("MATTEKIT_LOGINS")
    assert default_logins().name == "logins.json"
