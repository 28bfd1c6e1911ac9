"""The running worker for a plug-in of a host, or in plain words why there is none."""

import os
import re
from typing import Callable, Tuple

from mattekit_bridge.errors import BridgeError
from mattekit_bridge.settings import Settings
from mattekit_bridge.worker import Worker, find, start

__all__ = ["connect", "explain_versions"]


def connect(settings: Settings, waiting: Callable[[], bool], *, host: str) -> Worker:
    """Return the worker, starting it where there is none.

    Parameters
    ----------
    settings : Settings
        Of the plug-in.
    waiting : callable
        Called again and again meanwhile; False cancels.
    host : str
        The host's name, for messages.

    Raises
    ------
    BridgeError
        Why there is none, in words for the user.
    """
    if settings.worker_folder:
        os.environ.setdefault("MATTEKIT_WORKER_DIR", settings.worker_folder)
    if not settings.launch:
        worker = find()
        if worker is None:
            raise BridgeError(
                "This %s runs in a sandbox (Flatpak or Snap) and cannot start mattekit by itself. "
                "Open a terminal, run\n\n    mattekit worker start\n\nand try again." % host
            )
        return worker
    worker = start(settings.python, waiting=waiting)
    if _number(worker.version) < _number(settings.version):
        # Left over from before an update. A newer one is none: then the plug-in is what is old.
        worker = start(settings.python, version=settings.version, waiting=waiting)
    return worker


def explain_versions(worker: Worker, settings: Settings, *, host: str) -> str:
    """Return what a user should know of the two versions; empty where they are the same."""
    if worker.version == settings.version:
        return ""
    return (
        "The plug-in is that of mattekit %s, but mattekit %s is running. If something looks "
        "wrong, run `mattekit worker stop` and `mattekit hosts install`, and restart %s."
        % (settings.version, worker.version, host)
    )


def _number(version: str) -> Tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version))
