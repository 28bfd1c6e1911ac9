"""Files in memory that a program of this machine lends for one request.

The other side, and what the header says, is `mattekit_bridge.sharing`. It is for the editors'
worker alone.
"""

from __future__ import annotations

import hmac
import mmap
import os
import re
from pathlib import Path
from typing import Final, NamedTuple

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mattekit_bridge.sharing import HEADER, UNREACHABLE, WORTHWHILE
from mattekit_server.bodies import Fields, MemoryLease, Upload
from mattekit_server.problems import Problem, file_too_large, invalid_request
from mattekit_server.responses import problem_response

__all__ = ["SharedMemoryMiddleware", "lent_files"]

#: Where a request's scope holds the descriptor.
_HANDLE: Final = "mattekit.memory"

#: Where a file lies, as its part of the form says: first byte and length.
_PLACE: Final = re.compile(rb"([0-9]{1,15}) ([0-9]{1,15})", re.ASCII)
#: How pictures begin whose samples are read where they lie.
_PLAIN: Final = (b"P5", b"P6", b"P7")
_ADDRESS: Final = re.compile(r"([0-9]{1,10}) ([0-9]{1,10}) (mattekit-[0-9a-f]{32})", re.ASCII)


class SharedMemoryMiddleware:
    """Opens the memory that a request lends, and puts a large answer into it.

    Parameters
    ----------
    app : callable
        What answers.
    token : str
        What a request must carry to be believed; any other one is handed on as it is.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app, self.token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI says."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        address = headers.get(HEADER)
        key = headers.get("x-api-key", "").encode("utf-8", "replace")
        if address is None or not hmac.compare_digest(self.token.encode(), key):
            await self.app(scope, receive, send)
            return
        try:
            handle = _opened(address)
        except OSError:
            title = "The memory that is lent cannot be reached."
            await problem_response(Problem(400, title, UNREACHABLE))(scope, receive, send)
            return
        try:
            await self.app({**scope, _HANDLE: handle}, receive, _into(handle, send))
        finally:
            os.close(handle)


def _opened(address: str) -> int:
    """Return a descriptor of what a header names, and of nothing else; raises `OSError`."""
    import fcntl  # not everywhere, and nor is such memory

    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise FileNotFoundError(address)
    process, handle, name = match.groups()
    path = f"/proc/{process}/fd/{handle}"
    # Whatever else that process or another of this number has open, has another name.
    if str(Path(path).readlink()) != f"/memfd:{name} (deleted)":
        raise FileNotFoundError(address)
    opened = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        # What shrinks while it is mapped would end this process; and in the place of that name may
        # lie another file by now. Only memory that was made for it can be sealed.
        fcntl.fcntl(opened, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
        if str(Path(f"/proc/self/fd/{opened}").readlink()) != f"/memfd:{name} (deleted)":
            raise FileNotFoundError(address)
    except OSError:
        os.close(opened)
        raise
    return opened


def _into(handle: int, send: Send) -> Send:
    """Return what answers; a large body goes into the memory, its length into a header."""
    start: Message | None = None

    async def answer(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        body = message.get("body", b"")
        if start is not None and len(body) >= WORTHWHILE and not message.get("more_body"):
            await anyio.to_thread.run_sync(_write, handle, body)
            headers = MutableHeaders(scope=start)
            headers[HEADER], headers["Content-Length"] = str(len(body)), "0"
            message = {**message, "body": b""}
        if start is not None:
            await send(start)
            start = None
        await send(message)

    return answer


def _write(handle: int, data: bytes) -> None:
    view, done = memoryview(data), 0
    while done < len(data):
        done += os.pwrite(handle, view[done:], done)


# -- the files of a form -------------------------------------------------------------------------


async def lent_files(request: Request, fields: Fields, lease: MemoryLease, limit: int) -> Fields:
    """Return the fields of a form with the files that lie in the memory that its request lends.

    Parameters
    ----------
    request : Request
    fields : mapping
        As `read_fields` returns them.
    lease : MemoryLease
        Where bytes are counted.
    limit : int
        Bytes of one file.

    Raises
    ------
    Problem
        A file is too large, or lies elsewhere.
    """
    handle = request.scope.get(_HANDLE)
    if handle is None:
        return fields
    try:
        memory = memoryview(mmap.mmap(handle, 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError, OverflowError) as error:
        raise invalid_request(f"The memory that is lent cannot be read ({error}).") from error

    lent = _Lent(handle, memory, lease, limit)
    # The picture is decoded before the answer is written over it; others may be kept as they are.
    return {
        name: await _found(value, lent, view=name == "image_file") for name, value in fields.items()
    }


class _Lent(NamedTuple):
    """Memory that is lent, and what may be taken from it."""

    handle: int
    memory: memoryview
    lease: MemoryLease
    limit: int


async def _found(value: object, lent: _Lent, *, view: bool) -> object:
    if isinstance(value, list):
        return [await _found(each, lent, view=view) for each in value]
    if not isinstance(value, Upload):
        return value
    start, length = _place(value.data, lent.memory.nbytes, lent.limit)
    lent.lease.add(length)
    data = lent.memory[start : start + length]
    if view and bytes(data[:2]) in _PLAIN:
        return value._replace(data=data)
    if length < WORTHWHILE:
        return value._replace(data=bytes(data))
    # Other requests are answered meanwhile; and holes stay holes, which a mapping would fill.
    read = await anyio.to_thread.run_sync(_read, lent.handle, start, length)
    return value._replace(data=read)


def _place(text: bytes | memoryview, total: int, limit: int) -> tuple[int, int]:
    """Return the first byte and the length of a file in so many bytes of memory."""
    match = _PLACE.fullmatch(text)
    start, length = map(int, match.groups()) if match else (0, 0)
    if not length or start + length > total:
        raise invalid_request("A file lies outside of the memory that is lent.")
    if length > limit:
        raise file_too_large(limit)
    return start, length


def _read(handle: int, start: int, length: int) -> bytes:
    data = os.pread(handle, length, start)
    while len(data) < length:  # one call reads 2 GiB at most
        data += os.pread(handle, length - len(data), start + len(data))
    return data
