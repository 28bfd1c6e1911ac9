"""The device authorization grant: from a server's address to tokens, and what must not pass."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from mattekit.errors import OptionError, ServerError
from mattekit_client.authorization import AuthorizationServer, DeviceCode, Login, Tokens, origin_of

SERVER, ISSUER = "https://matte.example", "https://issuer.example/realm"
RESOURCE = {
    "resource": SERVER,
    "authorization_servers": [ISSUER],
    "mattekit_device_client_id": "command",
    "scopes_supported": ["cut"],
}
DOCUMENT = {
    "issuer": ISSUER,
    "device_authorization_endpoint": f"{ISSUER}/device",
    "token_endpoint": f"{ISSUER}/token",
    "revocation_endpoint": f"{ISSUER}/revoke",
    "scopes_supported": ["openid", "offline_access"],
}
CODE = {
    "device_code": "device",
    "user_code": "WDJB-MJHT",
    "verification_uri": f"{ISSUER}/type",
    "verification_uri_complete": f"{ISSUER}/type?code=WDJB-MJHT",
    "expires_in": 600,
    "interval": 2,
}
GOOD = {"access_token": "access", "token_type": "Bearer", "expires_in": 60, "refresh_token": "r"}
PENDING = httpx.Response(400, json={"error": "authorization_pending"})


class Time:
    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


class World:
    """A server and its issuer."""

    def __init__(self) -> None:
        self.resource: dict[str, Any] = dict(RESOURCE)
        self.document: dict[str, Any] = dict(DOCUMENT)
        self.code: dict[str, Any] = dict(CODE)
        self.tokens: Iterator[httpx.Response | Exception] = iter([httpx.Response(200, json=GOOD)])
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.time = Time()
        self.issuer = AuthorizationServer(
            transport=httpx.MockTransport(self.handle),
            sleep=self.time.sleep,
            clock=self.time.clock,
        )

    def handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        answers: dict[str, Callable[[], httpx.Response]] = {
            "/.well-known/oauth-protected-resource": lambda: httpx.Response(
                200, json=self.resource
            ),
            "/realm/.well-known/openid-configuration": lambda: httpx.Response(
                200, json=self.document
            ),
            "/realm/device": lambda: httpx.Response(200, json=self.code),
            "/realm/revoke": lambda: httpx.Response(200),
        }
        if request.method == "POST":
            form = dict(urllib.parse.parse_qsl(request.content.decode()))
            self.forms.append((path, form))
        if path == "/realm/token":
            item = next(self.tokens)
            if isinstance(item, Exception):
                raise item
            return item
        return answers[path]()

    def begin(self) -> tuple[DeviceCode, Login]:
        return self.issuer.begin(self.issuer.resource(SERVER + "/v1.0"))

    def log_in(self) -> Login:
        return self.issuer.wait(*self.begin())


@pytest.fixture
def world() -> World:
    return World()


def test_the_whole_way(world: World) -> None:
    world.tokens = iter([PENDING, PENDING, httpx.Response(200, json=GOOD)])
    code, login = world.begin()
    assert (code.user_code, code.url) == ("WDJB-MJHT", f"{ISSUER}/type")
    login = world.issuer.wait(code, login)
    assert login.tokens == Tokens("access", "r", 1000 + 6 + 60)
    assert world.time.waits == [2, 2, 2]
    assert world.forms[0] == (
        "/realm/device",
        {"client_id": "command", "scope": "openid offline_access cut", "resource": SERVER},
    )
    assert world.forms[-1] == (
        "/realm/token",
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "device_code": "device",
            "client_id": "command",
            "resource": SERVER,
        },
    )


def test_it_slows_down(world: World) -> None:
    slow = httpx.Response(400, json={"error": "slow_down"})
    away = httpx.ConnectError("away")
    world.tokens = iter([slow, away, PENDING, httpx.Response(200, json=GOOD)])
    world.log_in()
    assert world.time.waits == [2, 7, 14, 14]


def test_nobody_comes(world: World) -> None:
    world.tokens = iter([PENDING] * 1000)
    with pytest.raises(ServerError, match="in time"):
        world.log_in()
    assert 598 <= sum(world.time.waits) <= 602


@pytest.mark.parametrize(
    ("error", "word"),
    [("access_denied", "refused"), ("expired_token", "in time"), ("invalid_client", "refuses")],
)
def test_it_is_refused(world: World, error: str, word: str) -> None:
    said = {"error": error, "error_description": "why \x1b[31m"}
    world.tokens = iter([httpx.Response(400, json=said)])
    with pytest.raises(ServerError, match=word) as caught:
        world.log_in()
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        {"access_token": "a"},
        {"access_token": "a", "token_type": "mac"},
        {"access_token": 7, "token_type": "bearer"},
        {"access_token": "ä", "token_type": "bearer"},
        {},
    ],
    ids=str,
)
def test_answers_without_a_token(world: World, said: dict[str, Any]) -> None:
    world.tokens = iter([httpx.Response(200, json=said)])
    with pytest.raises(ServerError, match="bearer token"):
        world.log_in()


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("resource", {"resource": "https://other.example"}),
        ("resource", {"resource": None}),
        ("resource", {"authorization_servers": ["http://issuer.example"]}),
        ("resource", {"authorization_servers": []}),
        ("document", {"issuer": "https://other.example"}),
        ("document", {"token_endpoint": "http://issuer.example/token"}),
        ("document", {"device_authorization_endpoint": None}),
        ("document", {"device_authorization_endpoint": ["https://issuer.example"]}),
        ("code", {"user_code": ""}),
        ("code", {"user_code": "A\x1b[31m"}),
        ("code", {"device_code": None}),
        ("code", {"verification_uri": "javascript:alert(1)"}),
        ("code", {"verification_uri": "http://issuer.example/type"}),
        ("code", {"verification_uri_complete": "file:///etc/passwd"}),
    ],
    ids=str,
)
def test_what_leads_astray(world: World, where: str, said: dict[str, Any]) -> None:
    getattr(world, where).update(said)
    with pytest.raises((ServerError, OptionError)):
        world.begin()
    assert not [path for path, _ in world.forms if path == "/realm/token"]


def test_a_server_without_logins() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(404))
    with pytest.raises(ServerError, match="no logins"):
        AuthorizationServer(transport=transport).resource(SERVER)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(302, headers={"Location": "https://evil.example"}),
        httpx.Response(200, content=b" " * 600_000),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, headers={"Content-Encoding": "br"}, stream=httpx.ByteStream(b"{}")),
    ],
    ids=range(5),
)
def test_answers_that_are_none(answer: httpx.Response) -> None:
    issuer = AuthorizationServer(transport=httpx.MockTransport(lambda request: answer))
    with pytest.raises(ServerError):
        issuer.resource(SERVER)


def test_renewing(world: World) -> None:
    login = world.log_in()
    said = {"access_token": "next", "token_type": "bearer"}
    world.tokens = iter([httpx.Response(200, json=said)])
    assert world.issuer.refresh(login).tokens == Tokens("next", "r", 0)
    world.tokens = iter([httpx.Response(200, json={**GOOD, "refresh_token": "r2"})])
    assert world.issuer.refresh(login).tokens.refresh == "r2"
    world.tokens = iter([httpx.Response(400, json={"error": "invalid_grant"})])
    with pytest.raises(ServerError, match="no longer valid"):
        world.issuer.refresh(login)
    without = login._replace(tokens=Tokens("a", "", 0))
    with pytest.raises(ServerError, match="mattekit login"):
        world.issuer.refresh(without)


def test_revoking(world: World) -> None:
    login = world.log_in()
    assert world.issuer.revoke(login)
    assert world.forms[-1] == ("/realm/revoke", {"token": "r", "client_id": "command"})
    assert not world.issuer.revoke(login._replace(revocation_endpoint=""))


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Matte.example/v1.0/", "https://matte.example"),
        ("https://matte.example:8443", "https://matte.example:8443"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
    ],
)
def test_addresses(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_addresses_that_are_not_safe() -> None:
    for url in ("http://matte.example", "https://u:p@matte.example", "matte.example"):
        with pytest.raises(OptionError):
            origin_of(url)


@pytest.mark.parametrize("seconds", [10**400, 86400, -1, "soon", None])
def test_however_long_a_code_is_good_it_is_asked_for_a_bounded_time(seconds: object) -> None:
    world = World()
    world.code["expires_in"] = seconds
    code, _ = world.issuer.begin(world.issuer.resource(SERVER))
    assert code.seconds == (-1 if seconds == -1 else 1800)
