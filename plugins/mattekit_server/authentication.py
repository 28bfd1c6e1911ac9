"""`Authenticator`: who comes with an access token, a key of their own making, or a session."""

from __future__ import annotations

import hmac
from typing import Final

import anyio
from starlette.requests import Request

from mattekit_server.identity import OidcSettings
from mattekit_server.issuer import Issuer
from mattekit_server.keys import Account, KeyStore
from mattekit_server.problems import Problem
from mattekit_server.tokens import (
    Subject,
    TokenVerifier,
    challenge,
    invalid_token,
    looks_like_token,
)
from mattekit_server.users import Session, User, UserStore

__all__ = ["CSRF_HEADER", "Authenticator", "bearer_of"]

#: What a request that a page makes in a session carries besides the cookie. No other origin can
#: send it: the preflight is answered, but never for requests with cookies.
CSRF_HEADER: Final = "X-CSRF-Token"


def bearer_of(request: Request) -> str:
    """Return what follows ``Authorization: Bearer``; empty where nothing does."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class Authenticator:
    """Knows the users of an issuer.

    Parameters
    ----------
    settings : OidcSettings
        Of the issuer.
    keys : KeyStore
        Where their accounts are.
    """

    def __init__(self, settings: OidcSettings, keys: KeyStore) -> None:
        self.settings, self.keys = settings, keys
        self.issuer = Issuer(settings.issuer)
        self.tokens = TokenVerifier(settings, self.issuer)
        self.users = UserStore(keys)

    @property
    def cookie(self) -> str:
        """Name of the session's cookie: with https one that no other host can set."""
        return self.cookie_name("session")

    def cookie_name(self, what: str) -> str:
        """Return the name of a cookie."""
        return f"{'__Host-' if self.settings.secure else ''}mattekit-{what}"

    async def account_of(self, request: Request) -> Account | None:
        """Return the account of a user who makes a request; None where a key has to tell.

        Raises
        ------
        Problem
            401: an access token or session that is not valid. 403: one that may not do this, or
            nobody whom this server has an account for. 503: the issuer is away.
        """
        if request.headers.get("x-api-key", "").strip():
            return None
        token = bearer_of(request)
        if token and looks_like_token(token):
            user = await self.user(await self.tokens.access(token))
        elif token or self.cookie not in request.cookies:
            return None
        else:
            session = await self.session(request, changing=True)
            if session is None:
                return None
            user = session.user
        account = await anyio.to_thread.run_sync(self.keys.account_of, user.account)
        if account is None:
            raise _no_account()
        return account

    async def user(self, subject: Subject) -> User:
        """Return the user that a token speaks of, made now where the operator allows that.

        Raises
        ------
        Problem
            403: this server has no account for it.
        """

        def find() -> User:
            found = self.users.user(subject.issuer, subject.id)
            if found is None:
                if not self.settings.create_accounts:
                    raise _no_account()
                found = self.users.create(
                    *subject,
                    credits=self.settings.credits,
                    free_calls=self.settings.free_calls,
                )
            return found

        return await anyio.to_thread.run_sync(find)

    async def session(self, request: Request, *, changing: bool) -> Session | None:
        """Return the session that a request's cookie names; None where there is none.

        Parameters
        ----------
        request : Request
        changing : bool
            Whether it must prove that a page of this server makes it.

        Raises
        ------
        Problem
            403: it does not.
        """
        name = request.cookies.get(self.cookie, "")
        session = await anyio.to_thread.run_sync(self.users.session, name) if name else None
        if session is not None and changing:
            said = request.headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(said.encode("utf-8", "replace"), session.csrf.encode()):
                raise Problem(
                    403, "Not from this page", "csrf", f"The header {CSRF_HEADER} is not the page's"
                )
        return session

    def challenged(self, problem: Problem, request: Request) -> Problem:
        """Return the refusal of a key, with how to come with a token (RFC 6750, 3)."""
        if problem.status == 403 and bearer_of(request):
            return invalid_token(self.settings, "It is neither an access token nor a valid key")
        if problem.status == 403:
            problem.headers.setdefault("WWW-Authenticate", challenge(self.settings))
        return problem


def _no_account() -> Problem:
    return Problem(
        403,
        "No account",
        "auth_failed",
        "You are logged in, but have no account here. Ask the operator of this server for one.",
    )
