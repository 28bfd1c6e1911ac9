"""The certificates that this system believes."""

from __future__ import annotations

import ssl
from functools import cache

__all__ = ["system_certificates"]


@cache
def system_certificates() -> ssl.SSLContext:
    """Return what checks certificates by those that the system believes; read once, on use.

    Reading them takes longer than many a download, and most servers never ask anybody.
    """
    return ssl.create_default_context()
