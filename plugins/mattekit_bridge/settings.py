"""What `mattekit hosts install` has written beside a plug-in; see `mattekit_hosts.declarations`."""

import json
import os
from typing import Any, Dict, List, NamedTuple, Optional

__all__ = ["Declaration", "Settings", "read_settings"]

#: One option of a cut-out as plain data.
Declaration = Dict[str, Any]


class Settings(NamedTuple):
    """Facts about the installation.

    Attributes
    ----------
    python : str
        The interpreter that has mattekit.
    version : str
        Of the mattekit that wrote the plug-in.
    launch : bool
        Whether the host can start programs; False in a sandbox.
    worker_folder : str or None
        Where the worker keeps its files, where not in the usual place.
    options : list of Declaration
        Every declared option.
    """

    python: str
    version: str
    launch: bool
    worker_folder: Optional[str]
    options: List[Declaration]


def read_settings(folder: str) -> Settings:
    """Return what lies in ``settings.json`` and ``options.json`` of a folder."""
    values = _json(os.path.join(folder, "settings.json"))
    return Settings(
        values["python"],
        values["version"],
        values["launch"],
        values["worker_folder"],
        _json(os.path.join(folder, "options.json")),
    )


def _json(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file)
