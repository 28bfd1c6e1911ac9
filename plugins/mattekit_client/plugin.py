"""What this package adds to mattekit: the networks of a worker, where one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mattekit

if TYPE_CHECKING:
    from mattekit.runtime import Runtime

__all__ = ["mattekit_runtime"]


@mattekit.hookimpl
def mattekit_runtime(server: str, token: str) -> Runtime | None:
    """Return the runtime that ``MATTEKIT_SERVER`` asks for."""
    from mattekit_client.remote import from_environment

    return from_environment(server, token)
