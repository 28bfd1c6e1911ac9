"""Logging in on a page: authorization code with PKCE, state and nonce; sessions; logging out.

What has to be remembered while somebody is at the issuer lies in a cookie of that browser alone:
the state that binds the answer to it, the nonce, the verifier of the code, and where to go then.
A code that was stolen elsewhere has another verifier and is worth nothing.

These paths are not part of the API: no other origin may read them, and `Host` must be this
server's own, or a name server could lead pages of others here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import re
import secrets
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final, NamedTuple, TypeAlias

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from mattekit_server.authentication import Authenticator
from mattekit_server.identity import OidcSettings
from mattekit_server.issuer import Metadata
from mattekit_server.problems import Problem
from mattekit_server.requests import service_of
from mattekit_server.responses import accept_of, json_response, wants_html
from mattekit_server.users import Session, User

__all__ = ["CALLBACK", "authenticator_of", "guarded_route", "login_routes", "session_of"]

CALLBACK: Final = "/login/callback"
#: Seconds that somebody may spend at the issuer.
_PATIENCE: Final = 600
_LONGEST_CODE: Final = 4096
#: Where a login may lead: never to another host.
_PATH: Final = re.compile(r"/(?!/)[A-Za-z0-9._~/-]{0,200}")
_COOKIE: Final = re.compile(":".join([r"([A-Za-z0-9_-]{43})"] * 3) + f":({_PATH.pattern})")
_HOME: Final = "/account"

#: For every answer here: nothing from elsewhere, in no frame, and nobody told where one was.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class Attempt(NamedTuple):
    """A login that was begun.

    Attributes
    ----------
    state, nonce, verifier : str
        43 random characters each.
    path : str
        Where to go then.
    """

    state: str
    nonce: str
    verifier: str
    path: str

    @classmethod
    def begin(cls, path: str) -> Attempt:
        """Return a new one; a path that leads elsewhere becomes the account's."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, path if _PATH.fullmatch(path) else _HOME)

    @classmethod
    def from_cookie(cls, text: str) -> Attempt | None:
        """Return what `cookie` wrote, or None."""
        found = _COOKIE.fullmatch(text)
        return cls(*found.groups()) if found else None

    @property
    def cookie(self) -> str:
        """As text."""
        return ":".join(self)

    @property
    def code_challenge(self) -> str:
        """What the issuer is told of the verifier (RFC 7636, 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authorization_url(metadata: Metadata, settings: OidcSettings, attempt: Attempt) -> str:
    """Return where a browser logs in."""
    query = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": settings.public_url + CALLBACK,
        "scope": settings.login_scope,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": attempt.code_challenge,
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return metadata.authorization_endpoint + joint + urllib.parse.urlencode(query)


# -- what all of these answers have in common ------------------------------------------------------


def authenticator_of(request: Request) -> Authenticator:
    """Return who knows the users."""
    authenticator = service_of(request).authenticator
    assert authenticator is not None  # these routes are there only with it
    return authenticator


def guarded_route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
    """Return a route for this server's own pages, which no other origin may use."""

    async def own(request: Request) -> Response:
        settings = authenticator_of(request).settings
        try:
            check_origin(request.headers, method, settings)
            answer = await endpoint(request)
        except Problem as problem:
            if method == "GET" and wants_html(accept_of(request)):
                answer = message(problem.status, problem.title, problem.detail)
            else:
                answer = json_response(problem.body, problem.status, problem.headers)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    return Route(path, own, methods=[method])


def check_origin(headers: Mapping[str, str], method: str, settings: OidcSettings) -> None:
    """Refuse what no page of this server, and no person, can have asked for.

    Raises
    ------
    Problem
        403.
    """
    if headers.get("host", "").lower() != settings.host:
        raise Problem(403, "Another address", "wrong_host", f"Go to {settings.public_url}")
    if method == "GET":
        return
    site = headers.get("sec-fetch-site", "same-origin")
    if headers.get("origin", settings.public_url) != settings.public_url or site != "same-origin":
        raise Problem(403, "Not from this page", "csrf")


async def session_of(request: Request, *, changing: bool = False) -> Session:
    """Return the session of a request.

    Raises
    ------
    Problem
        401: there is none. 403: it changes something, and no page of this server makes it.
    """
    session = await authenticator_of(request).session(request, changing=changing)
    if session is None:
        raise Problem(401, "Not logged in", "not_logged_in", "Log in at /login")
    return session


