"""What is no HTTP is answered as everything is: as a problem, with the headers of the API."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from mattekit_server.protocol import LocalProtocol, PublicProtocol


class Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written, self.closed = b"", False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True


def answered(kind: type[PublicProtocol], cycle: object = None) -> Transport:
    async def call() -> Transport:
        protocol = kind(config=Config(lambda: None), server_state=ServerState(), app_state={})
        protocol.transport, protocol.cycle = Transport(), cycle
        protocol.send_400_response("uvicorn's own words")
        return protocol.transport

    return asyncio.run(call())


def test_the_answer_is_a_problem_that_a_page_may_read() -> None:
    transport = answered(PublicProtocol)
    head, _, body = transport.written.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    assert first == "HTTP/1.1 400 Bad Request"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["connection"] == "close"
    assert int(headers["content-length"]) == len(body)
    assert "not valid HTTP" in json.dumps(json.loads(body))
    assert transport.closed


def test_no_page_may_read_what_the_worker_says() -> None:
    transport = answered(LocalProtocol)
    assert transport.written.startswith(b"HTTP/1.1 400")
    assert b"access-control" not in transport.written.lower()


@pytest.mark.parametrize(("complete", "silent"), [(False, True), (True, False)])
def test_a_half_sent_answer_gets_no_second_one(complete: bool, silent: bool) -> None:
    cycle = SimpleNamespace(response_started=True, response_complete=complete)
    transport = answered(PublicProtocol, cycle)
    assert (transport.written == b"") == silent
    assert transport.closed
