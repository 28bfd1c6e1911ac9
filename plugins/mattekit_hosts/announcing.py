"""Hosts that are announced before anything of them is imported."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mattekit.hooks import Host, HostCopy

if TYPE_CHECKING:
    from mattekit_hosts.file_host import FileHost

__all__ = ["announce"]


def announce(name: str, title: str, module: str) -> Host:
    """Return a host whose `FileHost` stands in ``HOSTS`` of a module, which is imported on use."""

    def declared() -> FileHost:
        found: Mapping[str, FileHost] = importlib.import_module(module).HOSTS
        return found[name]

    def find() -> Sequence[HostCopy]:
        return declared().find()

    def install(copy: HostCopy) -> Sequence[str]:
        return declared().install(copy)

    def remove(copy: HostCopy) -> Sequence[str]:
        return declared().remove(copy)

    return Host(name, title, find, install, remove)
