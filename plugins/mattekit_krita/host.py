"""What this package adds to mattekit: Krita as a host.

Imported with the first picture of any program: nothing that costs anything is imported here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import mattekit
from mattekit.hooks import Host, HostCopy

__all__ = ["mattekit_hosts"]


@mattekit.hookimpl
def mattekit_hosts() -> Iterable[Host]:
    """Return Krita."""
    return [Host("krita", "Krita", _find, _install, _remove, _at)]


def _find() -> Sequence[HostCopy]:
    from mattekit_krita import installing

    return installing.find()


def _install(copy: HostCopy) -> Sequence[str]:
    from mattekit_krita import installing

    return installing.install(copy)


def _remove(copy: HostCopy) -> Sequence[str]:
    from mattekit_krita import installing

    return installing.remove(copy)


def _at(path: Path) -> HostCopy:
    from mattekit_krita import installing

    return installing.at(path)
