"""Where GIMP and Krita are on this machine, told without starting them."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from mattekit.hooks import Host, HostCopy

__all__ = ["all_hosts", "find"]


class _Places(NamedTuple):
    """Where a program usually is.

    Attributes
    ----------
    commands : tuple of str
        Names on PATH.
    patterns : tuple of str
        Patterns below the folders of `_roots`.
    """

    title: str
    commands: tuple[str, ...]
    patterns: tuple[str, ...]
    advice: str


_PLACES: Final[Mapping[str, _Places]] = {
    "gimp": _Places(
        "GIMP",
        ("gimp", "gimp-3", "gimp-3.2", "gimp-3.0", "gimp-2.10"),
        (
            "flatpak/exports/bin/org.gimp.GIMP",
            "snap/bin/gimp",
            "GIMP*.app/Contents/MacOS/gimp",
            "GIMP */bin/gimp-[0-9]*.exe",
            "Programs/GIMP */bin/gimp-[0-9]*.exe",
        ),
        "open results with File > Open as Layers.",
    ),
    "krita": _Places(
        "Krita",
        ("krita",),
        (
            "flatpak/exports/bin/org.kde.krita",
            "snap/bin/krita",
            "[Kk]rita*.app/Contents/MacOS/krita",
            "Krita*/bin/krita.exe",
            "Applications/krita-*.[aA]pp[iI]mage",
        ),
        "open results with Layer > Import/Export > Import Layer.",
    ),
}

_VERSION: Final = re.compile(r"(?:gimp|krita)[ -](\d+(?:\.\d+)*)", re.IGNORECASE)


def _roots() -> Iterator[Path]:
    """Yield the folders below which programs are installed."""
    home = Path.home()
    if sys.platform == "win32":
        for variable in ("ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"):
            if value := os.environ.get(variable):
                yield Path(value)
    elif sys.platform == "darwin":
        yield from (Path("/Applications"), home / "Applications")
    else:
        yield from (Path("/var/lib"), Path("/"), home / ".local/share", home)


def find(name: str, roots: Callable[[], Iterator[Path]] = _roots) -> list[HostCopy]:
    """Return the installed copies of a program, each once.

    Parameters
    ----------
    name : {"gimp", "krita"}
        The program.
    roots : callable
        Yields the folders to look into beside PATH.
    """
    places = _PLACES[name]
    paths = [Path(path) for each in places.commands if (path := shutil.which(each))]
    for root in roots():
        for pattern in places.patterns:
            paths.extend(sorted(root.glob(pattern)))
    copies = {path.resolve(): path for path in reversed(paths)}
    return [
        HostCopy(path, _version(real), advice=places.advice)
        for real, path in sorted(copies.items())
    ]


def _version(program: Path) -> str:
    """Return what a file name, or the folder that it is installed in, says of the version."""
    found = _VERSION.findall("/".join(program.parts[-4:]))
    return found[-1] if found else ""


def all_hosts(announced: Mapping[str, Host]) -> dict[str, Host]:
    """Return the hosts that plug-ins announce, and those that are known here besides."""
    known = {
        name: Host(name, places.title, partial(find, name)) for name, places in _PLACES.items()
    }
    return known | dict(announced)
