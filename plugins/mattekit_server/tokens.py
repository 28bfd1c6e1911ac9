"""Access tokens (RFC 9068) and ID tokens (OpenID Connect Core 1.0, 3.1.3.7) of one issuer.

A token is looked at from the outside in: its length, its three parts, the algorithm and type that
it claims, then a key of the issuer for just these, and only with a signature that holds what it
says. Keys that a token brings along, or names by address, are never looked at.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mattekit_server.identity import OidcSettings
from mattekit_server.issuer import ALGORITHMS, Issuer, read_json
from mattekit_server.problems import Problem

if TYPE_CHECKING:
    from joserfc.jwk import Key

__all__ = ["Subject", "TokenVerifier", "challenge", "invalid_token", "looks_like_token"]

#: Characters of a token: thousands are common, where groups are in it.
_LONGEST: Final = 16_384
#: Bytes of a token's header.
_HEADER: Final = 4096
#: Seconds by which clocks may differ.
_LEEWAY: Final = 30
_LONGEST_NAME: Final = 255

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", re.ASCII)


class Subject(NamedTuple):
    """Whom a token speaks of.

    Attributes
    ----------
    issuer, id : str
        Together they name one person or program, for ever.
    name : str
        For people to read; the id where nothing better is known.
    """

    issuer: str
    id: str
    name: str


def looks_like_token(text: str) -> bool:
    """Return whether a text is no key of this server, and maybe a token."""
    return "." in text


def challenge(
    settings: OidcSettings, error: str = "", description: str = "", scope: str = ""
) -> str:
    """Return a ``WWW-Authenticate`` (RFC 6750, 3, with RFC 9728, 5.1)."""
    metadata = f"{settings.public_url}/.well-known/oauth-protected-resource"
    values = {
        "realm": "mattekit",
        "error": error,
        "error_description": description,
        "scope": scope,
        "resource_metadata": metadata,
    }
    return "Bearer " + ", ".join(f'{name}="{text}"' for name, text in values.items() if text)


def invalid_token(settings: OidcSettings, reason: str) -> Problem:
    """Say that a token is not accepted, and why."""
    return Problem(
        401,
        "Access token invalid",
        "auth_failed",
        reason,
        {"WWW-Authenticate": challenge(settings, "invalid_token", reason)},
    )


class TokenVerifier:
    """Tells whom a token speaks of.

    Parameters
    ----------
    settings : OidcSettings
        What tokens must have.
    issuer : Issuer
        Whose they must be.
    clock : callable
        Unix time; tests have their own.
    """

    def __init__(
        self, settings: OidcSettings, issuer: Issuer, clock: Callable[[], float] = time.time
    ) -> None:
        self.settings, self.issuer, self.clock = settings, issuer, clock

    async def access(self, token: str) -> Subject:
        """Return whom an access token speaks of.

        Raises
        ------
        Problem
            401: it is not valid here. 403: it has not the scope. 503: the issuer is away.
        """
        claims = await self._claims(
            token, self.settings.token_types, self.settings.expected_audience
        )
        missing = set(self.settings.scope.split()) - scopes_of(claims)
        if missing:
            raise Problem(
                403,
                "Access token has not the scope",
                "auth_failed",
                f"It needs {self.settings.scope}",
                {
                    "WWW-Authenticate": challenge(
                        self.settings, "insufficient_scope", scope=self.settings.scope
                    )
                },
            )
        return self._subject(claims)

    async def identity(self, token: str, nonce: str) -> Subject:
        """Return whom an ID token speaks of, which was asked for with a nonce.

        Raises
        ------
        Problem
            401: it is not valid here. 503: the issuer is away.
        """
        client = self.settings.client_id
        claims = await self._claims(token, ("jwt", ""), client)
        said = claims.get("nonce")
        if not isinstance(said, str) or not hmac.compare_digest(
            said.encode("utf-8", "replace"), nonce.encode()
        ):
            raise self._invalid("The ID token belongs to another login")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else client) != client:
            raise self._invalid("The ID token is for another client")
        return self._subject(claims)

    async def _claims(self, token: str, types: Sequence[str], audience: str) -> Mapping[str, Any]:
        header = read_header(token)
        if header is None:
            raise self._invalid("The access token is malformed")
        algorithm, kid = header.get("alg"), header.get("kid", "")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise self._invalid("The access token is not signed with a public key")
        if type_of(header) not in types:
            raise self._invalid("The token is of another type")
        if not isinstance(kid, str) or len(kid) > _LONGEST_NAME:
            raise self._invalid("The access token is malformed")
        key = await self.issuer.key(kid, algorithm)
        claims = None if key is None else verified(token, key, algorithm)
        if claims is None:
            raise self._invalid("The signature is not of a key of the issuer")
        fault = fault_of(claims, self.settings.issuer, audience, self.clock())
        if fault == "expired":
            raise self._invalid("The access token has expired")
        if fault:
            raise self._invalid(f"The claim {fault} is missing or not valid here")
        return claims

    def _subject(self, claims: Mapping[str, Any]) -> Subject:
        subject = claims["sub"]
        if not 0 < len(subject) <= _LONGEST_NAME or not subject.isprintable():
            raise self._invalid("The claim sub is missing or not valid here")
        names = (claims.get(key) for key in ("preferred_username", "email", "name"))
        name = next((each for each in names if isinstance(each, str) and each), subject)
        return Subject(self.settings.issuer, subject, printable(name))

    def _invalid(self, reason: str) -> Problem:
        return invalid_token(self.settings, reason)


def read_header(token: str) -> dict[str, Any] | None:
    """Return the header of a token in the compact form, unverified; None where it is none."""
    if len(token) > _LONGEST or not _TOKEN.fullmatch(token):
        return None
    encoded = token.partition(".")[0]
    if len(encoded) > _HEADER:
        return None
    try:
        header = read_json(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, binascii.Error):
        return None
    return header if isinstance(header, dict) else None


def type_of(header: Mapping[str, Any]) -> str:
    """Return the type that a header names (RFC 7515, 4.1.9), in lower case."""
    return str(header.get("typ", "")).lower().removeprefix("application/")


def verified(token: str, key: Key, algorithm: str) -> dict[str, Any] | None:
    """Return what a token says, or None where its signature is not that of the key.

    Parameters
    ----------
    token : str
        In the compact form.
    key : joserfc.jwk.Key
        A public key.
    algorithm : str
        The only one that is accepted.
    """
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jws import JWSRegistry

    class Registry(JWSRegistry):
        """Accepts the one algorithm; `ALGORITHMS` has decided that it may be used."""

        max_header_length = _HEADER
        max_payload_length = _LONGEST

        def get_alg(self, name: str) -> Any:
            if name != algorithm:
                raise JoseError("another algorithm")
            return self.algorithms[name]

    try:
        # Names in a header that nobody asked for are no reason to refuse, unless it says so (crit).
        registry = Registry(algorithms=[algorithm], strict_check_header=False)
        claims = read_json(jws.deserialize_compact(token, key, registry=registry).payload or b"")
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def scopes_of(claims: Mapping[str, Any]) -> set[str]:
    """Return the scopes of an access token: ``scope`` (RFC 9068), or ``scp`` as some write it."""
    scopes: set[str] = set()
    for name in ("scope", "scp"):
        said = claims.get(name, "")
        parts = said.split(" ") if isinstance(said, str) else said
        if isinstance(parts, list):
            scopes.update(part for part in parts if isinstance(part, str))
    return scopes


def printable(text: str) -> str:
    """Return a name of strangers as terminals and tables can show it."""
    return "".join(each if each.isprintable() else "?" for each in text)[:80]


def fault_of(claims: Mapping[str, Any], issuer: str, audience: str, now: float) -> str:
    """Return the claim for which a token is not accepted, or ``expired``; empty where it is.

    Not the registry of claims of joserfc: what it accepts differs between its versions.

    Parameters
    ----------
    claims : mapping
        What a token says.
    issuer, audience : str
        What ``iss`` must be, and what must be among ``aud``.
    now : float
        Unix time.
    """
    if claims.get("iss") != issuer:
        return "iss"
    said = claims.get("aud")
    if audience not in (said if isinstance(said, list) else [said]):
        return "aud"
    if not isinstance(claims.get("sub"), str):
        return "sub"
    for name in ("exp", "nbf", "iat"):
        if name in claims and not _is_time(claims[name]):
            return name
    if "exp" not in claims:
        return "exp"
    if claims["exp"] <= now - _LEEWAY:
        return "expired"
    return next((n for n in ("nbf", "iat") if claims.get(n, 0) > now + _LEEWAY), "")


def _is_time(value: object) -> bool:
    """Return whether a value is a NumericDate (RFC 7519, 2): JSON's numbers have no NaN."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
