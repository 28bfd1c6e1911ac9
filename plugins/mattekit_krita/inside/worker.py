"""The running worker, or in plain words why there is none."""

from __future__ import annotations

import os
from typing import Callable

import mattekit_bridge as bridge
from mattekit_krita.inside.settings import Settings

__all__ = ["SANDBOX", "connect"]

SANDBOX = (
    "This Krita runs in a sandbox (Flatpak or Snap) and cannot start mattekit by itself. Open a "
    "terminal, run `mattekit worker start`, and try again."
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
    if settings.launch:
        return bridge.start(settings.python, version=settings.version, waiting=waiting)
    worker = bridge.find()
    if worker is None:
        raise bridge.BridgeError(SANDBOX)
    return worker
