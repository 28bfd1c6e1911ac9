"""Where this user's programs keep settings and data, by system; nothing is made."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mattekit.folders import home_folder

__all__ = ["config_folder", "share_folder"]


def config_folder(application: str = "") -> Path:
    """Return where programs keep their settings.

    Parameters
    ----------
    application : str
        A program in Flatpak, which has a folder of its own.

    Returns
    -------
    pathlib.Path
        ``$XDG_CONFIG_HOME`` or ``~/.config``, ``~/Library/Application Support``, ``%APPDATA%``.
    """
    return _folder(application, "config", "XDG_CONFIG_HOME", ".config")


def share_folder(application: str = "") -> Path:
    """Return where programs keep their data: as `config_folder`, on Linux ``~/.local/share``."""
    return _folder(application, "data", "XDG_DATA_HOME", ".local/share")


def _folder(application: str, inside: str, variable: str, usual: str) -> Path:
    home = home_folder()
    if application:
        return home / ".var" / "app" / application / inside
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    return Path(os.environ.get(variable) or home / usual)
