"""Access tokens: only the issuer's, for this server, of this time, signed as they must be."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import warnings
from typing import Any

import pytest

pytest.importorskip("joserfc", reason="the extra `oidc` is not installed")

from joserfc import jws, jwt

from mattekit_server.issuer import Issuer
from mattekit_server.problems import Problem
from mattekit_server.tokens import Subject, TokenVerifier
from support.server.issuer import AUDIENCE, ISSUER, FakeIssuer, make_key, oidc

NOW = 1_800_000_000


@pytest.fixture
def fake() -> FakeIssuer:
    fake = FakeIssuer()
    fake.clock = lambda: NOW
    return fake


def verifier_of(fake: FakeIssuer, **settings: object) -> TokenVerifier:
    issuer = Issuer(ISSUER, transport=fake.transport)
    return TokenVerifier(oidc(**settings), issuer, clock=lambda: NOW)


def verify(fake: FakeIssuer, token: str, **settings: object) -> Subject:
    return asyncio.run(verifier_of(fake, **settings).access(token))


def refusal(fake: FakeIssuer, token: str, **settings: object) -> Problem:
    with pytest.raises(Problem) as caught:
        verify(fake, token, **settings)
    return caught.value


def part(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    ("kind", "alg"),
    [("EC", "ES256"), ("RSA", "RS256"), ("RSA", "PS384"), ("OKP", "Ed25519"), ("OKP", "EdDSA")],
)
def test_a_good_token(fake: FakeIssuer, kind: str, alg: str) -> None:
    fake.keys["it"] = make_key("it", kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the old name of Ed25519, while signing
        token = fake.sign(fake.claims(), "it", alg)
    assert verify(fake, token) == Subject(ISSUER, "alice", "alice")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["other", AUDIENCE]},
        {"exp": NOW - 20},  # clocks differ a little
        {"nbf": NOW + 20},
        {"exp": NOW + 100.5},
        {"custom": {"deep": [1]}},
    ],
    ids=str,
)
def test_claims_that_are_accepted(fake: FakeIssuer, claims: dict[str, Any]) -> None:
    assert verify(fake, fake.token(**claims)).id == "alice"


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"iss": "https://issuer.example/other"}, "iss"),
        ({"iss": ISSUER + "/"}, "iss"),
        ({"iss": [ISSUER]}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "https://other.example"}, "aud"),
        ({"aud": ["a", "b"]}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": {AUDIENCE: 1}}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": NOW - 60}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": "2999999999"}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"exp": float("inf")}, "exp"),
        ({"exp": -(10**400)}, "expired"),
        ({"nbf": NOW + 120}, "nbf"),
        ({"iat": NOW + 120}, "iat"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "a" * 256}, "sub"),
        ({"sub": "a\0b"}, "sub"),
        ({"sub": "\ud800"}, "sub"),
    ],
    ids=str,
)
def test_claims_that_are_refused(fake: FakeIssuer, claims: dict[str, Any], word: str) -> None:
    problem = refusal(fake, fake.token(**claims))
    assert problem.status == 401
    assert word in problem.detail
    header = problem.headers["WWW-Authenticate"]
    assert header.startswith('Bearer realm="mattekit", error="invalid_token", error_description="')
    assert problem.body["errors"][0]["code"] == "auth_failed"


@pytest.mark.parametrize("typ", ["JWT", "jwt", "", None, "logout+jwt", 7, ["at+jwt"]])
def test_other_types_are_no_access_tokens(fake: FakeIssuer, typ: object) -> None:
    token = jws.serialize_compact(
        {"alg": "ES256", "kid": "first", **({} if typ is None else {"typ": "X"})},
        json.dumps(fake.claims()),
        fake.keys["first"],
    )
    if typ is not None:
        header = part({"alg": "ES256", "kid": "first", "typ": typ})
        signed = f"{header}.{part(fake.claims())}"
        op_key = fake.keys["first"]
        signature = jws.JWSRegistry.algorithms["ES256"].sign(signed.encode(), op_key)
        token = f"{signed}.{part(signature)}"
    assert "type" in refusal(fake, token).detail


def test_the_long_name_of_the_type(fake: FakeIssuer) -> None:
    assert verify(fake, fake.sign(fake.claims(), typ="application/AT+JWT")).id == "alice"


def test_the_operator_may_accept_any_jwt(fake: FakeIssuer) -> None:
    token = fake.sign(fake.claims(), typ="JWT")
    assert verify(fake, token, token_types=("at+jwt", "jwt")).id == "alice"


# -- signatures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "alg", ["none", "None", "HS256", "hs256", "RSA1_5", "", None, 7, ["ES256"]]
)
def test_algorithms_that_anyone_could_use(fake: FakeIssuer, alg: object) -> None:
    head = part({"alg": alg, "kid": "first", "typ": "at+jwt"})
    for signature in ("", part(b"\0" * 64)):
        problem = refusal(fake, f"{head}.{part(fake.claims())}.{signature}")
        assert problem.status == 401
    assert fake.asked == []  # nobody was asked for that


def test_a_secret_that_is_the_public_key(fake: FakeIssuer) -> None:
    fake.keys["rsa"] = make_key("rsa", "RSA")
    public = fake.keys["rsa"]
    for secret in (public.as_pem(private=False), public.as_der(private=False)):  # type: ignore[union-attr]
        signed = f"{part({'alg': 'HS256', 'kid': 'rsa', 'typ': 'at+jwt'})}.{part(fake.claims())}"
        token = f"{signed}.{part(hmac.digest(secret, signed.encode(), 'sha256'))}"
        assert "public key" in refusal(fake, token).detail


def test_a_key_that_the_token_brings_along(fake: FakeIssuer) -> None:
    own = make_key("first")
    header = {
        "alg": "ES256",
        "kid": "first",
        "typ": "at+jwt",
        "jwk": own.as_dict(private=False),
        "jku": "https://evil.example/jwks",
    }
    token = jwt.encode(header, fake.claims(), own)
    assert "signature" in refusal(fake, token).detail


def test_what_is_changed_is_refused(fake: FakeIssuer) -> None:
    head, _, signature = fake.token().split(".")
    claims = part(fake.claims(sub="root"))
    assert "signature" in refusal(fake, f"{head}.{claims}.{signature}").detail


def test_another_key_of_the_issuer_and_no_key(fake: FakeIssuer) -> None:
    fake.keys["second"] = make_key("second")
    token = fake.sign(fake.claims(), "second")
    head, claims, signature = token.split(".")
    other = part({"alg": "ES256", "kid": "first", "typ": "at+jwt"})
    assert refusal(fake, f"{other}.{claims}.{signature}").status == 401
    unknown = part({"alg": "ES256", "kid": "third", "typ": "at+jwt"})
    assert refusal(fake, f"{unknown}.{claims}.{signature}").status == 401
    assert verify(fake, f"{head}.{claims}.{signature}").id == "alice"


def test_what_must_be_understood_and_is_not(fake: FakeIssuer) -> None:
    header = part({"alg": "ES256", "kid": "first", "typ": "at+jwt", "crit": ["x"], "x": 1})
    signed = f"{header}.{part(fake.claims())}"
    signature = jws.JWSRegistry.algorithms["ES256"].sign(signed.encode(), fake.keys["first"])
    assert refusal(fake, f"{signed}.{part(signature)}").status == 401


# -- what is no token ------------------------------------------------------------------------------

_HEAD = {"alg": "ES256", "kid": "first", "typ": "at+jwt"}


@pytest.mark.parametrize(
    "token",
    [
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "a.b.c.d.e",
        "!.b.c",
        f"{part(_HEAD)}.{'a' * 20_000}.c",
        f"{part({**_HEAD, 'x': 'y' * 5000})}.b.c",
        f"{part(b'[' * 3000)}.b.c",
        f"{part(b'1')}.b.c",
        f"{part({**_HEAD, 'kid': 'k' * 300})}.b.c",
        f"{part({**_HEAD, 'kid': 7})}.b.c",
        f"{part(_HEAD)}.b.c",
        "\ud800.b.c",
        "ä.b.c",
    ],
    ids=range(15),
)
def test_what_is_no_token(fake: FakeIssuer, token: str) -> None:
    problem = refusal(fake, token)
    assert problem.status == 401
    assert problem.headers["WWW-Authenticate"].isascii()


def test_claims_that_are_no_object(fake: FakeIssuer) -> None:
    for payload in (b"[]", b"1", b"{", b"[" * 10_000, b'{"exp":NaN}', b"\xff"):
        token = jws.serialize_compact(_HEAD, payload, fake.keys["first"])
        assert refusal(fake, token).status == 401


# -- scopes and names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims", [{"scope": "openid cut"}, {"scp": "cut"}, {"scp": ["a", "cut"]}], ids=str
)
def test_a_scope_that_is_there(fake: FakeIssuer, claims: dict[str, Any]) -> None:
    assert verify(fake, fake.token(**claims), scope="cut").id == "alice"


@pytest.mark.parametrize("claims", [{}, {"scope": "cutter"}, {"scope": {"cut": 1}}, {"scp": [7]}])
def test_a_scope_that_is_missing(fake: FakeIssuer, claims: dict[str, Any]) -> None:
    problem = refusal(fake, fake.token(**claims), scope="cut")
    assert problem.status == 403
    assert 'error="insufficient_scope", scope="cut"' in problem.headers["WWW-Authenticate"]


def test_names_are_fit_to_be_shown(fake: FakeIssuer) -> None:
    subject = verify(fake, fake.token(email="\x1b[31m" + "a" * 200, preferred_username=7))
    assert subject.name == "?[31m" + "a" * 75


# -- ID tokens -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "good"),
    [
        ({}, True),
        ({"aud": ["page", "other"], "azp": "page"}, True),
        ({"aud": ["page", "other"]}, False),
        ({"azp": "other"}, False),
        ({"nonce": "another"}, False),
        ({"nonce": None}, False),
        ({"nonce": "\ud800"}, False),
        ({"aud": AUDIENCE}, False),
        ({"exp": NOW - 60}, False),
    ],
    ids=str,
)
def test_id_tokens(fake: FakeIssuer, claims: dict[str, Any], good: bool) -> None:
    token = fake.sign(fake.claims(**{"aud": "page", "nonce": "nonce", **claims}), typ="JWT")
    verifier = verifier_of(fake)
    if good:
        assert asyncio.run(verifier.identity(token, "nonce")).id == "alice"
    else:
        with pytest.raises(Problem, match="401"):
            asyncio.run(verifier.identity(token, "nonce"))


def test_an_access_token_is_no_id_token(fake: FakeIssuer) -> None:
    verifier = verifier_of(fake)
    with pytest.raises(Problem, match="another type"):
        asyncio.run(verifier.identity(fake.token(aud="page", nonce="nonce"), "nonce"))
