"""Where pictures come from, and how much of one is read."""

from __future__ import annotations

import dataclasses
import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

from mattekit.errors import FileTooLarge, InputNotFound, InvalidFileType
from mattekit.photo import Photo

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["DEFAULT_LIMITS", "Limits", "Source", "read"]

#: What `decode` takes: a path, the bytes of a file, an open binary file, an array of shape (H, W),
#: (H, W, 1..4) and dtype uint8 or uint16, a Pillow image, or a photo that is already decoded.
Source: TypeAlias = Union[
    str,
    "os.PathLike[str]",
    bytes,
    bytearray,
    memoryview,
    BinaryIO,
    NDArray[np.uint8],
    NDArray[np.uint16],
    "Image.Image",
    Photo,
]


@dataclasses.dataclass(frozen=True)
class Limits:
    """How much is read, checked before anything is decoded.

    Attributes
    ----------
    max_bytes : int
        Largest file. The default, 1 GiB, holds an uncompressed 16-bit TIFF of 160 megapixels.
    max_pixels : int
        Width times height. The default, 200 megapixels, is above every camera of today.
    """

    max_bytes: int = 1 << 30
    max_pixels: int = 200_000_000


DEFAULT_LIMITS: Final = Limits()

#: Bytes asked of a stream of unknown length at once.
_PART: Final = 1 << 20

_MISSING: Final[dict[int, str]] = {
    errno.ENOENT: "there is no such file. Check the path.",
    errno.ENOTDIR: "there is no such file. Check the path.",
    errno.EISDIR: "this is a folder. Give the path of a picture.",
    errno.EACCES: "no permission to read it. Check who may read the file.",
    errno.EPERM: "no permission to read it. Check who may read the file.",
    errno.ENAMETOOLONG: "the name is too long for a file. Check the path.",
    errno.ELOOP: "its symbolic links run in a circle. Check the path.",
}


def read(
    source: str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO,
    limits: Limits,
    name: str,
) -> bytes:
    """Return the bytes of a file, never more than `limits` allow.

    Raises
    ------
    InputNotFound
        No such file, a folder, no permission.
    FileTooLarge
        More bytes than allowed; they are not read.
    InvalidFileType
        An open file that is not binary.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        size = source.nbytes if isinstance(source, memoryview) else len(source)
        if size > limits.max_bytes:
            raise FileTooLarge(name, size, limits.max_bytes)
        return bytes(source)
    try:
        if isinstance(source, (str, os.PathLike)):
            with Path(source).open("rb") as file:
                return _read(file, limits, name)
        return _read(source, limits, name)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path, a closed file
        number = getattr(error, "errno", None)
        reason = _MISSING.get(number or 0, f"it cannot be read ({error}).")
        raise InputNotFound(name, reason) from error


def _read(file: BinaryIO, limits: Limits, name: str) -> bytes:
    data = file.read(0)
    if not isinstance(data, bytes):
        raise InvalidFileType(name, "an open text file", "a binary file: open it with mode 'rb'")
    try:
        # A look at the size costs nothing, and saves reading what will be refused.
        size = os.fstat(file.fileno()).st_size
    except (OSError, AttributeError):  # no real file underneath
        size = 0
    if size > limits.max_bytes:
        raise FileTooLarge(name, size, limits.max_bytes)
    parts = []
    room = limits.max_bytes + 1
    while room > 0 and (part := file.read(min(room, max(size, _PART) + 1))):
        parts.append(part)
        room -= len(part)
    if room <= 0:
        raise FileTooLarge(name, max(size, limits.max_bytes + 1), limits.max_bytes)
    return parts[0] if len(parts) == 1 else b"".join(parts)