def message(status: int, title: str, text: str) -> Response:
    """Return a page that says something, and leads back."""
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>{html.escape(title)}</title><link rel=stylesheet href=/account/page.css>"
        f"<main><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>"
        "<p><a href=/account>Your account</a></p></main>",
        status,
    )


# -- routes ----------------------------------------------------------------------------------------


def login_routes() -> list[Route]:
    """Return the routes."""
    return [
        guarded_route("/login", begin),
        guarded_route(CALLBACK, finish),
        guarded_route("/logout", end, "POST"),
    ]


async def begin(request: Request) -> Response:
    """Answer ``GET /login``: lead to the issuer."""
    authenticator = authenticator_of(request)
    metadata = await authenticator.issuer.metadata()
    if not metadata.authorization_endpoint or not metadata.token_endpoint:
        raise Problem(503, "No login", "login_unavailable", "The issuer offers no login by page")
    attempt = Attempt.begin(request.query_params.get("next", _HOME))
    answer = RedirectResponse(authorization_url(metadata, authenticator.settings, attempt), 303)
    _set_cookie(answer, authenticator, "login", attempt.cookie, _PATIENCE)
    return answer


async def finish(request: Request) -> Response:
    """Answer ``GET /login/callback``: the issuer has led back."""
    authenticator = authenticator_of(request)
    attempt = Attempt.from_cookie(request.cookies.get(authenticator.cookie_name("login"), ""))
    try:
        user = await _user(authenticator, attempt, request.query_params)
    except Problem as problem:
        status = HTTPStatus(problem.status)
        answer = message(status, problem.title, f"{problem.detail or status.phrase}.")
    else:
        name = await anyio.to_thread.run_sync(authenticator.users.begin_session, user)
        answer = RedirectResponse(attempt.path if attempt else _HOME, 303)
        _set_cookie(answer, authenticator, "session", name, None)
    # An answer of the issuer counts once.
    _set_cookie(answer, authenticator, "login", "", 0)
    return answer


async def _user(
    authenticator: Authenticator, attempt: Attempt | None, query: Mapping[str, str]
) -> User:
    """Return who has logged in.

    Raises
    ------
    Problem
        400, 401, 403 or 503: nobody has.
    """
    settings, issuer = authenticator.settings, authenticator.issuer
    state = query.get("state", "").encode("utf-8", "replace")
    if attempt is None or not hmac.compare_digest(state, attempt.state.encode()):
        raise _failed("This login was not begun in this browser, or took too long")
    said = query.get("iss")
    if said != settings.issuer and (said is not None or (await issuer.metadata()).names_itself):
        raise _failed("Another issuer has answered")  # mix-up, RFC 9207
    if "error" in query:
        error = re.sub(r"[^a-z_]", "", query["error"])[:40]
        raise _failed(f"The issuer says: {error.replace('_', ' ') or 'no'}")
    code = query.get("code", "")
    if not 0 < len(code) <= _LONGEST_CODE:
        raise _failed("The issuer has sent no code")
    answer = await issuer.exchange(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": settings.public_url + CALLBACK,
            "code_verifier": attempt.verifier,
        },
        settings.client_id,
        settings.client_secret,
    )
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise _failed("The issuer has sent no ID token")
    return await authenticator.user(await authenticator.tokens.identity(token, attempt.nonce))


async def end(request: Request) -> Response:
    """Answer ``POST /logout``; says where the issuer is logged out of, if it offers that."""
    authenticator = authenticator_of(request)
    await session_of(request, changing=True)
    name = request.cookies[authenticator.cookie]
    await anyio.to_thread.run_sync(authenticator.users.end_session, name)
    try:
        url = (await authenticator.issuer.metadata()).end_session_endpoint
    except Problem:  # away: one is logged out here all the same
        url = ""
    answer = json_response({"data": {"issuer_logout_url": url or None}})
    _set_cookie(answer, authenticator, "session", "", 0)
    return answer


def _failed(reason: str) -> Problem:
    return Problem(400, "Login failed", "login_failed", reason)


def _set_cookie(
    answer: Response, authenticator: Authenticator, what: str, value: str, seconds: int | None
) -> None:
    answer.set_cookie(
        authenticator.cookie_name(what),
        value,
        max_age=seconds,
        path="/",
        secure=authenticator.settings.secure,
        httponly=True,
        # Lax, not strict: the issuer's page leads back here.
        samesite="lax",
    )
