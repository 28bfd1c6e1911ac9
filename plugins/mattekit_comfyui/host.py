"""What this package adds to mattekit: ComfyUI as a host.

Imported with the first picture of any program: nothing that costs anything is imported here.
"""

from __future__ import annotations

from collections.abc import Iterable

import mattekit
from mattekit.hooks import Host
from mattekit_hosts.announcing import announce

__all__ = ["mattekit_hosts"]


@mattekit.hookimpl
def mattekit_hosts() -> Iterable[Host]:
    """Return ComfyUI."""
    return [announce("comfyui", "ComfyUI", "mattekit_comfyui.installing")]
