"""Clients: of any server that speaks the remove.bg API, and of the networks of a worker.

>>> from mattekit_client import Client
>>> with Client("http://127.0.0.1:8000", key="…") as client:  # doctest: +SKIP
...     answer = client.remove_background("photo.jpg", size="auto", crop=True)
...     answer.save("subject.png")

Importing this package loads nothing: names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mattekit.lazy import lazy_names

if TYPE_CHECKING:
    from mattekit_client.api import Answer, Client
    from mattekit_client.logins import LoginStore, StoredLogin
    from mattekit_client.remote import RemoteRuntime
    from mattekit_client.tokens import TokenProvider

__all__ = ["Answer", "Client", "LoginStore", "RemoteRuntime", "StoredLogin", "TokenProvider"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Answer": "api",
        "Client": "api",
        "LoginStore": "logins",
        "RemoteRuntime": "remote",
        "StoredLogin": "logins",
        "TokenProvider": "tokens",
    },
)
