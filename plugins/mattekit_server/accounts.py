"""``/account``: what a user who has logged in sees and does, as JSON and as one plain page.

The page is three files that ask nobody but this server. It uses the same endpoints as any other
page here may.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any, Final

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mattekit_server.bodies import read_json
from mattekit_server.login import authenticator_of, guarded_route, session_of
from mattekit_server.problems import Problem, invalid_request
from mattekit_server.responses import json_response
from mattekit_server.users import UserKey

__all__ = ["account_routes"]

_PAGE: Final = {
    "/account": ("account.html", "text/html"),
    "/account/page.js": ("account.js", "text/javascript"),
    "/account/page.css": ("account.css", "text/css"),
}
_LONGEST_BODY: Final = 4096


def account_routes() -> list[Route]:
    """Return the routes."""
    return [
        *(guarded_route(path, show_page) for path in _PAGE),
        guarded_route("/account/session", show_session),
        guarded_route("/account/use", show_use),
        guarded_route("/account/keys", show_keys),
        guarded_route("/account/keys", create_key, "POST"),
        guarded_route("/account/keys/{number:number}", rename_key, "PATCH"),
        guarded_route("/account/keys/{number:number}", revoke_key, "DELETE"),
    ]


async def show_page(request: Request) -> Response:
    """Answer the page and its files; they say nothing of anybody."""
    name, media_type = _PAGE[request.url.path.removesuffix("/")]
    return Response(_file(name), media_type=media_type)


async def show_session(request: Request) -> Response:
    """Answer ``GET /account/session``: who is logged in, with what, and the CSRF token."""
    session = await session_of(request)
    authenticator = authenticator_of(request)
    account = await anyio.to_thread.run_sync(authenticator.keys.account_of, session.user.account)
    return _data(
        {
            "name": session.user.name,
            "issuer": session.user.issuer,
            "subject": session.user.subject,
            "csrf_token": session.csrf,
            "expires": session.expires,
            # None: the operator has revoked it.
            "account": account and {"credits": account.credits, "free_calls": account.free_left},
        }
    )


async def show_use(request: Request) -> Response:
    """Answer ``GET /account/use``: calls and credits of each of the last 30 days."""
    session = await session_of(request)
    use = await anyio.to_thread.run_sync(authenticator_of(request).users.use, session.user)
    return _data([day._asdict() for day in use])


async def show_keys(request: Request) -> Response:
    """Answer ``GET /account/keys``."""
    session = await session_of(request)
    keys = await anyio.to_thread.run_sync(authenticator_of(request).users.user_keys, session.user)
    return _data([_shown(key) for key in keys])


async def create_key(request: Request) -> Response:
    """Answer ``POST /account/keys``: make one; the answer shows it, this once."""
    session = await session_of(request, changing=True)
    name = await _name(request)
    users = authenticator_of(request).users
    record, key = await anyio.to_thread.run_sync(users.create_key, session.user, name)
    return _data({**_shown(record), "key": key}, 201)


async def rename_key(request: Request) -> Response:
    """Answer ``PATCH /account/keys/NUMBER``."""
    session = await session_of(request, changing=True)
    name, number = await _name(request), request.path_params["number"]
    users = authenticator_of(request).users
    return _data(
        _shown(await anyio.to_thread.run_sync(users.rename_key, session.user, number, name))
    )


async def revoke_key(request: Request) -> Response:
    """Answer ``DELETE /account/keys/NUMBER``."""
    session = await session_of(request, changing=True)
    users = authenticator_of(request).users
    number = request.path_params["number"]
    return _data(_shown(await anyio.to_thread.run_sync(users.revoke_key, session.user, number)))


@functools.cache
def _file(name: str) -> bytes:
    return resources.files("mattekit_server").joinpath("pages", name).read_bytes()


def _data(value: object, status: int = 200) -> Response:
    return json_response({"data": value}, status)


def _shown(key: UserKey) -> dict[str, Any]:
    return key._asdict()


async def _name(request: Request) -> str:
    """Return the name in a small JSON body.

    Raises
    ------
    Problem
        400: there is none. 413: it is no small body.
    """
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > _LONGEST_BODY:
            raise Problem(413, "Body too large", "invalid_request")
    try:
        name = read_json(bytes(data))["name"]
    except (KeyError, TypeError):
        name = None
    if not isinstance(name, str):
        raise invalid_request('Expected JSON such as {"name": "laptop"}')
    return name
