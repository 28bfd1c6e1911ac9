"""Inkscape as a host: the files in its folder of extensions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mattekit.folders import home_folder
from mattekit_hosts.declarations import installation_files
from mattekit_hosts.file_host import FileHost
from mattekit_hosts.files import package_files
from mattekit_hosts.programs import Program
from mattekit_hosts.sandbox import Packaging, worker_folder
from mattekit_hosts.userfolders import config_folder

__all__ = ["HOSTS"]

_FLATPAK: Final = "org.inkscape.Inkscape"
_INKSCAPE: Final = Program(
    ("inkscape",),
    (
        f"flatpak/exports/bin/{_FLATPAK}",
        "snap/bin/inkscape",
        "Inkscape*.app/Contents/MacOS/inkscape",
        "Inkscape*/bin/inkscape.exe",
        "Applications/Inkscape-*.[aA]pp[iI]mage",
    ),
    r"inkscape[ -](\d+(?:\.\d+)*)",
)


def _folder(packaging: Packaging) -> Path:
    if packaging == "snap":
        config = home_folder() / "snap" / "inkscape" / "current" / ".config"
    else:
        config = config_folder(_FLATPAK if packaging == "flatpak" else "")
    return config / "inkscape" / "extensions" / "mattekit"


def _files(python: str, packaging: Packaging) -> Mapping[str, bytes | str]:
    ours = package_files("mattekit_inkscape")
    files: dict[str, bytes | str] = {}
    files.update(package_files("mattekit_bridge", below="lib", leave_out=("py.typed",)))
    for name, data in ours.items():
        if name.startswith("mattekit_inkscape/plugin/"):
            files[f"lib/{name}"] = data
    files["lib/mattekit_inkscape/__init__.py"] = b""
    files.update(
        installation_files(
            python,
            launch=packaging == "plain",
            worker_folder=worker_folder(packaging, "inkscape"),
        )
    )
    prefix = "mattekit_inkscape/resources/"
    for name in ("mattekit_remove_background.py", "mattekit_remove_background.inx"):
        files[name] = ours[prefix + name.replace(".py", ".py.txt")]
    return files


HOSTS: Final[Mapping[str, FileHost]] = {
    "inkscape": FileHost(
        "inkscape",
        "Inkscape",
        _INKSCAPE,
        "Extensions > Images > Remove Background of Image",
        _folder,
        _files,
        application=_FLATPAK,
    )
}
