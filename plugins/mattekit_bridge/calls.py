"""Sending a picture to the worker and receiving the result, with progress and cancel."""

from __future__ import annotations

import http.client
import json
import select
import socket
import time
from typing import Callable, Dict, Iterator, Mapping, NamedTuple, Optional, Tuple

from mattekit_bridge import netpbm, tiff
from mattekit_bridge.errors import Cancelled, Refused, WorkerGone
from mattekit_bridge.netpbm import Picture
from mattekit_bridge.worker import Worker, connect

__all__ = ["Result", "remove_background"]

_PART = 1 << 20
_BOUNDARY = "mattekit-7f2c9d51b6e84a03"
_TIMEOUT = 600.0

#: Takes the share that is done, 0..1, and what is being done; False cancels.
Progress = Callable[[float, str], Optional[bool]]


class Result(NamedTuple):
    """What the worker made of a picture.

    Attributes
    ----------
    picture : Picture
        The alpha (``"pgm"``) or straight RGBA (``"pam"``).
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
    output : {"pam", "pgm"}
        Straight RGBA, or the alpha alone.
    progress : callable
        Called at least ten times a second with the share that is done and what is being done;
        False cancels. The share of the work itself is an estimate.

    Raises
    ------
    Refused
        The worker cannot; nothing found, a wrong option, a broken model.
    WorkerGone
        The worker ended in the middle.
    Cancelled
        `progress` returned False.
    ValueError
        The samples are not as many as the sizes say.
    """
    header = tiff.header(picture) if picture.profile else netpbm.header(picture)
    head, tail = _form({**(options or {}), "format": output}, header)
    samples = memoryview(picture.samples).cast("B")
    connection = connect(worker, _TIMEOUT)
    try:
        connection.connect()
        connection.putrequest("POST", "/v1.0/removebg")
        connection.putheader("X-API-Key", worker.token)
        connection.putheader("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}")
        connection.putheader("Content-Length", str(len(head) + samples.nbytes + len(tail)))
        connection.endheaders(head)
        for start in range(0, samples.nbytes, _PART):
            _tell(progress, 0.1 * start / samples.nbytes, "Sending the picture")
            connection.send(samples[start : start + _PART])
        connection.send(tail)
        assert connection.sock is not None
        _wait(connection.sock, progress, picture.width * picture.height)
        answer = connection.getresponse()
        data = b"".join(_body(answer, progress))
    except (OSError, http.client.HTTPException) as error:
        raise WorkerGone(str(error) or type(error).__name__) from error
    finally:
        connection.close()  # also what tells the worker that nobody waits any more
    if answer.status != 200:
        raise _refusal(answer.status, data)
    try:
        result = netpbm.read(data)
    except ValueError as error:
        raise WorkerGone(str(error)) from error
    _tell(progress, 1.0, "Done")
    return Result(result, answer.getheader("X-Type") or "", _box(answer))


def _form(fields: Mapping[str, str], header: bytes) -> Tuple[bytes, bytes]:
    """Return what stands before and after the samples."""
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="image_file"; '
        'filename="picture"\r\n\r\n'
    )
    return "".join(parts).encode("utf-8") + header, f"\r\n--{_BOUNDARY}--\r\n".encode("ascii")


def _tell(progress: Progress, done: float, what: str) -> None:
    if progress(min(1.0, done), what) is False:
        raise Cancelled


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


def _box(answer: http.client.HTTPResponse) -> Optional[Tuple[int, int, int, int]]:
    names = ("Left", "Top", "Width", "Height")
    values = [answer.getheader(f"X-Foreground-{name}") for name in names]
    if None in values:
        return None
    left, top, width, height = (int(value or 0) for value in values)
    return left, top, width, height
