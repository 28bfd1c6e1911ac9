"""What this package adds to mattekit: GIMP, and gimpfu for GIMP's plug-ins, as hosts.

Imported with the first picture of any program: nothing that costs anything is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import mattekit
from mattekit.hooks import Host, HostCopy

__all__ = ["mattekit_hosts"]


@mattekit.hookimpl
def mattekit_hosts() -> Iterable[Host]:
    """Return GIMP and gimpfu."""
    return [
        Host("gimp", "GIMP", _find("find"), _do("install"), _do("remove")),
        Host(
            "gimpfu",
            "gimpfu for GIMP",
            _find("find_gimpfu"),
            _do("install_gimpfu"),
            _do("remove_gimpfu"),
            check_plugins=_check_plugins,
        ),
    ]


def _find(name: str) -> Callable[[], Sequence[HostCopy]]:
    def find() -> Sequence[HostCopy]:
        from mattekit_gimp import installing

        copies: Sequence[HostCopy] = getattr(installing, name)()
        return copies

    return find


def _do(name: str) -> Callable[[HostCopy], Sequence[str]]:
    def do(copy: HostCopy) -> Sequence[str]:
        from mattekit_gimp import installing

        messages: Sequence[str] = getattr(installing, name)(copy)
        return messages

    return do


def _check_plugins(paths: Sequence[Path]) -> Sequence[str]:
    from mattekit_gimp import installing

    return installing.check_plugins(paths)
