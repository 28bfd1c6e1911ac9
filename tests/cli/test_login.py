"""`mattekit login` and `mattekit logout`, and a login in the place of a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit.errors import ServerError
from mattekit_cli import remote
from mattekit_client import authorization
from mattekit_client.authorization import AuthorizationServer, DeviceCode, Login, Resource, Tokens
from mattekit_client.logins import LoginStore

SERVER, ISSUER = "https://matte.example", "https://issuer.example"


class Fake(AuthorizationServer):
    """Lets in whoever comes."""

    client_id = "command"
    revoked: list[Login] = []  # noqa: RUF012

    def resource(self, server: str) -> Resource:
        return Resource(authorization.origin_of(server), ISSUER, self.client_id, ())

    def begin(self, resource: Resource) -> tuple[DeviceCode, Login]:
        code = DeviceCode("d", "WDJB-MJHT", f"{ISSUER}/type", f"{ISSUER}/type?c", 1, 60)
        return code, Login(
            resource.url, resource.issuer, resource.client_id, "", "", Tokens("", "", 0)
        )

    def wait(self, code: DeviceCode, login: Login) -> Login:
        return login._replace(tokens=Tokens("access", "refresh", 0))

    def revoke(self, login: Login) -> bool:
        self.revoked.append(login)
        return True


@pytest.fixture(autouse=True)
def store(monkeypatch, tmp_path: Path) -> LoginStore:
    monkeypatch.setenv("MATTEKIT_LOGINS", str(tmp_path / "state" / "logins.json"))
    monkeypatch.setattr(authorization, "AuthorizationServer", Fake)
    monkeypatch.setattr(Fake, "revoked", [])
    return LoginStore(tmp_path / "state" / "logins.json")


def test_from_login_to_logout(mattekit, store):
    result = mattekit("login", f"{SERVER}/v1.0")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"logged in to {SERVER}\n"
    assert "WDJB-MJHT" in result.stderr
    assert f"{ISSUER}/type" in result.stderr
    assert store.get(SERVER).tokens.access == "access"
    provider = remote.stored_login(f"{SERVER}/v1.0")
    assert provider.token() == "access"
    result = mattekit("logout")
    assert result.stdout == f"logged out of {SERVER}\n"
    assert [login.server for login in Fake.revoked] == [SERVER]
    assert not store.path.exists()
    assert remote.stored_login(SERVER) is None


def test_what_is_said_goes_before_the_server(mattekit, store):
    mattekit("login", SERVER, "--issuer", "https://other.example", "--client-id", "me")
    login = store.get(SERVER)
    assert (login.issuer, login.client_id) == ("https://other.example", "me")


def test_a_server_that_does_not_say_what_to_be_called(mattekit, monkeypatch):
    monkeypatch.setattr(Fake, "client_id", "")
    result = mattekit("login", SERVER)
    assert result.exit_code == 2
    assert "--client-id" in result.stderr


def test_an_address_that_others_can_read(mattekit):
    result = mattekit("login", "http://matte.example")
    assert result.exit_code == 2
    assert "https://" in result.stderr


def test_logout_of_what_is_not_there(mattekit):
    assert "not logged in anywhere" in mattekit("logout").stderr
    assert f"not logged in to {SERVER}" in mattekit("logout", SERVER).stderr


def test_a_server_without_logins(mattekit, monkeypatch):
    def none(self, server):
        raise ServerError(server, 404, "", "this server has no logins")

    monkeypatch.setattr(Fake, "resource", none)
    result = mattekit("login", SERVER)
    assert result.exit_code == 1
    assert "no logins" in result.stderr
