"""Asking an authorization server: what a server's issuer is, device codes, new tokens.

The device authorization grant (RFC 8628) is for programs without a browser: the user opens an
address anywhere, types a code, and the program asks until that is done. Requests name the server
that the token is for (RFC 8707), and a server that claims to be another one (RFC 9728, 3.3) is
refused: a token goes to the server that was logged in to, and to no other.

Only https, or http to this machine itself; no redirects; bytes and time are bounded.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from mattekit.errors import OptionError, ServerError
from mattekit.models.urls import RULE, allowed

if TYPE_CHECKING:
    import httpx

__all__ = ["AuthorizationServer", "DeviceCode", "Login", "Resource", "Tokens", "origin_of"]

_BYTES: Final = 512 * 1024
_TIMEOUT: Final = 20.0
#: Seconds between two questions where the issuer does not say, and what it adds to slow us down.
_INTERVAL: Final = 5.0
_LONGEST_CODE: Final = 1800.0
_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"


class Resource(NamedTuple):
    """What a server says of who lets people in (RFC 9728).

    Attributes
    ----------
    url : str
        The server.
    issuer, client_id : str
        Where to log in, and what `mattekit login` is called there; empty where it does not say.
    scopes : tuple of str
        What it needs.
    """

    url: str
    issuer: str
    client_id: str
    scopes: tuple[str, ...]


class DeviceCode(NamedTuple):
    """A login that waits for its user.

    Attributes
    ----------
    code : str
        What the program asks with.
    user_code, url, complete_url : str
        What the user types, where, and where it is typed already; the last may be empty.
    interval, seconds : float
        Between two questions; until it is too late.
    """

    code: str
    user_code: str
    url: str
    complete_url: str
    interval: float
    seconds: float


class Tokens(NamedTuple):
    """What an authorization server gives.

    Attributes
    ----------
    access, refresh : str
        Tokens; the second may be empty.
    expires : float
        Unix time at which the first is no longer valid; 0 = it did not say.
    """

    access: str
    refresh: str
    expires: float


class Login(NamedTuple):
    """A login to one server, as it is kept.

    Attributes
    ----------
    server, issuer, client_id : str
        To whom, with whom, as whom.
    token_endpoint, revocation_endpoint : str
        Of the issuer; the second may be empty.
    tokens : Tokens
        The last ones.
    """

    server: str
    issuer: str
    client_id: str
    token_endpoint: str
    revocation_endpoint: str
    tokens: Tokens


def origin_of(url: str) -> str:
    """Return the address of a server without path and ``/v1.0``.

    Raises
    ------
    OptionError
        It is none, or tokens would be readable on the way there.
    """
    if not allowed(url):
        raise OptionError("server", url, RULE, "tokens are sent where nobody can read them")
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


class AuthorizationServer:
    """An issuer, asked for one server. Not for several threads.

    Parameters
    ----------
    transport : httpx.BaseTransport, optional
        What carries the questions; tests have their own.
    sleep, clock : callable
        Wait, and Unix time; tests have their own.
    """

    def __init__(
        self,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._transport, self._sleep, self._clock = transport, sleep, clock

    def resource(self, server: str) -> Resource:
        """Return what a server says of who lets people in.

        Raises
        ------
        ServerError
            It does not answer, has no logins, or claims to be another server.
        OptionError
            `server` is no safe address.
        """
        server = origin_of(server)
        status, said = self._ask(f"{server}/.well-known/oauth-protected-resource")
        if status == 404:
            raise ServerError(server, 404, "", "this server has no logins. Use a key instead.")
        if status != 200:
            raise ServerError(server, status, "", "it does not say where to log in")
        if said.get("resource") != server:
            raise ServerError(
                server,
                200,
                "",
                f"it says that it is {str(said.get('resource'))[:200]!r}. Log in to that address, "
                "if you trust it.",
            )
        issuers = said.get("authorization_servers")
        scopes = said.get("scopes_supported", [])
        return Resource(
            server,
            str(issuers[0]) if isinstance(issuers, list) and issuers else "",
            str(said.get("mattekit_device_client_id", "")),
            tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else (),
        )

    def begin(self, resource: Resource) -> tuple[DeviceCode, Login]:
        """Ask for a device code; return it with the login that it leads to, without tokens yet.

        Raises
        ------
        ServerError
            The issuer does not answer, or offers no device codes.
        """
        issuer = resource.issuer
        if not allowed(issuer):
            raise OptionError("issuer", issuer, RULE)
        status, said = self._ask(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if status != 200 or said.get("issuer") != issuer:
            raise ServerError(issuer, status, "", "this is not the issuer that it should be")
        device, token, revocation = (
            self._endpoint(issuer, said, name)
            for name in ("device_authorization_endpoint", "token_endpoint", "revocation_endpoint")
        )
        if not device or not token:
            raise ServerError(issuer, 200, "", "it offers no device codes. Use a key instead.")
        offered = said.get("scopes_supported", ["offline_access"])
        wanted = ["openid"]
        if isinstance(offered, list) and "offline_access" in offered:
            wanted.append("offline_access")  # or some give no refresh token
        form = {
            "client_id": resource.client_id,
            "scope": " ".join(dict.fromkeys([*wanted, *resource.scopes])),
            "resource": resource.url,
        }
        status, said = self._ask(device, form)
        if status != 200:
            raise _refusal(issuer, status, said)
        code = _device_code(issuer, said)
        nothing = Tokens("", "", 0)
        login = Login(resource.url, issuer, resource.client_id, token, revocation, nothing)
        return code, login

    def wait(self, code: DeviceCode, login: Login) -> Login:
        """Ask until the user has logged in; return the login with its tokens.

        Raises
        ------
        ServerError
            The user refused, or took too long; the issuer refuses.
        """
        end, interval = self._clock() + code.seconds, code.interval
        form = {
            "grant_type": _GRANT,
            "device_code": code.code,
            "client_id": login.client_id,
            "resource": login.server,
        }
        while self._clock() < end:
            self._sleep(interval)
            try:
                status, said = self._ask(login.token_endpoint, form)
            except ServerError as error:
                if error.status:
                    raise
                interval *= 2  # no answer: RFC 8628, 3.5
                continue
            if status == 200:
                return login._replace(tokens=self._tokens(login, said))
            if said.get("error") == "slow_down":
                interval += _INTERVAL
            elif said.get("error") != "authorization_pending":
                raise _refusal(login.issuer, status, said)
        raise ServerError(login.issuer, 0, "expired_token", "nobody has logged in in time")

    def refresh(self, login: Login) -> Login:
        """Return a login with new tokens.

        Raises
        ------
        ServerError
            The issuer does not answer, or refuses.
        """
        if not login.tokens.refresh:
            raise ServerError(login.server, 401, "", f"log in again: mattekit login {login.server}")
        form = {
            "grant_type": "refresh_token",
            "refresh_token": login.tokens.refresh,
            "client_id": login.client_id,
            "resource": login.server,
        }
        status, said = self._ask(login.token_endpoint, form)
        if status != 200:
            raise _refusal(login.issuer, status, said)
        tokens = self._tokens(login, said)
        if not tokens.refresh:  # the old one stays good
            tokens = tokens._replace(refresh=login.tokens.refresh)
        return login._replace(tokens=tokens)

    def revoke(self, login: Login) -> bool:
        """Tell the issuer that a login is over (RFC 7009); return whether it knows now."""
        token = login.tokens.refresh or login.tokens.access
        if not login.revocation_endpoint or not token:
            return False
        form = {"token": token, "client_id": login.client_id}
        try:
            status, _ = self._ask(login.revocation_endpoint, form)
        except ServerError:
            return False
        return status == 200

    # -- inside --------------------------------------------------------------------------------

    def _tokens(self, login: Login, said: Mapping[str, Any]) -> Tokens:
        access, kind = said.get("access_token"), said.get("token_type")
        if not isinstance(access, str) or str(kind).lower() != "bearer" or not access.isascii():
            raise ServerError(login.issuer, 200, "", "an answer without a bearer token")
        seconds, refresh = said.get("expires_in"), said.get("refresh_token", "")
        expires = 0.0
        if isinstance(seconds, int) and 0 < seconds < 10**9:
            expires = self._clock() + seconds
        return Tokens(access, str(refresh or ""), expires)

    def _endpoint(self, issuer: str, said: Mapping[str, Any], name: str) -> str:
        url = said.get(name) or ""
        if url and (not isinstance(url, str) or not allowed(url)):
            raise ServerError(issuer, 200, "", f"its {name} is not {RULE}")
        return str(url)

    def _ask(self, url: str, form: Mapping[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        """Return status and JSON of an answer; an empty object where it is none."""
        import httpx

        data, end = bytearray(), time.monotonic() + _TIMEOUT
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        try:
            with (
                httpx.Client(timeout=_TIMEOUT, transport=self._transport) as client,
                client.stream(
                    "GET" if form is None else "POST", url, data=form, headers=headers
                ) as response,
            ):
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise ServerError(url, response.status_code, "", "a compressed answer")
                for chunk in response.iter_bytes():
                    data += chunk
                    if len(data) > _BYTES or time.monotonic() > end:
                        raise ServerError(url, response.status_code, "", "an endless answer")
        except (httpx.HTTPError, ValueError) as error:
            raise ServerError.no_answer(url, error) from error
        try:
            said = json.loads(bytes(data))
        except (ValueError, RecursionError):
            said = {}
        return response.status_code, said if isinstance(said, dict) else {}


def _device_code(issuer: str, said: Mapping[str, Any]) -> DeviceCode:
    """Return a device code (RFC 8628, 3.2), fit to be shown on a terminal."""
    code, typed, url, complete = (
        said.get(name, "")
        for name in ("device_code", "user_code", "verification_uri", "verification_uri_complete")
    )
    texts = [code, typed, url, complete]
    if not all(isinstance(text, str) and len(text) < 2000 for text in texts) or not all(texts[:3]):
        raise ServerError(issuer, 200, "", "an answer without a device code")
    if not typed.isprintable() or not allowed(url) or (complete and not allowed(complete)):
        raise ServerError(issuer, 200, "", f"it leads its users to what is not {RULE}")
    interval, seconds = said.get("interval"), said.get("expires_in")
    return DeviceCode(
        code,
        typed,
        url,
        complete,
        float(interval) if isinstance(interval, int) and 0 < interval <= 60 else _INTERVAL,
        float(min(seconds, _LONGEST_CODE)) if isinstance(seconds, int) else _LONGEST_CODE,
    )


def _refusal(issuer: str, status: int, said: Mapping[str, Any]) -> ServerError:
    code, detail = (str(said.get(name) or "") for name in ("error", "error_description"))
    safe = "".join(each if each.isprintable() else "?" for each in detail)[:200]
    title = {
        "access_denied": "the login was refused",
        "expired_token": "nobody has logged in in time",
        "invalid_grant": "the login is no longer valid",
    }.get(code, "it refuses")
    return ServerError(issuer, status, code[:60], title, safe)
