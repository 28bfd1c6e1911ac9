"""Programs that were named with ``--at``: no search finds them, so they are written down."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Final

from mattekit.errors import NoHomeFolder
from mattekit.files import make_folder, unwritable, write_atomically
from mattekit.folders import data_folder

__all__ = ["forget", "programs", "remember"]

_FILE: Final = "hosts.json"
#: More than anybody has; a file that somebody else wrote is not believed without end.
_MOST: Final = 100


def programs(host: str) -> list[Path]:
    """Return the program files of a host that were remembered and are still there."""
    return [path for path in map(Path, _read().get(host, [])) if path.is_file()]


def remember(host: str, program: Path) -> None:
    """Write a program down.

    Raises
    ------
    OutputError
        The list cannot be written.
    """
    listed = _read()
    known = listed.get(host, [])
    if str(program) not in known:
        _write({**listed, host: [*known, str(program)][-_MOST:]})


def forget(host: str, program: Path) -> None:
    """Take a program off the list, if it is there.

    Raises
    ------
    OutputError
        The list cannot be written.
    """
    listed = _read()
    left = [each for each in listed.get(host, []) if Path(each).resolve() != program.resolve()]
    if left != listed.get(host, []):
        _write({**listed, host: left})


# -- inside ------------------------------------------------------------------------------------


def _path() -> Path:
    return data_folder("HOME") / _FILE


def _read() -> dict[str, list[str]]:
    """Return the list; what is none of ours counts as empty."""
    try:
        listed = json.loads(_path().read_text("utf-8"))
    except (OSError, ValueError, RecursionError, NoHomeFolder):
        return {}
    if not isinstance(listed, dict):
        return {}
    return {
        host: [each for each in paths if isinstance(each, str) and Path(each).is_absolute()][:_MOST]
        for host, paths in listed.items()
        if isinstance(paths, list)
    }


def _write(listed: dict[str, list[str]]) -> None:
    path = _path()
    kept = {host: paths for host, paths in listed.items() if paths}
    try:
        if not kept:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # there is more of ours in it
                path.parent.rmdir()
            return
        make_folder(path.parent)
        write_atomically(path, json.dumps(kept, indent=1, sort_keys=True).encode() + b"\n")
    except OSError as error:
        raise unwritable(path, error) from error
