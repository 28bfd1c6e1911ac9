"""The access log: a line for each answer, for people or for programs.

Neither form holds what a client could hide something in, or would not like to find there: no key,
no query, no name of a picture, no URL, no path that is none of this server's.
"""

from __future__ import annotations

import datetime
import json
import logging
import sys
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import HTTPConnection

__all__ = ["ENTRY", "FORMATS", "AccessLog", "entry_of"]

#: Where a request's scope holds what the access log will say about it.
ENTRY: Final = "mattekit.access"

#: What `Settings.access_log` may say besides nothing.
FORMATS: Final = ("text", "json")

_log = logging.getLogger(__name__)


def entry_of(request: HTTPConnection) -> dict[str, Any]:
    """Return what the access log will say about a request: whoever learns something adds it."""
    entry: dict[str, Any] = request.scope[ENTRY]
    return entry


class AccessLog:
    """Writes lines to standard output; with an empty format, none.

    Parameters
    ----------
    format : {"", "text", "json"}
        ``json`` is an object a line: ``time`` (UTC), ``method``, ``path`` (``other`` for those that
        this server does not have), ``status``, ``seconds``, ``client`` (its address), and, as far
        as they are known, ``key`` (its number, or what else rates are counted by), ``error`` (the
        API's code), ``width``, ``height``, ``type``, ``credits``, ``stages`` (seconds each).
    """

    def __init__(self, format: str) -> None:
        self.format = format
        if format and not _log.handlers:
            handler = logging.StreamHandler(sys.stdout)
            handler.setFormatter(logging.Formatter("%(message)s"))
            _log.addHandler(handler)
            _log.setLevel(logging.INFO)
            _log.propagate = False

    def write(self, entry: Mapping[str, Any]) -> None:
        """Write what is known about one answer."""
        if self.format:
            _log.info("%s", line(self.format, entry, datetime.datetime.now(datetime.timezone.utc)))


def line(format: str, entry: Mapping[str, Any], now: datetime.datetime) -> str:
    """Return the line for one answer.

    Parameters
    ----------
    format : {"text", "json"}
    entry : mapping
        See `AccessLog`.
    now : datetime.datetime
        With its time zone.
    """
    time = now.isoformat(timespec="milliseconds")
    if format == "json":
        return json.dumps({"time": time, **entry}, separators=(",", ":"))
    rest = [
        f"{name}={value}"
        for name, value in entry.items()
        if name not in {"method", "path", "status", "client", "stages"}
    ]
    return " ".join(
        [time, *(str(entry[name]) for name in ("client", "method", "path", "status")), *rest]
    )
