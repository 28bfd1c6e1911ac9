"""Sending a picture to the worker and receiving the result, with progress and cancel."""

from __future__ import annotations

import http.client
import json
import mmap
import select
import socket
import time
from typing import (
    Callable,
    Dict,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Tuple,
    Union,
)

from mattekit_bridge import netpbm
from mattekit_bridge.errors import Canceled, Refused, WorkerGone
from mattekit_bridge.forms import CONTENT_TYPE, Form
from mattekit_bridge.netpbm import Picture
from mattekit_bridge.sharing import HEADER, UNREACHABLE, WORTHWHILE, SharedMemory, can_share
from mattekit_bridge.worker import Worker, connect

__all__ = ["Answer", "Progress", "Result", "exchange", "remove_background", "result_of"]

_PART = 1 << 20
_EMPTY = Form({}, {})
_TIMEOUT = 600.0

#: Takes the share that is done, 0..1, and what is being done; False cancels.
Progress = Callable[[float, str], Optional[bool]]


class Result(NamedTuple):
    """What the worker made of a picture.

    Attributes
    ----------
    picture : Picture
        The alpha (``"pgm"``) or straight RGBA (``"pam"``, ``"bgra"``).
    kind : str
        Kind of subject, e.g. ``"person"``.
    box : tuple of int or None
        Left, top, width and height of the subject in it.
    """

    picture: Picture
    kind: str
    box: Optional[Tuple[int, int, int, int]]


def remove_background(
    worker: Worker,
    picture: Picture,
    options: Optional[Mapping[str, str]] = None,
    output: str = "pam",
    progress: Progress = lambda done, what: None,
    pictures: Optional[Mapping[str, Picture]] = None,
) -> Result:
    """Return the cut-out of a picture.

    Parameters
    ----------
    worker : Worker
        See `mattekit_bridge.start`.
    picture : Picture
        The picture; the host's own one is not touched.
    options : mapping of str to str, optional
        As the command line has them, names with underscores.
    output : {"pam", "pgm", "bgra"}
        Straight RGBA, the alpha alone, or RGBA as `Picture.bgra` has it.
    progress : callable
        Called at least ten times a second with the share that is done and what is being done;
        False cancels. The share of the work itself is an estimate.
    pictures : mapping of str to Picture, optional
        What the options ``mask``, ``keep`` and ``remove`` are where they are pictures, as large as
        `picture`.

    Raises
    ------
    Refused
        The worker cannot; nothing found, a wrong option, a broken model.
    WorkerGone
        The worker ended in the middle.
    Canceled
        `progress` returned False.
    ValueError
        The samples are not as many as the sizes say.
    """
    fields = {**(options or {}), "format": output}
    answer = exchange(
        worker,
        "POST",
        "/v1.0/removebg",
        Form(fields, {**(pictures or {}), "image_file": picture}),
        progress,
        pixels=picture.width * picture.height,
    )
    return result_of(answer, progress)


class Answer(NamedTuple):
    """What the worker answered, where that was no refusal; large data may be mapped memory."""

    headers: "http.client.HTTPMessage"
    data: "Union[bytes, mmap.mmap]"


def exchange(
    worker: Worker,
    method: str,
    path: str,
    form: Form = _EMPTY,
    progress: Progress = lambda done, what: None,
    pixels: int = 0,
) -> Answer:
    """Return the worker's answer to a request; raises as `remove_background`.

    Parameters
    ----------
    worker : Worker
    method, path : str
        Of the request.
    form : Form
        What it says.
    progress : callable
    pixels : int
        How many are worked on, for an estimate.
    """
    body = form.body()
    length = sum(part.nbytes for part in body)
    if max(length, pixels) >= WORTHWHILE and worker.shared_memory and can_share():
        try:
            return _shared(worker, method, path, form, length, progress, pixels)
        except OSError:
            pass  # no memory to lend: a sandbox, or a limit
        except Refused as refused:
            if refused.code != UNREACHABLE:
                raise
    return _answer(worker, method, path, body, progress, pixels)


def _shared(
    worker: Worker,
    method: str,
    path: str,
    form: Form,
    length: int,
    progress: Progress,
    pixels: int,
) -> Answer:
    """Return the answer to a request of so many bytes whose files lie in memory that is lent."""
    with SharedMemory() as memory:

        def lent(file: List[memoryview]) -> List[memoryview]:
            start = memory.length
            for chunk in _sending(file, start, length, progress):
                memory.append(chunk)
            return [memoryview(b"%d %d" % (start, memory.length - start))]

        return _answer(worker, method, path, form.body(lent), progress, pixels, memory)


