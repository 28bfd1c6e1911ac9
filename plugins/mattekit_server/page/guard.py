"""Who may call the page's own endpoints: the page itself, opened under a name that is ours.

Browsers send whatever a foreign page makes them send. Four things together keep such a page out:

* the name in ``Host`` must be a loopback one, or one that the operator names, where no key is
  needed: a foreign name that was made to point here (DNS rebinding) is refused;
* ``Sec-Fetch-Site`` and ``Origin`` must not name another site;
* whatever changes something carries a header that a foreign page could only send after asking
  (a preflight request), and no endpoint here answers that;
* the cookie that says whose pictures these are is ``SameSite=Strict`` and out of scripts' reach.
"""

from __future__ import annotations

import hmac
import re
from typing import Final

from starlette.requests import Request

from mattekit_server.problems import Problem
from mattekit_server.settings import Settings

__all__ = ["APP_COOKIE", "HEADER", "check", "check_host", "is_loopback", "is_page", "opens_app"]

#: What the page sends with every request that changes something.
HEADER: Final = "x-mattekit-page"
#: The cookie that `mattekit app` gives the window which it opens.
APP_COOKIE: Final = "mattekit_app"

_HOST: Final = re.compile(r"(?P<name>\[[^][]+\]|[^][:]+)(:\d{1,5})?", re.ASCII)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OWN: Final = frozenset({"", "none", "same-origin"})
_SAFE: Final = frozenset({"GET", "HEAD"})


def is_page(path: str) -> bool:
    """Return whether an address belongs to the page alone."""
    return path.startswith("/page/")


def is_loopback(host: str) -> bool:
    """Return whether ``Host`` is a name by which this machine alone is meant."""
    return _name_in(host) in _LOOPBACK


def check_host(request: Request, settings: Settings) -> None:
    """Refuse a name that is not this server's, where a name is all that keeps strangers out.

    Raises
    ------
    Problem
        403.
    """
    if settings.auth and not settings.app:
        return  # a stranger's page has no key, and the visitor of another name is another one
    host = request.headers.get("host", "")
    if not is_loopback(host) and _name_in(host) not in map(_plain, settings.page_hosts):
        raise Problem(
            403,
            "This server is not known under that name",
            "unknown_host",
            "Open it as http://127.0.0.1, or start it with --page-host NAME.",
        )


def check(request: Request, settings: Settings) -> None:
    """Refuse whatever does not come from the page.

    Raises
    ------
    Problem
        403.
    """
    check_host(request, settings)
    headers = request.headers
    # Behind a proxy that speaks https this server may not know that it is spoken to so.
    origin = headers.get("origin", "").removeprefix("https://").removeprefix("http://")
    foreign = headers.get("sec-fetch-site", "") not in _OWN
    foreign = foreign or ("origin" in headers and origin != headers.get("host", ""))
    if foreign or (request.method not in _SAFE and HEADER not in headers):
        raise Problem(403, "Only the page itself is served here", "foreign_page")
    if settings.app and not opens_app(request.cookies.get(APP_COOKIE, ""), settings):
        raise Problem(
            403,
            "This window does not belong to the running app",
            "app_ended",
            "Start `mattekit app` again.",
        )


def opens_app(token: str, settings: Settings) -> bool:
    """Return whether a token is the one that `mattekit app` was started with."""
    return bool(token) and hmac.compare_digest(token.encode(), settings.token.encode())


def _name_in(host: str) -> str:
    """Return the name in ``Host``, without a port; empty where there is none."""
    match = _HOST.fullmatch(host)
    return _plain(match["name"]) if match else ""


def _plain(name: str) -> str:
    """Return a name as it is compared: an address of IPv6 may stand in brackets."""
    return name.lower().removeprefix("[").removesuffix("]")
