"""A lock among the threads and processes of one machine, which ends with its holder.

The library filelock was weighed and left out: it leaves its files behind, and where a file system
has no locks it falls back to a marker that outlives whoever is killed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["locked", "locked_if_free"]

_LOCKED: Final = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})


@contextlib.contextmanager
def locked(name: Path, pause: float = 0.1) -> Iterator[None]:
    """Hold a lock; wait for it if need be. Who holds it last removes its file.

    Parameters
    ----------
    name : Path
        The lock's file; its folder exists.
    pause : float
        Seconds between two tries.

    Raises
    ------
    OSError
        The file cannot be made, or its file system has no locks.
    """
    while True:
        file = name.open("ab")
        try:
            if _lock(file) and _same(file, name):
                break
        except BaseException:
            file.close()
            raise
        file.close()
        time.sleep(pause)
    try:
        yield
    finally:
        # Windows does not delete open files: there the empty file stays, which does no harm.
        with contextlib.suppress(PermissionError):
            name.unlink(missing_ok=True)
        file.close()


@contextlib.contextmanager
def locked_if_free(name: Path) -> Iterator[bool]:
    """Hold a lock where nobody else does; gives whether it is held. Its file stays."""
    with name.open("ab") as file:
        yield _lock(file)


def _same(file: BinaryIO, name: Path) -> bool:
    """Return whether `name` is still the open file, and not removed by who held it before."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), name.stat())
    except FileNotFoundError:
        return False


def _lock(file: BinaryIO) -> bool:
    """Take the lock of an open file if it is free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _LOCKED:
            return False
        raise
    return True
