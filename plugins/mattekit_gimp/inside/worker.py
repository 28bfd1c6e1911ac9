"""The running worker, or in plain words why there is none."""

import os
import re
from typing import Callable, Tuple

import mattekit_bridge as bridge
from mattekit_gimp.inside.settings import Settings

__all__ = ["SANDBOX", "connect", "explain"]

SANDBOX = (
    "This GIMP runs in a sandbox (Flatpak or Snap) and cannot start mattekit by itself. Open a "
    "terminal, run\n\n    mattekit worker start\n\nand try again."
)


def connect(settings: Settings, waiting: Callable[[], bool]) -> bridge.Worker:
    """Return the worker, starting it where there is none.

    Parameters
    ----------
    settings : Settings
        Of the plug-in.
    waiting : callable
        Called again and again meanwhile; False cancels.

    Raises
    ------
    bridge.BridgeError
        Why there is none, in words for the user.
    """
    if settings.worker_folder:
        os.environ.setdefault("MATTEKIT_WORKER_DIR", settings.worker_folder)
    if not settings.launch:
        worker = bridge.find()
        if worker is None:
            raise bridge.BridgeError(SANDBOX)
        return worker
    worker = bridge.start(settings.python, waiting=waiting)
    if _number(worker.version) < _number(settings.version):
        # Left over from before an update. A newer one is none: then this plug-in is what is old.
        worker = bridge.start(settings.python, version=settings.version, waiting=waiting)
    return worker


def explain(worker: bridge.Worker, settings: Settings) -> str:
    """Return what a user should know of the two versions; empty where they are the same."""
    if worker.version == settings.version:
        return ""
    return (
        "The menu entries are those of mattekit %s, but mattekit %s is running. If something "
        "looks wrong, run `mattekit worker stop` and `mattekit hosts install`, and restart GIMP."
        % (settings.version, worker.version)
    )


def _number(version: str) -> Tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version))
