"""Memory that a host lends: what the worker finds there, and what it refuses to open."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from mattekit_bridge.sharing import HEADER, UNREACHABLE, WORTHWHILE, SharedMemory, can_share
from mattekit_server.bodies import MemoryLease, MemoryLimit, Upload
from mattekit_server.problems import Problem
from mattekit_server.sharing import SharedMemoryMiddleware, lent_files

pytestmark = pytest.mark.skipif(not can_share(), reason="this system has no such memory")

_LARGE = bytes(range(256)) * (WORTHWHILE // 256)


class Asked:
    """A request through the middleware, to an application that keeps it and answers."""

    def __init__(self, address: str, body: bytes = b"small", token: str = "secret") -> None:
        self.requests: list[Request] = []
        self.fields: Mapping[str, Any] = {}
        self.body = body
        self.said: list[Any] = []
        headers = [(b"x-api-key", token.encode()), (HEADER.lower().encode(), address.encode())]
        scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
        self.middleware = SharedMemoryMiddleware(self.app, "secret")
        asyncio.run(self.middleware(scope, self.receive, self.send))

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.requests.append(request)
        self.lease = MemoryLease(MemoryLimit(1 << 30))
        given = {
            "image_file": Upload("p", b"0 5"),
            "mask": [Upload("m", b"5 3"), "a text"],
            "refine": "best",
        }
        self.fields = await lent_files(request, given, self.lease, 100)
        self.found = bytes(self.fields["image_file"].data)
        await Response(self.body)(scope, receive, send)

    async def receive(self) -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Any) -> None:
        self.said.append(message)

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.said[0]["headers"]}


def test_files_are_found_and_a_small_answer_goes_through_the_socket() -> None:
    with SharedMemory() as memory:
        memory.append(memoryview(b"P7 12abc"))
        asked = Asked(memory.address)
    assert asked.found == b"P7 12"
    assert isinstance(asked.fields["image_file"].data, memoryview)
    # Options may be kept beyond the request, and be read when the answer lies there.
    assert asked.fields["mask"] == [Upload("m", b"abc"), "a text"]
    assert isinstance(asked.fields["mask"][0].data, bytes)
    assert asked.fields["refine"] == "best"
    assert asked.lease.count == 8
    assert asked.said[1]["body"] == b"small"
    assert HEADER.lower() not in asked.headers


def test_a_picture_that_has_to_be_decoded_is_bytes() -> None:
    with SharedMemory() as memory:
        memory.append(memoryview(b"MM\0*1abc"))
        assert Asked(memory.address).fields["image_file"].data == b"MM\0*1"


def test_others_are_answered_while_a_large_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    further, read = threading.Event(), os.pread

    def slow(handle: int, length: int, start: int) -> bytes:
        assert further.wait(30)
        return read(handle, min(length, WORTHWHILE // 2), start)  # as where it is very large

    async def both(request: Request, length: int) -> Any:
        async def other() -> None:
            further.set()

        place = Upload("p", f"8 {length}".encode())
        lease = MemoryLease(MemoryLimit(1 << 30))
        found, _ = await asyncio.gather(
            lent_files(request, {"image_file": place}, lease, length), other()
        )
        return found["image_file"].data

    monkeypatch.setattr(os, "pread", slow)
    with SharedMemory() as memory:
        memory.append(memoryview(b"12345678" + _LARGE))
        handle = int(memory.address.split()[1])
        request = Request({"type": "http", "headers": [], "mattekit.memory": handle})
        assert asyncio.run(both(request, len(_LARGE))) == _LARGE


def test_a_large_answer_lies_in_the_memory() -> None:
    with SharedMemory() as memory:
        memory.append(memoryview(b"P7 12abc"))
        asked = Asked(memory.address, _LARGE)
        assert asked.headers[HEADER.lower()] == str(len(_LARGE))
        assert asked.headers["content-length"] == "0"
        assert asked.said[1]["body"] == b""
        assert memory.mapped(asked.headers[HEADER.lower()])[:] == _LARGE


def test_without_the_token_nothing_is_opened() -> None:
    with SharedMemory() as memory:
        asked = Asked(memory.address, _LARGE, token="guessed")
    assert asked.fields["image_file"].data == b"0 5"
    assert asked.said[1]["body"] == _LARGE


@pytest.mark.parametrize("wrong", ["name", "handle", "process", "words", "file"])
def test_nothing_else_is_opened(wrong: str, tmp_path: Any) -> None:
    other = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    with SharedMemory() as memory:
        process, handle, name = memory.address.split()
        address = {
            "name": f"{process} {handle} mattekit-{32 * '0'}",
            "handle": f"{process} 99999 {name}",
            "process": f"1 {handle} {name}",
            "words": "../../etc/passwd",
            "file": f"{process} {other} {name}",
        }[wrong]
        asked = Asked(address)
    os.close(other)
    assert not asked.requests
    assert asked.said[0]["status"] == 400
    assert UNREACHABLE.encode() in asked.said[1]["body"]


def test_what_is_lent_does_not_shrink() -> None:
    """Where it did while it is read, the worker would end."""
    with SharedMemory() as memory:
        memory.append(memoryview(b"P7 12abc"))
        Asked(memory.address)
        handle = int(memory.address.split()[1])
        with pytest.raises(PermissionError):
            os.ftruncate(handle, 1)
        os.ftruncate(handle, 100)  # an answer may be longer than what was asked


def test_memory_that_cannot_be_sealed_is_refused() -> None:
    name = f"mattekit-{32 * '1'}"
    handle = os.memfd_create(name)
    asked = Asked(f"{os.getpid()} {handle} {name}")
    os.close(handle)
    assert not asked.requests
    assert UNREACHABLE.encode() in asked.said[1]["body"]


def test_another_file_in_its_place_is_not_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """The lender may change what a number is between the look at its name and its opening."""
    other = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    opened = os.open

    def late(path: Any, flags: int, *rest: Any) -> int:
        if str(path).startswith("/proc/"):
            os.dup2(other, int(str(path).rpartition("/")[2]))
        return opened(path, flags, *rest)

    with SharedMemory() as memory:
        memory.append(memoryview(b"P7 12abc"))
        monkeypatch.setattr(os, "open", late)
        asked = Asked(memory.address)
    os.close(other)
    assert not asked.requests
    assert asked.said[0]["status"] == 400


def test_nothing_is_held_once_it_is_answered() -> None:
    gc.disable()
    try:
        with SharedMemory() as memory:
            memory.append(memoryview(b"P7 12abc"))
            name = memory.address.split()[2]
            asked = Asked(memory.address)
        asked.fields = {}
        asked.requests.clear()
        assert name not in Path("/proc/self/maps").read_text()
    finally:
        gc.enable()


def test_more_than_can_be_mapped_is_refused() -> None:
    with SharedMemory() as memory:
        os.ftruncate(int(memory.address.split()[1]), 1 << 62)
        with pytest.raises(Problem, match="cannot be read"):
            Asked(memory.address)


@pytest.mark.parametrize("place", [b"0 9", b"8 1", b"0 0", b"", b"P7\n", b"-1 2", b"1 2 3"])
def test_files_outside_of_it_are_refused(place: bytes) -> None:
    with SharedMemory() as memory:
        memory.append(memoryview(b"P7 12abc"))
        handle = os.open(f"/proc/self/fd/{memory.address.split()[1]}", os.O_RDWR)
        request = Request({"type": "http", "headers": [], "mattekit.memory": handle})
        lease = MemoryLease(MemoryLimit(1 << 30))
        with pytest.raises(Problem, match="outside of the memory"):
            asyncio.run(lent_files(request, {"image_file": Upload("p", place)}, lease, 100))
        with pytest.raises(Problem, match="file_too_large"):
            asyncio.run(lent_files(request, {"image_file": Upload("p", b"0 8")}, lease, 7))
        os.close(handle)
