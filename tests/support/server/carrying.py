"""Requests of a client of ours to an application in this process."""

from __future__ import annotations

import httpx
from starlette.testclient import TestClient

__all__ = ["Carrying"]

#: What belongs to the connection, not to the answer.
_HOPS = {"content-length", "transfer-encoding"}


class Carrying(httpx.BaseTransport):
    """Carry httpx requests to a test client, whose own library may be another than httpx."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = [(k, v) for k, v in request.headers.items() if k.lower() not in _HOPS]
        answer = self.client.request(
            request.method,
            str(request.url),
            content=request.read(),
            headers=dict(headers),
            follow_redirects=False,
        )
        # The test client has taken off what the content was packed in.
        kept = [(k, v) for k, v in answer.headers.items() if k.lower() != "content-encoding"]
        return httpx.Response(answer.status_code, headers=kept, content=answer.content)
