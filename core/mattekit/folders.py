"""Folders of the user's own, and what to say where the system knows no user.

Containers, sandboxes of build systems and services run programs under a number that no list of
users has and without ``HOME``. Whoever needs a folder there says which variable names one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from mattekit.errors import NoHomeFolder

__all__ = ["data_folder", "expand_user", "home_folder"]

_HOME: Final = "HOME"


def home_folder(variable: str = _HOME) -> Path:
    """Return the user's home folder.

    Parameters
    ----------
    variable : str
        What the error names, where another variable than ``HOME`` does as well.

    Raises
    ------
    NoHomeFolder
        There is none.
    """
    return Path(expand_user("~", variable))


def data_folder(variable: str) -> Path:
    """Return where mattekit keeps data of this user; it may not exist yet.

    Parameters
    ----------
    variable : str
        What names another place for these data; it is not read here.

    Raises
    ------
    NoHomeFolder
        There is no such place.
    """
    import platformdirs

    try:
        path = Path(platformdirs.user_data_dir("mattekit", appauthor=False))
    except (RuntimeError, KeyError) as error:
        raise NoHomeFolder(variable) from error
    if not path.is_absolute():  # older releases leave the "~" where it cannot be told
        raise NoHomeFolder(variable)
    return path


def expand_user(path: str | os.PathLike[str], variable: str = _HOME) -> str:
    """Return a path with its leading ``~`` or ``~user`` made out, as shells do.

    A name such as ``~photo.jpg``, which is no user's, stays as it is.

    Raises
    ------
    NoHomeFolder
        It begins with ``~/`` and there is no home folder.
    """
    text = os.fspath(path)
    expanded = os.path.expanduser(text)  # noqa: PTH111 - pathlib refuses names that are no user's
    if expanded == text and (text == "~" or text.startswith(("~/", f"~{os.sep}"))):
        raise NoHomeFolder(variable)
    return expanded
