"""File formats of results that plug-ins bring along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mattekit import plugins

__all__ = ["OutputFormat", "plugin_formats"]


@dataclass(frozen=True)
class OutputFormat:
    """A file format that the `format` option then accepts.

    Attributes
    ----------
    name : str
        Value of the option, lower case.
    suffixes : tuple of str
        File name suffixes with their dot, the usual one first.
    media_type : str
        For HTTP.
    encode : callable
        ``encode(cutout, options) -> bytes``, the whole file.
    """

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    encode: Callable[[Any, Any], bytes]


def plugin_formats(source: plugins.Plugins | None = None) -> Mapping[str, OutputFormat]:
    """Return the formats of plug-ins, by default of this process's, by name.

    Raises
    ------
    PluginError
        A plug-in gave something else.
    """
    found = (source or plugins.shared()).collect("mattekit_formats", OutputFormat)
    return {each.name: each for each in found}
