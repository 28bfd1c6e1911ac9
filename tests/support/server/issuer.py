"""An issuer of access tokens that is nothing but a function: what it is asked, and what it says."""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

__all__ = ["AUDIENCE", "ISSUER", "PAGE", "FakeIssuer", "oidc"]

ISSUER = "https://issuer.example/realm"
PAGE = "http://127.0.0.1"
AUDIENCE = "https://matte.example"


def oidc(**values: object):  # type: ignore[no-untyped-def]
    """Return settings that go with the issuer and the tests' client."""
    from mattekit_server.identity import OidcSettings

    defaults = {
        "issuer": ISSUER,
        "public_url": PAGE,
        "audience": AUDIENCE,
        "client_id": "page",
        "create_accounts": True,
        "credits": 10,
        "free_calls": 2,
    }
    return OidcSettings(**{**defaults, **values})  # type: ignore[arg-type]


def make_key(kid: str, kind: str = "EC") -> Key:
    parameters = {"kid": kid, "use": "sig"}
    if kind == "RSA":
        return RSAKey.generate_key(2048, parameters)
    if kind == "OKP":
        return OKPKey.generate_key("Ed25519", parameters)
    return ECKey.generate_key("P-256", parameters)


class FakeIssuer:
    """Answers questions and signs tokens.

    Attributes
    ----------
    keys : dict of str to Key
        Its keys by name.
    asked : list of str
        Paths.
    away : bool
        Whether it is.
    clock : callable
        Unix time.
    extra : list of dict
        Further entries of its JWK set.
    said : dict
        What its discovery document says otherwise.
    forms : list of dict
        What its token endpoint was sent.
    answer : callable
        What it says to that.
    """

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {"first": make_key("first")}
        self.asked: list[str] = []
        self.away = False
        self.clock: Callable[[], float] = time.time
        self.extra: list[dict[str, Any]] = []
        self.said: dict[str, Any] = {}
        self.forms: list[dict[str, str]] = []
        self.headers: list[httpx.Headers] = []
        self.answer: Callable[[dict[str, str]], httpx.Response] = lambda form: httpx.Response(400)
        self.transport = httpx.MockTransport(self._handle)

    def sign(
        self, claims: dict[str, Any], kid: str = "first", alg: str = "ES256", **header: Any
    ) -> str:
        return jws.serialize_compact(
            {"alg": alg, "kid": kid, "typ": "at+jwt", **header},
            json.dumps(claims),
            self.keys[kid],
            algorithms=[alg],
        )

    def claims(self, **claims: Any) -> dict[str, Any]:
        now = int(self.clock())
        values = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "alice",
            "iat": now,
            "exp": now + 300,
            **claims,
        }
        return {name: value for name, value in values.items() if value is not None}

    def token(self, **claims: Any) -> str:
        """Return an access token; a claim that is None is left out."""
        return self.sign(self.claims(**claims))

    def id_token(self, nonce: str, **claims: Any) -> str:
        return self.sign(self.claims(aud="page", nonce=nonce, **claims), typ="JWT")

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.away:
            raise httpx.ConnectError("away")
        path = request.url.path.removeprefix("/realm")
        if path == "/.well-known/openid-configuration":
            return httpx.Response(200, json=self.document())
        if path == "/jwks":
            keys = [key.as_dict(private=False) for key in self.keys.values()]
            return httpx.Response(200, content=json.dumps({"keys": [*keys, *self.extra]}))
        if path == "/token":
            form = dict(urllib.parse.parse_qsl(request.content.decode()))
            self.forms.append(form)
            self.headers.append(request.headers)
            return self.answer(form)
        return httpx.Response(404)

    def document(self) -> dict[str, Any]:
        document = {
            "issuer": ISSUER,
            "jwks_uri": f"{ISSUER}/jwks",
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "end_session_endpoint": f"{ISSUER}/end",
        }
        return {**document, **self.said}
