r"""Where Krita keeps its resources and its settings: by system and packaging.

=========  ===========================================  ============================================
packaging  resources                                    settings
=========  ===========================================  ============================================
Linux      ``$XDG_DATA_HOME/krita``,                    ``$XDG_CONFIG_HOME/kritarc``,
           ``~/.local/share/krita``                     ``~/.config/kritarc``
AppImage   as Linux                                     as Linux
Flatpak    ``~/.var/app/org.kde.krita/data/krita``      ``~/.var/app/org.kde.krita/config/kritarc``
Snap       ``~/snap/krita/current/.local/share/krita``  ``~/snap/krita/current/.config/kritarc``
macOS      ``~/Library/Application Support/krita``      ``~/Library/Preferences/kritarc``
Windows    ``%APPDATA%\krita``                          ``%LOCALAPPDATA%\kritarc``
=========  ===========================================  ============================================

Where the settings name another folder for resources (*Configure Krita > General > Resources*), that
one is taken, as Krita does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from mattekit.folders import home_folder
from mattekit_hosts.programs import Program
from mattekit_hosts.sandbox import Packaging
from mattekit_krita import kritarc

__all__ = ["KRITA", "Packaging", "Profile", "packaging_of", "profile_of"]

#: How Krita is called and where it is.
KRITA: Final = Program(
    ("krita",),
    (
        "flatpak/exports/bin/org.kde.krita",
        "snap/bin/krita",
        "[Kk]rita*.app/Contents/MacOS/krita",
        "Krita*/bin/krita.exe",
        "Applications/krita-*.[aA]pp[iI]mage",
    ),
    r"krita[ -](\d+(?:\.\d+)*)",
)

_FLATPAK: Final = "org.kde.krita"


class Profile(NamedTuple):
    """A user's folders of one Krita; they need not be there yet.

    Attributes
    ----------
    resources : pathlib.Path
        ``pykrita`` and ``actions`` lie in it.
    settings : pathlib.Path
        The file ``kritarc``.
    packaging : {"plain", "flatpak", "snap"}
    """

    resources: Path
    settings: Path
    packaging: Packaging


def packaging_of(program: Path) -> Packaging:
    """Return how a copy of Krita was packaged, by the path of its program."""
    if program.name == _FLATPAK:
        return "flatpak"
    return "snap" if program.parts[-3:-1] == ("snap", "bin") else "plain"


def profile_of(program: Path, env: Mapping[str, str] | None = None) -> Profile:
    """Return the folders of a copy of Krita.

    Parameters
    ----------
    program : pathlib.Path
        Its program file.
    env : mapping of str to str, optional
        Environment, by default that of this process.
    """
    env = os.environ if env is None else env
    packaging = packaging_of(program)
    resources, settings = _folders(packaging, env)
    named = kritarc.value(settings, "", "ResourceDirectory")
    return Profile(Path(named) if named else resources, settings, packaging)


def _folders(packaging: Packaging, env: Mapping[str, str]) -> tuple[Path, Path]:
    home = home_folder()
    if packaging == "flatpak":
        own = home / ".var" / "app" / _FLATPAK
        return own / "data" / "krita", own / "config" / "kritarc"
    if packaging == "snap":
        own = home / "snap" / "krita" / "current"
        return own / ".local" / "share" / "krita", own / ".config" / "kritarc"
    if sys.platform == "win32":
        roaming = Path(env.get("APPDATA") or home / "AppData" / "Roaming")
        local = Path(env.get("LOCALAPPDATA") or home / "AppData" / "Local")
        return roaming / "krita", local / "kritarc"
    if sys.platform == "darwin":
        library = home / "Library"
        return library / "Application Support" / "krita", library / "Preferences" / "kritarc"
    data = Path(env.get("XDG_DATA_HOME") or home / ".local" / "share")
    config = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
    return data / "krita", config / "kritarc"
