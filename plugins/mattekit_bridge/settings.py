"""What `mattekit hosts install` has written beside a plug-in; see `mattekit_hosts.declarations`."""

import json
import os
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

__all__ = ["SUBJECTS", "Declaration", "Settings", "model_choices", "read_settings"]

#: One option of a cut-out as plain data.
Declaration = Dict[str, Any]

#: What a dialog offers for the option subjects: label and value. Scripts may say more.
SUBJECTS = (
    ("All", "all"),
    ("The largest only", "largest"),
    ("The two largest", "2"),
    ("The three largest", "3"),
)


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
    models : sequence of dict
        The networks that cut out: ``name``, ``title`` and the ``path`` of its file.
    """

    python: str
    version: str
    launch: bool
    worker_folder: Optional[str]
    options: List[Declaration]
    models: Sequence[Dict[str, str]] = ()


def model_choices(settings: Settings) -> List[Tuple[str, str]]:
    """Return what a dialog offers for the option model: label and value, ``auto`` first.

    Only networks whose file is on this machine now, each with what it is good for.
    """
    here = [each for each in settings.models if os.path.exists(each["path"])]
    return [
        ("Automatic: the best one here for the kind of subject", "auto"),
        *(("%s (%s)" % (each["title"], each["name"]), each["name"]) for each in here),
    ]


def read_settings(folder: str) -> Settings:
    """Return what lies in the files of a folder that the installer has written."""
    values = _json(os.path.join(folder, "settings.json"))
    return Settings(
        values["python"],
        values["version"],
        values["launch"],
        values["worker_folder"],
        _json(os.path.join(folder, "options.json")),
        _json(os.path.join(folder, "models.json")),
    )


def _json(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file)
