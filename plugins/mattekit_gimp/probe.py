"""Starting GIMP without a window to learn whether it knows a procedure."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mattekit.errors import MattekitError
from mattekit_gimp._vendor import gimpfu_host

__all__ = ["unknown_procedures"]

# A first start without a cache takes a while.
_PATIENCE: Final = 180


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
    quitting = ["-b", "(gimp-quit 0)"] if profile.major < 3 else ["--quit"]
    said = _run([str(program), "-i", "-d", "-f", "--verbose", *quitting])
    try:
        known = record.read_text("utf-8", "replace")
    except FileNotFoundError:
        known = ""
    return [name for name in names if f'"{name}"' not in known], said


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
