"""Which addresses a model may come from."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

__all__ = ["RULE", "allowed", "is_loopback", "may_lead_to"]

#: The rule in words.
RULE: Final = "https://, or http:// to this machine itself"

_VISIBLE: Final = re.compile(r"[!-~]+")


def is_loopback(url: str) -> bool:
    """Return whether `url` names this machine by a loopback address or as ``localhost``."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def allowed(url: str) -> bool:
    """Return whether a model may be fetched from `url`.

    Only https, so that neither the picture of who fetches what nor the file can be changed on the
    way; plain http is accepted to a loopback address, where there is no way to speak of (a local
    mirror, tests). Addresses with a user name or password are refused: they end up in logs.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return False
    # urlsplit leaves out line breaks and tabs, which others who read the address do not.
    if not parts.hostname or parts.username is not None or not _VISIBLE.fullmatch(url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))


def may_lead_to(start: str, target: str) -> bool:
    """Return whether a redirect to `target` is followed for a file that was asked for at `start`.

    Besides what `allowed` says, a server elsewhere must not send requests to this machine.
    """
    return allowed(target) and (is_loopback(start) or not is_loopback(target))
