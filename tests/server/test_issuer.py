"""An issuer's keys: fetched by the rules, changed as it changes them, used while it is away."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

pytest.importorskip("joserfc", reason="the extra `oidc` is not installed")

from mattekit_server.issuer import Issuer, IssuerError, read_keys, read_metadata
from mattekit_server.problems import Problem
from support.server.issuer import ISSUER, FakeIssuer, make_key


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def fake() -> FakeIssuer:
    return FakeIssuer()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(fake: FakeIssuer, clock: Clock) -> Issuer:
    return Issuer(ISSUER, clock=clock, transport=fake.transport)


def key(issuer: Issuer, kid: str = "first", algorithm: str = "ES256") -> Any:
    return asyncio.run(issuer.key(kid, algorithm))


def test_it_is_asked_once(issuer: Issuer, fake: FakeIssuer) -> None:
    assert key(issuer).kid == "first"
    assert key(issuer).kid == "first"
    assert fake.asked == ["/realm/.well-known/openid-configuration", "/realm/jwks"]


def test_many_at_once_wait_for_one_answer(issuer: Issuer, fake: FakeIssuer) -> None:
    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(issuer.key("first", "ES256") for _ in range(20)))

    assert {found.kid for found in asyncio.run(all_at_once())} == {"first"}
    assert len(fake.asked) == 2


def test_new_keys_are_found_and_old_ones_forgotten(
    issuer: Issuer, fake: FakeIssuer, clock: Clock
) -> None:
    key(issuer)
    fake.keys = {"second": make_key("second")}
    clock.now += 61
    assert key(issuer, "second").kid == "second"
    assert key(issuer, "first") is None


def test_unknown_keys_do_not_make_it_ask_more_than_once_a_minute(
    issuer: Issuer, fake: FakeIssuer, clock: Clock
) -> None:
    key(issuer)
    for number in range(50):
        clock.now += 1
        assert key(issuer, f"made up {number}") is None
    assert len(fake.asked) == 2
    clock.now += 11
    assert key(issuer, "made up") is None
    assert len(fake.asked) == 4


def test_known_keys_are_used_while_it_is_away(
    issuer: Issuer, fake: FakeIssuer, clock: Clock
) -> None:
    key(issuer)
    fake.away = True
    clock.now += 23 * 3600
    assert key(issuer).kid == "first"
    with pytest.raises(Problem, match="login_unavailable") as caught:
        key(issuer, "second")  # it may be a new one: nobody can tell
    assert (caught.value.status, caught.value.headers) == (503, {"Retry-After": "10"})
    clock.now += 2 * 3600
    with pytest.raises(Problem, match="503"):
        key(issuer)
    fake.away = False
    clock.now += 61
    assert key(issuer).kid == "first"


def test_nobody_is_let_in_before_it_was_reached(
    issuer: Issuer, fake: FakeIssuer, clock: Clock
) -> None:
    fake.away = True
    for _ in range(10):
        with pytest.raises(Problem, match="503"):
            key(issuer)
    assert len(fake.asked) == 1
    fake.away = False
    clock.now += 6
    assert key(issuer).kid == "first"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(302, headers={"Location": f"{ISSUER}/elsewhere"}),
        httpx.Response(404),
        httpx.Response(200, content=b" " * 600_000 + b"{}"),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b"[]"),
        httpx.Response(200, content=b'{"a":' * 100_000),
        httpx.Response(200, headers={"Content-Encoding": "br"}, stream=httpx.ByteStream(b"{}")),
    ],
    ids=["redirect", "404", "too much", "html", "list", "deep", "compressed"],
)
def test_answers_that_are_none(clock: Clock, answer: httpx.Response) -> None:
    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        return answer

    issuer = Issuer(ISSUER, clock=clock, transport=httpx.MockTransport(handle))
    with pytest.raises(Problem, match="503"):
        key(issuer)
    assert seen == ["/realm/.well-known/openid-configuration"]


def test_an_answer_that_drips_is_ended() -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=drip())

    issuer = Issuer(ISSUER, seconds=0.2, transport=httpx.MockTransport(handle))
    with pytest.raises(Problem, match="503"):
        key(issuer)


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://issuer.example/other"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": ""},
        {"jwks_uri": "http://issuer.example/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://user:word@issuer.example/jwks"},
        {"token_endpoint": "http://169.254.169.254/"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"end_session_endpoint": ["https://issuer.example"]},
    ],
    ids=str,
)
def test_documents_that_lead_astray(said: dict[str, Any]) -> None:
    fake = FakeIssuer()
    fake.said = said
    with pytest.raises(IssuerError):
        read_metadata(ISSUER, json.dumps(fake.document()).encode())


def test_keys_that_are_passed_over() -> None:
    good = make_key("good").as_dict(private=False)
    short = base64.urlsafe_b64encode(b"\xff" * 64).decode().rstrip("=")
    huge = base64.urlsafe_b64encode(b"\xff" * 8192).decode().rstrip("=")
    others = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
        {"kty": "RSA", "n": short, "e": "AQAB", "kid": "512 bits"},
        {"kty": "RSA", "n": huge, "e": "AQAB", "kid": "65536 bits"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "no point"},
        {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA", "kid": "another curve"},
        {"kty": "OKP", "crv": "X25519", "x": "AA", "kid": "no signature"},
        {**good, "use": "enc", "kid": "encryption"},
        {**good, "key_ops": ["sign"], "kid": "signs"},
        {**good, "alg": "HS256", "kid": "confused"},
        {"kty": ["RSA"]},
        "text",
    ]
    assert set(read_keys(json.dumps({"keys": [*others, good]}).encode())) == {"good"}


@pytest.mark.parametrize("text", ["{}", '{"keys": 1}', '{"keys": [%s1]}' % ("1," * 100)])
def test_what_is_no_key_set(text: str) -> None:
    with pytest.raises(IssuerError):
        read_keys(text.encode())


def test_a_key_fits_an_algorithm(issuer: Issuer, fake: FakeIssuer) -> None:
    fake.keys["rsa"] = make_key("rsa", "RSA")
    assert key(issuer, "rsa", "RS256").kid == "rsa"
    assert key(issuer, "rsa", "PS512").kid == "rsa"
    assert key(issuer, "rsa", "ES256") is None
    assert key(issuer, "first", "RS256") is None
    assert key(issuer, "first", "ES384") is None
    assert key(issuer, "", "RS256").kid == "rsa"  # the only one that can be meant


def test_a_token_without_a_key_s_name_needs_a_single_key(issuer: Issuer, fake: FakeIssuer) -> None:
    fake.keys["second"] = make_key("second")
    assert key(issuer, "", "ES256") is None
