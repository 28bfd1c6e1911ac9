"""Files that are their owner's alone, also where an earlier program, or a hand, left them open."""

from __future__ import annotations

import errno
import logging
import os
import stat
from pathlib import Path
from typing import Final

__all__ = ["make_private", "make_private_database"]

_log = logging.getLogger(__name__)

_OTHERS: Final = 0o077
#: What SQLite keeps beside a database. New ones get the database's own permissions.
_BESIDE: Final = ("-wal", "-shm", "-journal")


def make_private(path: Path) -> None:
    """Make a file that only its owner can read and write; close one that is there and open.

    Parameters
    ----------
    path : pathlib.Path
        The file; its folder exists.

    Raises
    ------
    OSError
        The file cannot be made.
    """
    if path.is_dir():  # touched, it would lose what lets its owner look into it
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    # Created unreadable for others; a mode set afterwards would come too late.
    path.touch(mode=0o600)
    _tighten(path)


def make_private_database(path: Path) -> None:
    """Do as `make_private` for an SQLite file and what SQLite keeps beside it."""
    make_private(path)
    for suffix in _BESIDE:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            _tighten(beside)


def _tighten(path: Path) -> None:
    if os.name != "posix":  # elsewhere a mode says nothing about who may read
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & _OTHERS:
        return
    try:
        path.chmod(mode & ~_OTHERS)
    except OSError as error:
        _log.warning(
            "%s is open to others (mode %03o) and stays so (%s). Run `chmod 600` as its owner.",
            path,
            mode,
            error.strerror,
        )
    else:
        _log.warning(
            "%s was open to others (mode %03o); now only its owner can read it.", path, mode
        )
