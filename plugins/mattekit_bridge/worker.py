"""The one worker of this user: where it is, whether it answers, how it is started and stopped."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path
from typing import Any, Callable, Dict, NamedTuple, Optional

from mattekit_bridge.errors import Canceled, NoFolder, WorkerFailed, WorkerMissing, WrongProtocol

__all__ = ["PROTOCOL", "Worker", "ask", "connect", "find", "folder", "start", "stop"]

#: Number of the agreement between worker and bridge.
PROTOCOL = 1

_PATIENCE = 60.0
#: What hosts set for themselves and a Python of its own must not see.
_FOREIGN = (
    *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONEXECUTABLE", "PYTHONNOUSERSITE"),
    *("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH"),
    *("GI_TYPELIB_PATH", "QT_PLUGIN_PATH", "APPDIR", "APPIMAGE"),
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
    shared_memory : bool
        Whether it can be lent memory; see `sharing`.
    """

    url: str
    token: str
    pid: int
    version: str
    protocol: int
    shared_memory: bool = False


def folder() -> Path:
    """Return where the worker keeps its files: ``MATTEKIT_WORKER_DIR``, else the user's cache.

    Deliberately not what ``XDG_CACHE_HOME`` says: sandboxed hosts have one of their own, and must
    find the same worker as the terminal.

    Raises
    ------
    NoFolder
        The variable is not set, and this user has no home folder.
    """
    path = os.environ.get("MATTEKIT_WORKER_DIR")
    if path:
        return Path(path)
    home = Path(os.path.expanduser("~"))
    if not home.is_absolute():
        raise NoFolder
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or str(home / "AppData" / "Local")
        return Path(local) / "mattekit" / "worker"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "mattekit" / "worker"
    return home / ".cache" / "mattekit" / "worker"


def find() -> Optional[Worker]:
    """Return the worker that runs and answers, or None."""
    try:
        facts = json.loads((folder() / "worker.json").read_text("utf-8"))
        worker = Worker(**{name: facts[name] for name in Worker._fields if name in facts})
    except (OSError, ValueError, KeyError, TypeError, NoFolder):
        return None
    health = ask(worker, "GET", "/health")
    return worker if health is not None and health.get("pid") == worker.pid else None


def start(
    python: str,
    *,
    version: Optional[str] = None,
    patience: float = _PATIENCE,
    waiting: Callable[[], bool] = lambda: True,
    clean: bool = True,
) -> Worker:
    """Return the running worker, starting it where there is none.

    Parameters
    ----------
    python : str
        The interpreter that has mattekit.
    version : str, optional
        A running worker of another version, left over from before an upgrade, is replaced.
    patience : float
        Seconds in which it must answer.
    waiting : callable
        Called again and again meanwhile, e.g. to keep a window alive; False cancels.
    clean : bool
        Whether variables that hosts set for themselves (``PYTHONPATH``, ``LD_LIBRARY_PATH``, …)
        are kept from it.

    Raises
    ------
    WorkerMissing
        There is no such interpreter.
    NoFolder
        It has no place for its files.
    WorkerFailed
        It ended or did not answer in time.
    WrongProtocol
        It answers, but this bridge does not understand it.
    Canceled
        `waiting` returned False.
    """
    end = time.monotonic() + patience
    worker = find()
    if worker is not None and version is not None and worker.version != version:
        stop()
        worker = None
    child = None if worker is not None else _launch(python, clean)
    while worker is None:
        assert child is not None
        time.sleep(0.05)
        if not waiting():
            raise Canceled
        if child.poll():
            raise WorkerFailed(str(folder()), _last_words())
        if time.monotonic() > end:
            raise WorkerFailed(str(folder()), f"no answer within {patience:.0f} seconds")
        worker = find()
        if worker is None and child.poll() == 0:
            # It found another one, which is either about to answer or about to end.
            time.sleep(0.2)
            child = _launch(python, clean)
    if worker.protocol != PROTOCOL:
        raise WrongProtocol(worker.protocol, PROTOCOL)
    return worker


def stop(*, patience: float = 20.0) -> bool:
    """End the worker once it has finished what it works on; return whether there was one."""
    worker = find()
    if worker is None:
        return False
    ask(worker, "POST", "/worker/stop")
    end = time.monotonic() + patience
    while time.monotonic() < end and find() is not None:
        time.sleep(0.05)
    return True


def connect(worker: Worker, timeout: float) -> http.client.HTTPConnection:
    """Return a connection to the worker; proxies of the environment have no say."""
    parts = urllib.parse.urlsplit(worker.url)
    assert parts.hostname is not None
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)


def ask(worker: Worker, method: str, path: str) -> Optional[Dict[str, Any]]:
    """Return the JSON answer to a small request, or None where there is none."""
    connection = connect(worker, 5)
    try:
        connection.request(method, path, headers={"X-API-Key": worker.token})
        answer = connection.getresponse()
        body = json.loads(answer.read(100_000))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return body if answer.status == 200 and isinstance(body, dict) else None


def _launch(python: str, clean: bool) -> subprocess.Popen[bytes]:
    if not os.path.isfile(python):
        raise WorkerMissing(python)
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise WorkerFailed(str(place), str(error)) from error
    options: Dict[str, Any] = {}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        # Not a child of the host's session: closing the host does not end it.
        options["start_new_session"] = True
    environment = dict(os.environ)
    if clean:
        for name in _FOREIGN:
            environment.pop(name, None)
    # What goes wrong before the log is set up, as a missing package, ends here.
    with (place / "start.log").open("wb") as errors:
        try:
            child = subprocess.Popen(
                [python, "-m", "mattekit_server.worker"],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                cwd=str(place),
                env=environment,
                **options,
            )
        except OSError as error:
            raise WorkerFailed(str(place), str(error)) from error
    # It outlives this process or ends before: somebody must be there to take note.
    threading.Thread(target=child.wait, daemon=True).start()
    return child


def _last_words() -> str:
    try:
        lines = (folder() / "start.log").read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1][:200] if lines else "it ended at once"
