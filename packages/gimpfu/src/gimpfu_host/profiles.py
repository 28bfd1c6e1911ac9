r"""Where GIMP keeps its plug-ins: by version, system and packaging.

===========  =====================================================================
packaging    folder of the profiles
===========  =====================================================================
Linux        ``$XDG_CONFIG_HOME/GIMP``, ``~/.config/GIMP``
Flatpak      ``~/.var/app/org.gimp.GIMP/config/GIMP``, where there is none ``~/.config/GIMP``
Snap         ``~/snap/gimp/current/.config/GIMP``
macOS        ``~/Library/Application Support/GIMP``
Windows      ``%APPDATA%\GIMP``
===========  =====================================================================

Each holds one folder per version, as ``2.10`` or ``3.0``. GIMP itself, and so gimpfu, takes
another one where ``GIMP2_DIRECTORY`` or ``GIMP3_DIRECTORY`` names it.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Literal, Mapping, NamedTuple, Optional

__all__ = ["Packaging", "Profile", "known_version", "packaging_of", "profile_of"]

Packaging = Literal["plain", "flatpak", "snap"]


class Profile(NamedTuple):
    """A user's settings of one GIMP.

    Attributes
    ----------
    folder : pathlib.Path
        It need not be there yet: GIMP makes it when it is first started.
    version : str
        Major and minor, as ``"2.10"``.
    packaging : {"plain", "flatpak", "snap"}
    """

    folder: Path
    version: str
    packaging: Packaging

    @property
    def major(self) -> int:
        """2 or 3."""
        return int(self.version.partition(".")[0])

    @property
    def plug_ins(self) -> Path:
        """The folder in which GIMP looks for plug-ins."""
        return self.folder / "plug-ins"


def packaging_of(program: Path) -> Packaging:
    """Return how a copy of GIMP was packaged, by the path of its program."""
    if program.name == "org.gimp.GIMP":
        return "flatpak"
    return "snap" if program.parts[-3:-1] == ("snap", "bin") else "plain"


def profile_of(program: Path, version: str, env: Optional[Mapping[str, str]] = None) -> Profile:
    """Return the profile that a copy of GIMP has.

    Parameters
    ----------
    program : pathlib.Path
        Its program file.
    version : str
        Its version, of which the first two numbers count.
    env : mapping of str to str, optional
        Environment, by default that of this process.
    """
    env = os.environ if env is None else env
    short = ".".join(version.split(".")[:2])
    packaging = packaging_of(program)
    named = env.get(f"GIMP{short.partition('.')[0]}_DIRECTORY")
    if named and packaging == "plain":
        # GIMP takes a relative one from the home folder.
        return Profile(Path.home() / named, short, packaging)
    return Profile(_root(packaging, env) / short, short, packaging)


def known_version(program: Path, env: Optional[Mapping[str, str]] = None) -> str:
    """Return the newest version that has a profile; empty where there is none.

    For copies whose file name says nothing of the version, as a Flatpak's.
    """
    root = _root(packaging_of(program), os.environ if env is None else env)
    if not root.is_dir():
        return ""
    names = [each.name for each in root.iterdir() if re.fullmatch(r"\d+\.\d+", each.name)]
    return max(names, key=lambda name: [int(part) for part in name.split(".")], default="")


def _root(packaging: Packaging, env: Mapping[str, str]) -> Path:
    home = Path.home()
    if packaging == "snap":
        return home / "snap" / "gimp" / "current" / ".config" / "GIMP"
    if sys.platform == "win32":
        return Path(env.get("APPDATA") or home / "AppData" / "Roaming") / "GIMP"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "GIMP"
    usual = Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "GIMP"
    if packaging == "flatpak":
        own = home / ".var" / "app" / "org.gimp.GIMP" / "config" / "GIMP"
        return own if own.is_dir() or not usual.is_dir() else usual
    return usual
