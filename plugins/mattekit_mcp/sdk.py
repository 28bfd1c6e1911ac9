"""Whether the SDK of the Model Context Protocol is there."""

from __future__ import annotations

import importlib.util

from mattekit.errors import MattekitError

__all__ = ["check_sdk"]


def check_sdk() -> None:
    """Raise `MattekitError` where the protocol's SDK is not installed."""
    if importlib.util.find_spec("mcp") is None:
        raise MattekitError(
            "`mattekit mcp` needs the package mcp: run `pip install 'mattekit[mcp]'`."
        )
