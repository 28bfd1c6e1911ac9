"""Which files an agent may name, and pictures that come as data.

An agent does what texts tell it that anybody may have written. So it reads and writes only in the
folders that were given at the start, links out of them do not count, and nothing is ever replaced.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mattekit.codecs.signatures import HEAD, PICTURES, sniff
from mattekit.errors import InputError, OutputError
from mattekit.files import write_atomically

__all__ = ["Folders"]

_DATA: Final = re.compile(r"data:[^,]{0,200},", re.ASCII)
#: No picture that mattekit reads has more bytes.
_LARGEST: Final = 256 * 2**20
_SHOWN: Final = 60


class Folders:
    """The folders of an agent.

    Parameters
    ----------
    folders : sequence of pathlib.Path
        They exist. Relative names count from the first.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.roots = tuple(folder.resolve() for folder in folders)

    def read(self, given: str) -> bytes:
        """Return a picture's bytes.

        Parameters
        ----------
        given : str
            A path in one of the folders, a ``data:`` address, or base64.

        Raises
        ------
        InputError
            It is outside, missing, too large, or no base64.
        """
        if match := _DATA.match(given):
            return _decoded(given[match.end() :])
        path = self._inside(given)
        if path is None or not _is_file(path):
            with contextlib.suppress(InputError):
                data = _decoded(given)
                if sniff(data[:HEAD]) in PICTURES:
                    return data
            raise InputError(given[:_SHOWN], f"is no file that may be read. {self._where()}")
        try:
            with path.open("rb") as file:
                data = file.read(_LARGEST + 1)
        except OSError as error:
            raise InputError(given, f"cannot be read ({error.strerror}).") from error
        if len(data) > _LARGEST:
            raise InputError(given, f"has more than {_LARGEST // 2**20} MB.")
        return data

    def write(self, given: str, data: bytes) -> Path:
        """Write a new file and return its path.

        Raises
        ------
        OutputError
            It is outside, or there already.
        """
        path = self._inside(given)
        if path is None:
            raise OutputError(given[:_SHOWN], f"is no file that may be written. {self._where()}")
        if os.path.lexists(path):
            raise OutputError(given, "is there already. Choose another name.")
        write_atomically(path, data)
        return path

    def _inside(self, given: str) -> Path | None:
        """Return a path where it really leads, None if that is outside."""
        if not self.roots or "\0" in given or len(given) > 4096:
            return None
        try:
            path = (self.roots[0] / given).resolve()
        except (OSError, RuntimeError, UnicodeError):  # a ring of links, half a character
            return None
        return path if any(path.is_relative_to(root) for root in self.roots) else None

    def _where(self) -> str:
        if not self.roots:
            return "No folder was given to `mattekit mcp`: send pictures as data."
        return f"Files may lie in {', '.join(map(str, self.roots))}."


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long: perhaps base64
        return False


def _decoded(text: str) -> bytes:
    # Four characters are three bytes; what is too large is not decoded first.
    if len(text) > _LARGEST // 3 * 4 + 4:
        raise InputError("the data", f"has more than {_LARGEST // 2**20} MB.")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(text[:_SHOWN], "is neither a path nor base64.") from error
    if len(data) > _LARGEST:
        raise InputError("the data", f"has more than {_LARGEST // 2**20} MB.")
    return data