def _answer(
    worker: Worker,
    method: str,
    path: str,
    body: List[memoryview],
    progress: Progress,
    pixels: int,
    memory: Optional[SharedMemory] = None,
) -> Answer:
    """Return the answer to a request; with memory, files lie in it, and the answer may."""
    length = sum(part.nbytes for part in body)
    connection = connect(worker, _TIMEOUT)
    try:
        connection.connect()
        connection.putrequest(method, path)
        connection.putheader("X-API-Key", worker.token)
        if body:
            connection.putheader("Content-Type", CONTENT_TYPE)
        connection.putheader("Content-Length", str(length))
        if memory is not None:
            connection.putheader(HEADER, memory.address)
        connection.endheaders()
        for chunk in body if memory is not None else _sending(body, 0, length, progress):
            connection.send(chunk)
        assert connection.sock is not None
        _wait(connection.sock, progress, pixels)
        answer = connection.getresponse()
        written = answer.getheader(HEADER) if memory is not None else None
        if memory is not None and written:
            data: Union[bytes, mmap.mmap] = memory.mapped(written)
        else:
            data = b"".join(_body(answer, progress))
    except (OSError, http.client.HTTPException) as error:
        raise WorkerGone(str(error) or type(error).__name__) from error
    finally:
        connection.close()  # also what tells the worker that nobody waits any more
    if not 200 <= answer.status < 300:
        raise _refusal(answer.status, bytes(data))
    return Answer(answer.headers, data)


def _sending(
    parts: List[memoryview], done: int, length: int, progress: Progress
) -> Iterator[memoryview]:
    """Yield what is sent piece by piece, telling how far it is."""
    for part in parts:
        for start in range(0, part.nbytes, _PART):
            _tell(progress, 0.1 * done / length, "Sending the picture")
            chunk = part[start : start + _PART]
            yield chunk
            done += chunk.nbytes


def result_of(answer: Answer, progress: Progress = lambda done, what: None) -> Result:
    """Return the picture of an answer; raises `WorkerGone` where it holds none."""
    try:
        picture = netpbm.read(answer.data)
    except ValueError as error:
        raise WorkerGone(str(error)) from error
    _tell(progress, 1.0, "Done")
    return Result(picture, answer.headers.get("X-Type") or "", _box(answer.headers))


def _tell(progress: Progress, done: float, what: str) -> None:
    if progress(min(1.0, done), what) is False:
        raise Canceled


def _wait(sock: socket.socket, progress: Progress, pixels: int) -> None:
    """Wait until the answer begins; progress comes ever closer to its end and never reaches it."""
    expected = 1.0 + pixels / 4e6  # seconds, roughly
    started = time.monotonic()
    while not select.select([sock], [], [], 0.1)[0]:
        elapsed = time.monotonic() - started
        _tell(progress, 0.1 + 0.8 * elapsed / (elapsed + expected), "Looking for the subject")
        if elapsed > _TIMEOUT:
            raise TimeoutError(f"no answer within {_TIMEOUT:.0f} seconds")


def _body(answer: http.client.HTTPResponse, progress: Progress) -> Iterator[bytes]:
    total = int(answer.getheader("Content-Length") or 0)
    done = 0
    while True:
        part = answer.read(_PART)
        if not part:
            return
        done += len(part)
        _tell(progress, 0.9 + 0.1 * done / max(total, done), "Receiving the result")
        yield part


def _refusal(status: int, data: bytes) -> Refused:
    error: Dict[str, str] = {}
    try:
        error = json.loads(data)["errors"][0]
    except (ValueError, KeyError, IndexError, TypeError):
        error = {"title": data[:200].decode("utf-8", "replace")}
    return Refused(status, error.get("code", ""), error.get("title", ""), error.get("detail", ""))


def _box(headers: "http.client.HTTPMessage") -> Optional[Tuple[int, int, int, int]]:
    names = ("Left", "Top", "Width", "Height")
    values = [headers.get(f"X-Foreground-{name}") for name in names]
    if None in values:
        return None
    left, top, width, height = (int(value or 0) for value in values)
    return left, top, width, height
