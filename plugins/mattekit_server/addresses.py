"""Where keys are: the path of a file, or the address of a database."""

from __future__ import annotations

import urllib.parse
from pathlib import Path
from typing import Final

__all__ = ["database_of", "is_url", "without_password"]

_SCHEMES: Final = ("postgresql://", "postgres://")


def is_url(place: str | Path) -> bool:
    """Return whether a place is the address of a PostgreSQL database rather than a file."""
    return str(place).startswith(_SCHEMES)


def database_of(text: str) -> Path | str:
    """Return a place from a text: the address of a PostgreSQL database, or an absolute path."""
    return text if is_url(text) else Path(text).absolute()


def without_password(url: str) -> str:
    """Return the address of a database as it may be shown."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "postgresql://…"
    user = f"{parts.username}@" if parts.username else ""
    return f"postgresql://{user}{host}{f':{port}' if port else ''}{parts.path}"
