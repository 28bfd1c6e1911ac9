"""The HTTP protocol of uvicorn, whose own refusals are answers of this API as well.

What is no HTTP never reaches the application: uvicorn answers it in plain text, without the headers
that let a page read an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from mattekit_server.problems import invalid_request
from mattekit_server.responses import CORS, problem_response

__all__ = ["LocalProtocol", "PublicProtocol"]


class PublicProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type] # h11 or httptools
    """For `mattekit serve`."""

    further: ClassVar[Mapping[str, str]] = CORS
    #: Seconds in which a connection may still send when the server ends.
    linger: ClassVar[float] = 1.0

    def shutdown(self) -> None:
        """Serve what is on its way, then close the connection: nothing that was sent is lost."""
        service = self.app_state.get("service")
        if service is None or not self.linger:
            super().shutdown()
            return
        service.draining = True  # from now on every answer says that it is the connection's last
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(self.linger, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read, and close the connection."""
        cycle = self.cycle
        if cycle is not None and cycle.response_started and not cycle.response_complete:
            self.transport.close()  # a second answer would be taken for the rest of the first
            return
        answer = problem_response(invalid_request("The request is not valid HTTP."))
        answer.headers.update({"X-Content-Type-Options": "nosniff", **self.further})
        answer.headers["Connection"] = "close"
        lines = [name + b": " + value for name, value in answer.raw_headers]
        head = b"\r\n".join([b"HTTP/1.1 400 Bad Request", *lines, b"", b""])
        self.transport.write(head + bytes(answer.body))
        self.transport.close()


class LocalProtocol(PublicProtocol):
    """For the editors' worker, which no page may read."""

    further: ClassVar[Mapping[str, str]] = {}
    linger: ClassVar[float] = 0.0
