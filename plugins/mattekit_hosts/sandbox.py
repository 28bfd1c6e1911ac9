"""Programs in a sandbox: they cannot start mattekit, and see few of the user's folders."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from mattekit.folders import home_folder

__all__ = ["Packaging", "advice", "worker_folder"]

Packaging = Literal["plain", "flatpak", "snap"]

_START: Final = "mattekit worker start"


def worker_folder(packaging: Packaging, name: str) -> Path | None:
    """Return where the worker must keep its files for a program to see them; None = as usual.

    Parameters
    ----------
    packaging : {"plain", "flatpak", "snap"}
    name : str
        The program's name in its packaging, e.g. ``"gimp"``.
    """
    if packaging != "snap":
        return None
    # A snap sees no hidden folders of the home folder.
    return home_folder("MATTEKIT_WORKER_DIR") / "snap" / name / "common" / "mattekit-worker"


def advice(packaging: Packaging, name: str, title: str) -> list[str]:
    """Return what a user has to do before each use, a line each; empty for most programs.

    Parameters
    ----------
    packaging : {"plain", "flatpak", "snap"}
    name, title : str
        The program in its packaging, and as users call it.
    """
    if packaging == "plain":
        return []
    folder = worker_folder(packaging, name)
    start = f"MATTEKIT_WORKER_DIR={folder} {_START}" if folder else _START
    return [
        f"this {title} runs in a sandbox and cannot start mattekit: run `{start}` before using it."
    ]
