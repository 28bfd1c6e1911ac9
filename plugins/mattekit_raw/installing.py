"""darktable and ART as hosts."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mattekit.folders import home_folder
from mattekit_bridge.errors import WorkerMissing
from mattekit_hosts import programs
from mattekit_hosts.desktop import launcher
from mattekit_hosts.file_host import FileHost
from mattekit_hosts.files import package_files
from mattekit_hosts.lines import TextLine
from mattekit_hosts.programs import Program
from mattekit_hosts.sandbox import Packaging

__all__ = ["HOSTS", "cli_of"]

_FLATPAK: Final = "org.darktable.Darktable"
_DARKTABLE: Final = Program(
    ("darktable",),
    (
        f"flatpak/exports/bin/{_FLATPAK}",
        "snap/bin/darktable",
        "[Dd]arktable*.app/Contents/MacOS/darktable",
        "darktable/bin/darktable.exe",
        "Applications/[Dd]arktable*.[aA]pp[iI]mage",
    ),
    r"darktable[ -](\d+(?:\.\d+)*)",
)
_ART: Final = Program(
    ("ART",),
    ("ART*.app/Contents/MacOS/ART", "ART*/*/ART.exe", "ART*/ART.exe"),
    r"ART[ /_-](\d+(?:\.\d+)*)",
)


def cli_of(name: str) -> Path | None:
    """Return the program that develops without a window, beside a host's own; None if none."""
    for found in programs.find(HOSTS[name].program):
        path = found.path.with_name(f"{found.path.stem}-cli{found.path.suffix}")
        if path.exists():
            return path
    return None


def _darktable_folder(packaging: Packaging) -> Path:
    # Not where programs of a Mac keep settings: darktable is one of Unix there, too.
    home = home_folder()
    if packaging == "flatpak":
        return home / ".var" / "app" / _FLATPAK / "config" / "darktable"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "darktable"
    return Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "darktable"


def _darktable_files(python: str, packaging: Packaging) -> Mapping[str, bytes | str]:
    prefix = "mattekit_raw/resources/"
    resources = package_files("mattekit_raw")
    # What JSON says of texts and truth is Lua, but for what is beyond ASCII, which stays as it is.
    launch = packaging == "plain"
    settings = {"python": python, "missing": str(WorkerMissing(python)), "launch": launch}
    fields = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items()]
    return {
        "mattekit_settings.lua": f"return {{ {', '.join(fields)} }}\n",
        "mattekit.lua": resources[f"{prefix}mattekit.lua"],
    }


def _art_folder(_packaging: Packaging) -> Path:
    home = home_folder()
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
        return local / "ART" / "usercommands"
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return config / "ART" / "usercommands"


def _art_files(python: str, _packaging: Packaging) -> Mapping[str, bytes | str]:
    words = launcher(python, "mattekit_raw", "art")
    line = subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
    return {
        # The file is one of GLib's, where a backslash is written as two.
        "mattekit.txt": "[ART UserCommand]\nLabel=Mask of the subject (mattekit)\n"
        "Command={}\nFileType=any\nMinArgs=1\n".format(line.replace("\\", "\\\\"))
    }


_EVERY: Final = (
    FileHost(
        "darktable",
        "darktable",
        _DARKTABLE,
        "lighttable > selected images > mattekit masks, and the module external raster masks",
        lambda packaging: _darktable_folder(packaging) / "lua",
        _darktable_files,
        switch=lambda python: TextLine(_darktable_folder("plain") / "luarc", 'require "mattekit"'),
        application=_FLATPAK,
    ),
    FileHost(
        "art",
        "ART",
        _ART,
        "the file browser's context menu > User commands",
        _art_folder,
        _art_files,
    ),
)

HOSTS: Final[Mapping[str, FileHost]] = {host.name: host for host in _EVERY}
