"""`Issuer`: an authorization server outside, as far as this server needs it.

What it says of itself (OpenID Connect Discovery 1.0, RFC 8414) and its public keys (RFC 7517) are
fetched by the rules that hold for everything here: https, or http to this machine itself; no
redirects, no proxies or credentials of the environment; bytes and time are bounded.

Keys are fetched again after an hour, and where a token names one that is not known: that is how
issuers change them. Neither strangers' tokens nor an issuer that is away can make that happen more
often than once a minute. While the issuer is away what was fetched last is used, for a day at most;
then, and where nothing was fetched yet, nobody is let in.
"""

from __future__ import annotations

import base64
import json
import logging
import ssl
import time
import urllib.parse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import anyio

from mattekit.models.urls import allowed
from mattekit_server.certificates import system_certificates
from mattekit_server.problems import Problem

if TYPE_CHECKING:
    import httpx
    from joserfc.jwk import Key

__all__ = ["ALGORITHMS", "Issuer", "Metadata", "issuer_away", "read_json"]

_log = logging.getLogger(__name__)

#: Signatures of public keys only; each with the type and, where there are several, the curve of
#: its key. With a shared secret (HS…) anyone who knows the public key could sign.
ALGORITHMS: Final[Mapping[str, tuple[str, str]]] = {
    **{f"{family}{bits}": ("RSA", "") for family in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}

#: Seconds after which keys are fetched again, and for which they are used without an issuer.
_AGE: Final = 3600.0
_LONGEST: Final = 24 * 3600.0
#: Seconds between two attempts; fewer as long as there is nothing to go by.
_PAUSE: Final = 60.0
_FIRST_PAUSE: Final = 5.0

_BYTES: Final = 512 * 1024
_KEYS: Final = 100
#: Sizes of RSA keys in bits: below is weak, above takes long to verify.
_RSA_BITS: Final = (2048, 8192)


class Metadata(NamedTuple):
    """What an issuer says of itself; empty where it does not offer something.

    Attributes
    ----------
    jwks_uri, authorization_endpoint, token_endpoint, end_session_endpoint : str
    secret_in_body : bool
        Whether clients must send their secret in the body (``client_secret_post``).
    names_itself : bool
        Whether it names itself when it leads back (RFC 9207).
    """

    jwks_uri: str
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    end_session_endpoint: str = ""
    secret_in_body: bool = False
    names_itself: bool = False


class Known(NamedTuple):
    """What was fetched of an issuer, and when."""

    metadata: Metadata
    keys: Mapping[str, Key]
    fetched: float


class IssuerError(Exception):
    """An issuer does not answer, or not as it must."""


class Issuer:
    """An authorization server.

    Parameters
    ----------
    url : str
        Its URL, exactly as its tokens have it.
    seconds : float
        Time for one question.
    clock : callable
        Seconds that only grow; tests have their own.
    context : ssl.SSLContext, optional
        Which certificates are believed; by default those that the system believes.
    transport : httpx.AsyncBaseTransport, optional
        What carries the questions; tests have their own.
    """

    def __init__(
        self,
        url: str,
        *,
        seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        context: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url, self.seconds, self.clock = url, seconds, clock
        self.context = context
        self.transport = transport
        self._known: Known | None = None
        self._tried = -_LONGEST
        self._away = False
        self._lock = anyio.Lock()

    async def metadata(self) -> Metadata:
        """Return what the issuer says of itself.

        Raises
        ------
        Problem
            503: it was never reached, or not for a day.
        """
        return (await self._current()).metadata

    async def key(self, kid: str, algorithm: str) -> Key | None:
        """Return the key that verifies an algorithm's signature, or None where there is none.

        Parameters
        ----------
        kid : str
            The key's name; empty = the only one that fits.
        algorithm : str
            One of `ALGORITHMS`.

        Raises
        ------
        Problem
            503: the issuer cannot be asked for a key that is not known.
        """
        key = _fitting((await self._current()).keys, kid, algorithm)
        if key is None:
            await self._refresh(_PAUSE)
            key = _fitting((await self._current()).keys, kid, algorithm)
        if key is None and self._away:
            raise issuer_away()
        return key

    async def exchange(self, form: Mapping[str, str], client: str, secret: str) -> dict[str, Any]:
        """Return the token endpoint's answer (RFC 6749, 3.2).

        Parameters
        ----------
        form : mapping of str to str
            The request without the client.
        client, secret : str
            Who asks; an empty secret = a public client.

        Raises
        ------
        Problem
            503: no answer. 400: it refuses.
        """
        metadata = await self.metadata()
        headers: dict[str, str] = {}
        fields = dict(form)
        if secret and not metadata.secret_in_body:
            # RFC 6749, 2.3.1: each is encoded as in a form before they are joined.
            pair = ":".join(urllib.parse.quote_plus(part) for part in (client, secret))
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            fields["client_id"] = client
            if secret:
                fields["client_secret"] = secret
        try:
            status, data = await self._ask(metadata.token_endpoint, fields, headers)
            answer = _object(data)
        except IssuerError as error:
            _log.warning("%s: %s", self.url, error)
            raise issuer_away() from error
        if status >= 500:
            _log.warning("%s: its token endpoint answers %d", self.url, status)
            raise issuer_away()
        if status != 200:
            _log.warning("%s refuses a code: %r", self.url, str(answer.get("error"))[:80])
            raise Problem(400, "Login failed", "login_failed", "The login service refused the code")
        return answer

    # -- inside --------------------------------------------------------------------------------

    async def _current(self) -> Known:
        known = self._known
        if known is None:
            await self._refresh(_FIRST_PAUSE)
        elif self.clock() - known.fetched > _AGE and not self._lock.locked():
            await self._refresh(_PAUSE)
        known = self._known
        if known is None or self.clock() - known.fetched > _LONGEST:
            raise issuer_away()
        return known

    async def _refresh(self, pause: float) -> None:
        """Fetch everything anew, if that was not tried in the last `pause` seconds."""
        async with self._lock:  # who comes meanwhile waits for the same answer
            if self.clock() - self._tried < pause:
                return
            self._tried = self.clock()
            try:
                with anyio.fail_after(2 * self.seconds):
                    self._known = await self._fetch()
            except (IssuerError, TimeoutError) as error:
                self._away = True
                _log.warning("%s: %s", self.url, error or "no answer in time")
            else:
                self._away = False

    async def _fetch(self) -> Known:
        metadata = read_metadata(
            self.url, await self._get(f"{self.url.rstrip('/')}/.well-known/openid-configuration")
        )
        keys = read_keys(await self._get(metadata.jwks_uri))
        return Known(metadata, keys, self.clock())

    async def _get(self, url: str) -> bytes:
        status, data = await self._ask(url, None, {})
        if status != 200:
            raise IssuerError(f"{url} answers {status}")
        return data

    async def _ask(
        self, url: str, form: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        import httpx

        if not allowed(url):
            raise IssuerError(f"{url!r} is not https")
        data = bytearray()
        try:
            with anyio.fail_after(self.seconds):
                async with (
                    httpx.AsyncClient(
                        trust_env=False,
                        verify=self.context or system_certificates(),
                        transport=self.transport,
                    ) as client,
                    client.stream(
                        "GET" if form is None else "POST",
                        url,
                        data=form,
                        headers={
                            "Accept": "application/json",
                            # No compression: a small body must not become a large one.
                            "Accept-Encoding": "identity",
                            "User-Agent": "mattekit",
                            **headers,
                        },
                    ) as response,
                ):
                    if response.headers.get("content-encoding", "identity") != "identity":
                        raise IssuerError(f"{url} answers compressed")
                    async for chunk in response.aiter_bytes():
                        data += chunk
                        if len(data) > _BYTES:
                            raise IssuerError(f"{url} sends more than {_BYTES} bytes")
        except TimeoutError:
            raise IssuerError(f"{url} does not answer in {self.seconds:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            said = str(error) or type(error).__name__
            raise IssuerError(f"{url} does not answer ({said})") from error
        return response.status_code, bytes(data)


def issuer_away() -> Problem:
    """Say that nobody can be let in, since who could tell is not reached."""
    return Problem(
        503,
        "Login service not reachable",
        "login_unavailable",
        "The issuer of access tokens does not answer. Try again later, or use an API key.",
        headers={"Retry-After": "10"},
    )


def read_metadata(issuer: str, data: bytes) -> Metadata:
    """Return what an issuer's discovery document says.

    Raises
    ------
    IssuerError
        It is none, it is another issuer's, or it leads where nothing is safe.
    """
    said = _object(data)
    if said.get("issuer") != issuer:
        # Or one issuer could speak for another (OpenID Connect Discovery 1.0, 4.3).
        raise IssuerError(f"its document is that of {str(said.get('issuer'))[:200]!r}")
    urls: dict[str, str] = {}
    for name in ("jwks_uri", "authorization_endpoint", "token_endpoint", "end_session_endpoint"):
        url = said.get(name, "")
        if not isinstance(url, str) or (url and not allowed(url)):
            raise IssuerError(f"its {name} is not https: {str(url)[:200]!r}")
        urls[name] = url
    if not urls["jwks_uri"]:
        raise IssuerError("its document names no keys (jwks_uri)")
    ways = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        **urls,
        secret_in_body=isinstance(ways, list) and "client_secret_basic" not in ways,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def read_keys(data: bytes) -> dict[str, Key]:
    """Return the keys of a JWK set that verify signatures here, by name.

    Others are passed over, as RFC 7517, 5 wants: other kinds, other uses, weak ones.

    Raises
    ------
    IssuerError
        It is no JWK set.
    """
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    entries = _object(data).get("keys")
    if not isinstance(entries, list) or len(entries) > _KEYS:
        raise IssuerError("its keys are no JWK set")
    keys: dict[str, Key] = {}
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not _verifies(entry):
            continue
        try:
            key = import_key(entry)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            _log.warning(
                "a key of the issuer cannot be read: %s", str(error) or type(error).__name__
            )
            continue
        kid = entry.get("kid")
        keys[kid if isinstance(kid, str) and kid else f"\0{number}"] = key
    return keys


def _verifies(entry: Mapping[str, Any]) -> bool:
    kinds = [*ALGORITHMS.values()]  # no set: what is looked up may be anything
    kind = entry.get("kty")
    if (kind, "") not in kinds and (kind, entry.get("crv")) not in kinds:
        return False
    operations = entry.get("key_ops", ["verify"])
    # Looked at before anything is computed with it: four characters are three bytes.
    bits = len(str(entry.get("n", ""))) * 6
    if kind == "RSA" and not _RSA_BITS[0] <= bits <= _RSA_BITS[1] + 8:
        return False
    return (
        entry.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and entry.get("alg", "ES256") in [*ALGORITHMS]
    )


def _fitting(keys: Mapping[str, Key], kid: str, algorithm: str) -> Key | None:
    """Return the one key of a name, or without one the only key, that fits an algorithm."""
    kind, curve = ALGORITHMS[algorithm]
    fitting = {
        name: key
        for name, key in keys.items()
        if key.key_type == kind
        and (not curve or key.as_dict(private=False).get("crv") == curve)
        and key.as_dict(private=False).get("alg", algorithm) == algorithm
    }
    if kid:
        return fitting.get(kid)
    return next(iter(fitting.values())) if len(fitting) == 1 else None


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = read_json(data)
    except ValueError as error:
        raise IssuerError("an answer that is no JSON") from error
    if not isinstance(found, dict):
        raise IssuerError("an answer that is no JSON object")
    return found


def read_json(data: bytes) -> Any:
    """Return what JSON means, of any depth and with any numbers.

    Raises
    ------
    ValueError
        It is none, or nested beyond reason.
    """
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
