"""ComfyUI as a host: a folder of its custom nodes, beside the file ``main.py`` that starts it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mattekit.hooks import HostCopy
from mattekit_hosts import programs
from mattekit_hosts.declarations import installation_files
from mattekit_hosts.file_host import FileHost
from mattekit_hosts.files import package_files
from mattekit_hosts.programs import Program
from mattekit_hosts.sandbox import Packaging

__all__ = ["HOSTS"]

_COMFYUI: Final = Program(
    (),
    tuple(f"{folder}ComfyUI/main.py" for folder in ("", "comfy/", "Documents/", "src/")),
    r"ComfyUI[ -]v?(\d+(?:\.\d+)*)",
)


def _files(python: str, _packaging: Packaging) -> Mapping[str, bytes | str]:
    files: dict[str, bytes | str] = {}
    files.update(package_files("mattekit_bridge", leave_out=("py.typed",)))
    ours = package_files("mattekit_comfyui")
    prefix = "mattekit_comfyui/plugin/"
    files.update({name[len(prefix) :]: data for name, data in ours.items() if prefix in name})
    files.update(installation_files(python, launch=True, worker_folder=None))
    files["__init__.py"] = files.pop("__init__.py")  # what ComfyUI imports comes last
    return files


class _ComfyUI(FileHost):
    """ComfyUI has no folder of the user's: its nodes lie in the folder that it was put into."""

    def find(self) -> list[HostCopy]:
        """Return the copies on this machine, and whether mattekit is in them."""
        found = programs.find(self.program)
        return [_at(each.path)._copy(each.path, each.version) for each in found]

    def install(self, copy: HostCopy) -> list[str]:
        """Put the nodes into a copy."""
        return FileHost.install(_at(copy.path), copy)

    def remove(self, copy: HostCopy) -> list[str]:
        """Take the nodes out of a copy."""
        return FileHost.remove(_at(copy.path), copy)


def _at(main: Path) -> FileHost:
    return dataclasses.replace(
        HOSTS["comfyui"], folder=lambda packaging: main.parent / "custom_nodes" / "mattekit"
    )


HOSTS: Final[Mapping[str, FileHost]] = {
    "comfyui": _ComfyUI(
        "comfyui",
        "ComfyUI",
        _COMFYUI,
        "Add Node > image > mattekit",
        lambda packaging: Path("custom_nodes") / "mattekit",
        _files,
    )
}
