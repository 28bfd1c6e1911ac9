"""Writing files so that nothing is ever lost."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from mattekit.errors import OutputError

__all__ = ["make_folder", "temporary_for", "temporary_name", "unwritable", "write_atomically"]

_TEMPORARY: Final = re.compile(r"\.(.+)\.[0-9a-f]{12}\.tmp", re.DOTALL)
_READ_ONLY: Final = "cannot be written: {0} is on a read-only file system. Choose another folder."
_FULL: Final = "cannot be written: the disk of {0} is full. Free some room and try again."
_FILE: Final = "cannot be written: {0} is a file, not a folder. Choose another folder."
_NO_NEW: Final = "cannot be written: {0} takes no new files. Choose another folder."
_PROBLEMS: Final[dict[int, str]] = {
    errno.ENOENT: "cannot be written: the folder {0} does not exist. Create it first.",
    errno.ENOTDIR: _FILE,
    errno.EEXIST: "cannot be made: it is there already, and is no folder. Choose another one.",
    errno.EISDIR: "cannot be written: it is a folder. Give the path of a file.",
    errno.EACCES: "cannot be written: no permission in {0}. Choose another folder.",
    errno.EPERM: "cannot be written: no permission in {0}. Choose another folder.",
    errno.EROFS: _READ_ONLY,
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "cannot be written: the quota of {0} is used up. Free some room and try again.",
    errno.ENAMETOOLONG: "cannot be written: the name is too long. Choose a shorter one.",
    errno.ELOOP: "cannot be written: its symbolic links run in a circle. Check the path.",
}


def write_atomically(
    path: str | os.PathLike[str],
    data: bytes | memoryview | Callable[[BinaryIO], object],
    *,
    private: bool = False,
) -> None:
    """Write a file at once or not at all.

    The bytes go to a new file in the same folder, which then takes the place of the old one. A
    file that is already there keeps its content until that moment, and its permissions after it,
    and its owner where the system lets us; a symbolic link stays a link. Whatever goes wrong,
    Ctrl-C included, no temporary file is left.

    Parameters
    ----------
    path : str or os.PathLike
        Where to write. Devices and pipes are written to directly.
    data : bytes-like or callable
        The content, or a function that writes it to the open binary file that it is given.
    private : bool
        Whether a new file is its owner's alone, whatever the umask.

    Raises
    ------
    OutputError
        The folder is missing or read-only, the disk is full, `path` is a folder, ….

    Notes
    -----
    The file is not forced to the disk: replacing is atomic for other programs and survives the end
    of this one, while waiting for the disk would cost more than encoding a picture.
    """
    given = os.fspath(path)
    try:
        target = Path(os.path.realpath(given))
        old = _status_of(target)
        if old is not None and stat.S_ISDIR(old.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), given)
        if old is not None and not stat.S_ISREG(old.st_mode):
            with target.open("wb") as file:
                _fill(file, data)
            return
        _replace(target, old, data, private=private)
    except (OSError, ValueError) as error:
        raise unwritable(given, error) from error


def make_folder(path: str | os.PathLike[str], *, private: bool = False) -> None:
    """Make a folder, and those above it, where they are missing.

    Parameters
    ----------
    path : str or os.PathLike
    private : bool
        Whether it is its owner's alone where it is new, whatever the umask.

    Raises
    ------
    OutputError
        A file is in its way, no permission, ….
    """
    try:
        Path(path).mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error


def unwritable(path: str | os.PathLike[str], error: OSError | ValueError) -> OutputError:
    """Return what an error means to whoever wanted to write a file, or to make a folder.

    Parameters
    ----------
    path : str or os.PathLike
        The file or folder.
    error : OSError or ValueError
        What the system said; a `ValueError` stands for a path that is none.
    """
    given = os.fspath(path)
    if isinstance(error, ValueError):  # a NUL in the path
        return OutputError(repr(given), f"cannot be written: {error}. Check the path.")
    # Of a link, the folder that it leads to.
    folder = Path(os.path.realpath(given)).parent
    number = error.errno
    above = (each for each in (folder, *folder.parents) if os.path.exists(each))  # noqa: PTH110
    there = next(above, None)  # None where a whole drive is gone
    if there is not None and number in {errno.ENOENT, errno.ENOTDIR}:
        if not os.path.isdir(there):  # noqa: PTH112 - an ENOENT in some systems
            number, folder = errno.ENOTDIR, there
        elif there == folder:  # as /proc
            return OutputError(given, _NO_NEW.format(folder))
    text = _PROBLEMS.get(number or 0, f"cannot be written ({error.strerror or error}).")
    return OutputError(given, text.format(folder))


def temporary_name(name: str) -> str:
    """Return a new name beside `name`, for a file that is to take its place."""
    return f".{name[:64]}.{secrets.token_hex(6)}.tmp"


def temporary_for(name: str) -> str | None:
    """Return what `temporary_name` was given, at most its first 64 characters; else None.

    Only a program that is killed while it writes leaves such a file.

    >>> temporary_for(temporary_name("photo.png"))
    'photo.png'
    """
    found = _TEMPORARY.fullmatch(name)
    return found[1] if found else None


def _status_of(target: Path) -> os.stat_result | None:
    try:
        return target.stat()
    except FileNotFoundError:
        return None


def _fill(file: BinaryIO, data: bytes | memoryview | Callable[[BinaryIO], object]) -> None:
    if callable(data):
        data(file)
    else:
        file.write(data)


def _replace(
    target: Path,
    old: os.stat_result | None,
    data: bytes | memoryview | Callable[[BinaryIO], object],
    *,
    private: bool,
) -> None:
    # Not the tempfile module: it makes files that only their owner can read, while a picture
    # should have the permissions that the user's umask gives to new files.
    temporary = target.with_name(temporary_name(target.name))
    try:
        if private:  # before anything is in it
            temporary.touch(mode=0o600, exist_ok=False)
        with temporary.open("wb" if private else "xb") as file:
            _fill(file, data)
            if old is not None:
                _give_to_owner(file, old)
        if old is not None:
            with contextlib.suppress(OSError):  # a file system without permissions
                temporary.chmod(stat.S_IMODE(old.st_mode))
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _give_to_owner(file: BinaryIO, old: os.stat_result) -> None:
    """Let a file be whose the one was that it replaces: of root's, a user could read nothing."""
    new = os.fstat(file.fileno())
    if not hasattr(os, "fchown") or (new.st_uid, new.st_gid) == (old.st_uid, old.st_gid):
        return  # a service may be forbidden to ask
    for owner in ((-1, old.st_gid), (old.st_uid, -1)):
        with contextlib.suppress(OSError):  # not ours to give
            os.fchown(file.fileno(), *owner)
