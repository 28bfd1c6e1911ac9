"""Where a program is on this machine, told without starting it: what a host's `find` needs."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from mattekit.errors import NoHomeFolder
from mattekit.folders import home_folder

__all__ = ["Found", "Program", "find", "roots"]


class Program(NamedTuple):
    """How a program is called, and where it usually is.

    Attributes
    ----------
    commands : tuple of str
        Names on PATH.
    patterns : tuple of str
        Patterns below the folders of `roots`.
    version : str
        Pattern of a regular expression whose group is the version, for the names of its file and
        of the folders that it is installed in; case does not matter.
    """

    commands: tuple[str, ...]
    patterns: tuple[str, ...]
    version: str


class Found(NamedTuple):
    """One installed copy of a program.

    Attributes
    ----------
    path : pathlib.Path
        Its program file, as users call it.
    version : str
        What names say of its version; empty where nothing.
    """

    path: Path
    version: str


def roots() -> Iterator[Path]:
    """Yield the folders below which programs are installed."""
    try:
        homes = [home_folder()]
    except NoHomeFolder:
        homes = []
    if sys.platform == "win32":
        for variable in ("ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"):
            if value := os.environ.get(variable):
                yield Path(value)
    elif sys.platform == "darwin":
        yield from (Path("/Applications"), *(home / "Applications" for home in homes))
        yield Path("/System/Library/CoreServices")
    else:
        yield from (Path("/var/lib"), Path("/"))
        for home in homes:
            yield from (home / ".local/share", home)


def find(program: Program, below: Callable[[], Iterator[Path]] = roots) -> list[Found]:
    """Return the installed copies of a program, each once however many links lead to it.

    Parameters
    ----------
    program : Program
    below : callable
        Yields the folders to look into beside PATH.
    """
    paths = [Path(path) for each in program.commands if (path := shutil.which(each))]
    for root in below():
        for pattern in program.patterns:
            paths.extend(sorted(root.glob(pattern)))
    copies = {path.resolve(): path for path in reversed(paths)}
    return [Found(path, version_of(real, program.version)) for real, path in sorted(copies.items())]


def version_of(path: Path, pattern: str) -> str:
    """Return what a file's name, or the folder that it is installed in, says of the version."""
    found = re.findall(pattern, "/".join(path.parts[-4:]), re.IGNORECASE)
    return str(found[-1]) if found else ""
