"""Each file manager as a host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mattekit.folders import home_folder
from mattekit_desktop import managers
from mattekit_desktop.actions import ACTIONS
from mattekit_desktop.uca import CustomActions
from mattekit_desktop.verbs import Verbs
from mattekit_hosts.file_host import FileHost
from mattekit_hosts.programs import Program
from mattekit_hosts.undo import Switch
from mattekit_hosts.userfolders import config_folder, share_folder

__all__ = ["HOSTS"]

Writer = Callable[[str], Mapping[str, bytes | str]]


def _thunar() -> Path:
    return config_folder() / "Thunar"


def _host(
    name: str,
    title: str,
    commands: tuple[str, ...],
    place: str,
    folder: Callable[[], Path],
    files: Writer = lambda python: {},
    *,
    patterns: tuple[str, ...] = (),
    switch: Callable[[str], Switch] | None = None,
) -> FileHost:
    return FileHost(
        name,
        title,
        Program(commands, patterns, rf"{name}[ -](\d+(?:\.\d+)*)"),
        f"{place} > {ACTIONS[0].title} on a picture",
        lambda packaging: folder(),
        lambda python, packaging: files(python),
        frozenset(files("")) if name in {"nautilus", "caja", "dolphin"} else (),
        switch,
    )


_EVERY: Final = (
    _host(
        *("nautilus", "Files (Nautilus)", ("nautilus",), "Scripts"),
        lambda: share_folder() / "nautilus",
        managers.scripts,
    ),
    _host(
        *("nemo", "Nemo", ("nemo",), "the context menu"),
        lambda: share_folder() / "nemo",
        managers.nemo,
    ),
    _host(
        *("caja", "Caja", ("caja",), "Scripts"),
        lambda: config_folder() / "caja",
        managers.scripts,
    ),
    _host(
        *("dolphin", "Dolphin", ("dolphin",), "Actions"),
        lambda: share_folder() / "kio" / "servicemenus",
        managers.dolphin,
    ),
    _host(
        *("thunar", "Thunar", ("thunar", "Thunar"), "the context menu"),
        lambda: _thunar() / "mattekit",
        switch=lambda python: CustomActions(_thunar() / "uca.xml", python),
    ),
    _host(
        *("finder", "Finder", (), "Quick Actions"),
        lambda: home_folder() / "Library" / "Services",
        managers.finder,
        patterns=("Finder.app/Contents/MacOS/Finder",),
    ),
    _host(
        *("explorer", "Explorer", ("explorer.exe",), "the context menu"),
        lambda: config_folder() / "mattekit" / "explorer",
        switch=Verbs,
    ),
)

HOSTS: Final[Mapping[str, FileHost]] = {host.name: host for host in _EVERY}
