"""What this package adds to mattekit: file managers as hosts.

Imported with the first picture of any program: nothing that costs anything is imported here.
"""

from __future__ import annotations

from collections.abc import Iterable

import mattekit
from mattekit.hooks import Host
from mattekit_hosts.announcing import announce

__all__ = ["mattekit_hosts"]

_TITLES = {
    "nautilus": "Files (Nautilus)",
    "nemo": "Nemo",
    "caja": "Caja",
    "dolphin": "Dolphin",
    "thunar": "Thunar",
    "finder": "Finder",
    "explorer": "Explorer",
}


@mattekit.hookimpl
def mattekit_hosts() -> Iterable[Host]:
    """Return the file managers."""
    return [announce(name, title, "mattekit_desktop.installing") for name, title in _TITLES.items()]
