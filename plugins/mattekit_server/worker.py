"""The local worker: one private server per user, for editors and scripts of this machine.

It is the same application as `mattekit serve`, on a loopback address and a port of the system's
choice, with one lane, uncompressed formats and full size. Who may use it is decided by a token in a
file that only its user can read: ``worker.json`` in `folder`, with these keys.

============  ======================================================================================
``protocol``  `PROTOCOL`; another number means that the two sides do not understand each other
``version``   mattekit's version
``pid``       the process
``url``       where it listens
``token``     to be sent as ``X-API-Key``
============  ======================================================================================

The file exists while the worker answers. A lock that the system frees with the process makes sure
that there is one worker, also when two editors start it at the same moment. It ends by itself after
some time without work.

``python -m mattekit_server.worker`` is the worker itself; `start` runs that in the background.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import logging.handlers
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from mattekit import __version__
from mattekit.errors import MattekitError, OutputError
from mattekit_server.settings import Settings

__all__ = ["PROTOCOL", "Worker", "WorkerFailed", "find", "folder", "run", "start", "stop"]

#: Number of the agreement between worker and bridge.
PROTOCOL: Final = 1

_IDLE: Final = 15 * 60.0
_PATIENCE: Final = 60.0
_GIB: Final = 2**30

_log = logging.getLogger(__name__)


class WorkerFailed(MattekitError):
    """The worker did not start; its log says why."""

    def __init__(self, place: Path) -> None:
        super().__init__(
            f"The worker did not start. {place / 'start.log'} or {place / 'worker.log'} say why."
        )


class Worker(NamedTuple):
    """A worker that answers.

    Attributes
    ----------
    url, token : str
        Where it listens, and what it must be sent as ``X-API-Key``.
    pid : int
        Its process.
    version : str
        Its mattekit.
    protocol : int
        Its `PROTOCOL`.
    """

    url: str
    token: str
    pid: int
    version: str
    protocol: int


def folder() -> Path:
    """Return where the worker keeps its files: ``MATTEKIT_WORKER_DIR``, else the user's cache.

    Deliberately not what ``XDG_CACHE_HOME`` says: sandboxed editors have one of their own, and
    must find the same worker as the terminal.
    """
    if path := os.environ.get("MATTEKIT_WORKER_DIR"):
        return Path(path)
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData/Local")) / "mattekit" / "worker"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "mattekit" / "worker"
    return home / ".cache" / "mattekit" / "worker"


def find() -> Worker | None:
    """Return the worker that runs and answers, or None."""
    try:
        facts = json.loads((folder() / "worker.json").read_text("utf-8"))
        worker = Worker(**{name: facts[name] for name in Worker._fields})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    health = _ask(worker, "GET", "/health")
    return worker if health is not None and health.get("pid") == worker.pid else None


def start(*, patience: float = _PATIENCE) -> Worker:
    """Return the running worker, starting it where there is none of this version.

    Raises
    ------
    WorkerFailed
        It does not answer within `patience` seconds.
    """
    end = time.monotonic() + patience
    worker = find()
    if worker is not None and worker.version != __version__:
        stop()  # left over from before an upgrade
        worker = None
    if worker is not None:
        return worker
    child = _launch()
    while (worker := find()) is None:
        time.sleep(0.05)
        if child.poll() or time.monotonic() > end:
            raise WorkerFailed(folder())
        if child.poll() == 0:
            # It found another one, which is either about to answer or about to end.
            time.sleep(0.2)
            child = _launch() if find() is None else child
    return worker


def stop(*, patience: float = 20.0) -> bool:
    """End the worker once it has finished what it works on; return whether there was one."""
    worker = find()
    if worker is None:
        return False
    _ask(worker, "POST", "/worker/stop")
    end = time.monotonic() + patience
    while time.monotonic() < end and find() is not None:
        time.sleep(0.05)
    return True


def run(*, idle: float = _IDLE) -> bool:
    """Be the worker until told to stop or idle; return False at once where there is one already."""
    place = folder()
    _prepare(place)
    with _only_one(place / "worker.lock") as first:
        if not first:
            return False
        _log_to(place / "worker.log")
        try:
            asyncio.run(_serve(place, idle))
        finally:
            (place / "worker.json").unlink(missing_ok=True)
    return True


# -- inside ------------------------------------------------------------------------------------


async def _serve(place: Path, idle: float) -> None:
    import uvicorn

    from mattekit_server.application import create_app

    listener = socket.create_server(("127.0.0.1", 0))
    settings = Settings(
        port=listener.getsockname()[1],
        token=secrets.token_urlsafe(32),
        local=True,
        rate_limit=0,
        lanes=1,
        file_limit=2 * _GIB,
        pixel_limit=200_000_000,
        buffer_limit=4 * _GIB,
        deadline=600,
        body_timeout=120,
        idle=idle,
    )
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_keep_alive=60,
            timeout_graceful_shutdown=60,
        )
    )
    service = app.state.service

    async def watch() -> None:
        while not server.started and not server.should_exit:
            await asyncio.sleep(0.01)
        _announce(place, settings)
        while not server.should_exit:
            await asyncio.sleep(0.1)
            quiet = time.monotonic() - service.last_request
            busy = service.lanes.running or service.lanes.waiting or service.budget.used
            if service.stop_asked or (idle and quiet > idle and not busy):
                # First unlisted, then gone: whoever looks now starts a new one.
                (place / "worker.json").unlink(missing_ok=True)
                server.should_exit = True

    watcher = asyncio.create_task(watch())
    try:
        await server.serve(sockets=[listener])
    finally:
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher
        listener.close()


def _announce(place: Path, settings: Settings) -> None:
    facts = {
        "protocol": PROTOCOL,
        "version": __version__,
        "pid": os.getpid(),
        "url": f"http://127.0.0.1:{settings.port}",
        "token": settings.token,
    }
    part = place / f"worker.json.{os.getpid()}.part"
    # Created unreadable for others; a mode set afterwards would come too late.
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(facts, file)
    part.replace(place / "worker.json")
    _log.info("worker %d listens on port %d", os.getpid(), settings.port)


def _prepare(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.name == "posix":
            if place.stat().st_uid != os.getuid():
                raise OutputError(str(place), "the folder belongs to another user.")
            place.chmod(0o700)
    except OSError as error:
        raise OutputError(
            str(place), f"the worker cannot keep its files there ({error})."
        ) from error


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[bool]:
    """Hold the lock, or say that somebody else does; the system frees it with the process."""
    with path.open("a+b") as file:
        try:
            _lock(file.fileno())
        except OSError:
            yield False
            return
        yield True


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _log_to(path: Path) -> None:
    from mattekit_server.serving import quiet

    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=1_000_000, backupCount=2, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    quiet()


def _launch() -> subprocess.Popen[bytes]:
    place = folder()
    _prepare(place)
    flags = ["-I"] if sys.flags.isolated else []
    options: dict[str, Any] = {}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        # Not a child of the editor's session: closing the editor's terminal does not end it.
        options["start_new_session"] = True
    # What goes wrong before the log is set up, as a missing package, ends here.
    with (place / "start.log").open("wb") as errors:
        child = subprocess.Popen(
            [sys.executable, *flags, "-m", "mattekit_server.worker"],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            cwd=place,
            **options,
        )
    # It outlives this process or ends before: somebody must be there to take note.
    threading.Thread(target=child.wait, daemon=True).start()
    return child


def _ask(worker: Worker, method: str, path: str) -> dict[str, Any] | None:
    import httpx

    try:
        response = httpx.request(
            method,
            worker.url + path,
            headers={"X-API-Key": worker.token},
            timeout=5,
            trust_env=False,
        )
        answer = response.json()
    except (httpx.HTTPError, ValueError):
        return None
    return answer if response.status_code == 200 and isinstance(answer, dict) else None


if __name__ == "__main__":
    run(idle=float(os.environ.get("MATTEKIT_WORKER_IDLE", _IDLE)))
