"""Starting GIMP without a window: to have its profile made, or to learn what it knows."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mattekit.errors import MattekitError
from mattekit_gimp._vendor import gimpfu_host

__all__ = ["make_profile", "unknown_procedures"]

# A first start without a cache takes a while.
_PATIENCE: Final = 180


def make_profile(program: Path, profile: gimpfu_host.Profile) -> None:
    """Let a GIMP that was never started make its profile.

    It makes one, and brings over that of an older GIMP, only while the folder is not there. Whoever
    puts a plug-in into it before leaves a GIMP without folders for brushes, palettes and scripts.

    Parameters
    ----------
    program : pathlib.Path
        Its program file.
    profile : gimpfu_host.Profile
        The one that this GIMP uses.

    Raises
    ------
    MattekitError
        It does not start.
    """
    if not profile.folder.exists():
        _run(_without_window(program, profile))


def unknown_procedures(
    program: Path, profile: gimpfu_host.Profile, names: Sequence[str]
) -> tuple[list[str], str]:
    """Start GIMP without a window and return the procedures that it does not know afterwards.

    Parameters
    ----------
    program : pathlib.Path
        Its program file.
    profile : gimpfu_host.Profile
        The one that this GIMP uses.
    names : sequence of str
        Procedures of plug-ins.

    Returns
    -------
    names : list of str
        Those that are missing.
    said : str
        What GIMP said meanwhile.

    Raises
    ------
    MattekitError
        It does not start.
    """
    # What GIMP has learnt of its plug-ins it writes into this file when it ends.
    record = profile.folder / "pluginrc"
    said = _run(_without_window(program, profile))
    try:
        known = record.read_text("utf-8", "replace")
    except FileNotFoundError:
        known = ""
    return [name for name in names if f'"{name}"' not in known], said


def _without_window(program: Path, profile: gimpfu_host.Profile) -> list[str]:
    quitting = ["-b", "(gimp-quit 0)"] if profile.major < 3 else ["--quit"]
    return [str(program), "-i", "-d", "-f", "--verbose", *quitting]


def _run(command: Sequence[str]) -> str:
    # A virtual environment, in which this may run, is not what GIMP's Python should see.
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    try:
        result = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MattekitError(f"{command[0]} does not start ({error}).") from error
    return result.stdout.decode("utf-8", "replace")
