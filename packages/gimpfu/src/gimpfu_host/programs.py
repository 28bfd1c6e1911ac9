"""Which GIMPs this machine has, and what version they are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator, List, NamedTuple

from .errors import GimpfuError
from .profiles import known_version

__all__ = ["Gimp", "find", "version_of"]

_COMMANDS = ("gimp", "gimp-3", "gimp-3.2", "gimp-3.0", "gimp-2.10")
_PATTERNS = (
    "flatpak/exports/bin/org.gimp.GIMP",
    "snap/bin/gimp",
    "GIMP*.app/Contents/MacOS/gimp",
    "GIMP */bin/gimp-[0-9]*.exe",
    "Programs/GIMP */bin/gimp-[0-9]*.exe",
    "Applications/GIMP-[0-9]*.[aA]pp[iI]mage",
)
_VERSION_IN_NAME = r"gimp[ -](?:console-)?(\d+\.\d+)"
# A first start without a cache takes a while.
_PATIENCE = 180


class Gimp(NamedTuple):
    """One installed copy of GIMP.

    Attributes
    ----------
    path : pathlib.Path
        Its program file, as users call it.
    version : str
        As ``"2.10"`` or ``"3.0.4"``; empty where nothing tells without starting it.
    """

    path: Path
    version: str = ""


def find() -> List[Gimp]:
    """Return the installed copies of GIMP, each once however many links lead to it.

    None is started: the version is what names of files, folders and profiles tell.
    """
    paths = [Path(path) for path in map(shutil.which, _COMMANDS) if path]
    for folder in _folders():
        for pattern in _PATTERNS:
            paths.extend(sorted(folder.glob(pattern)))
    copies = {path.resolve(): path for path in reversed(paths)}
    return [Gimp(path, _named_version(real) or known_version(path)) for real, path in
            sorted(copies.items())]  # fmt: skip


def version_of(program: Path) -> str:
    """Start a GIMP and return the version that it tells, as ``"3.0.4"``.

    Raises
    ------
    GimpfuError
        It does not start, or says something else.
    """
    # A virtual environment, in which this may run, is not what GIMP's Python should see.
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    try:
        done = subprocess.run(
            [str(program), "--version"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GimpfuError(f"{program} does not start ({error}).") from error
    output = done.stdout.decode("utf-8", "replace")
    found = re.search(r"version (\d+\.\d+(?:\.\d+)?)", output)
    if found is None:
        raise GimpfuError(
            f"{program} does not say that it is GIMP ({output.strip()[:200] or 'it says nothing'})."
            " Give the path of GIMP's own program file."
        )
    return found[1]


def _folders() -> Iterator[Path]:
    """Yield the folders below which programs are installed."""
    home = Path.home()
    if sys.platform == "win32":
        for variable in ("ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"):
            value = os.environ.get(variable)
            if value:
                yield Path(value)
    elif sys.platform == "darwin":
        yield from (Path("/Applications"), home / "Applications")
    else:
        yield from (Path("/var/lib"), Path("/"), home / ".local/share", home)


def _named_version(path: Path) -> str:
    """Return what a file's name, or the folder that it is installed in, says of the version."""
    found = re.findall(_VERSION_IN_NAME, "/".join(path.parts[-4:]), re.IGNORECASE)
    return str(found[-1]) if found else ""
