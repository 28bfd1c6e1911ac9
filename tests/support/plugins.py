"""Plug-ins made on the spot."""

from __future__ import annotations

import types

from mattekit import hookimpl


def plugin(**functions):
    """A plug-in whose hooks are `functions`."""
    return types.SimpleNamespace(
        **{name: hookimpl(function) for name, function in functions.items()}
    )
