"""Clients: of any server that speaks the remove.bg API, and of the networks of a worker.

>>> from mattekit_client import Client
>>> with Client("http://127.0.0.1:8000", key="…") as client:  # doctest: +SKIP
...     answer = client.remove_background("photo.jpg", size="auto", crop=True)
...     answer.save("subject.png")

Importing this package does not import httpx.
"""

from __future__ import annotations

from mattekit_client.api import Answer, Client
from mattekit_client.remote import RemoteRuntime

__all__ = ["Answer", "Client", "RemoteRuntime"]
