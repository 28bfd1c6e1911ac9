"""Where pictures come from, and how much of one is read."""

from __future__ import annotations

import dataclasses
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.explain import PICTURE, not_a_file
from mattekit.errors import FileTooLarge, InputNotFound, InvalidFileType
from mattekit.photo import Photo

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["DEFAULT_LIMITS", "Check", "Limits", "Source", "read", "view"]

#: Called with width and height as soon as they are known, before pixels are decoded.
Check: TypeAlias = Callable[[int, int], None]

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

_NOTHING_THERE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL})
_SOURCES: Final = "a path, bytes, an open binary file, a NumPy array or a Pillow image"

_MISSING: Final[dict[int, str]] = {
    errno.ENOENT: "there is no such file. Check the path.",
    errno.ENOTDIR: "there is no such file. Check the path.",
    errno.EISDIR: "this is a folder. Give the path of a file; `mattekit batch` takes folders.",
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
    """Return the bytes of a file, as `view` does, but never as a view."""
    return bytes(view(source, limits, name))


def view(
    source: str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO,
    limits: Limits,
    name: str,
) -> bytes | memoryview:
    """Return the bytes of a file, never more than `limits` allow; a view is not copied.

    Raises
    ------
    InputNotFound
        No such file, a folder, no permission.
    FileTooLarge
        More bytes than allowed; they are not read.
    InvalidFileType
        No file at all, or one that is not binary, not synchronous or already read to its end.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        size = source.nbytes if isinstance(source, memoryview) else len(source)
        if size > limits.max_bytes:
            raise FileTooLarge(name, size, limits.max_bytes)
        if isinstance(source, memoryview) and size and source.c_contiguous:
            return source.cast("B")
        return bytes(source)
    if source == "":
        raise InputNotFound("''", "no path was given. Give the path of a picture.")
    if not isinstance(source, (str, os.PathLike)) and not hasattr(source, "read"):
        raise InvalidFileType(name, f"an object of type {type(source).__name__}", _SOURCES)
    try:
        if isinstance(source, (str, os.PathLike)):
            with Path(source).open("rb") as file:
                return _read(file, limits, name)
        return _read(source, limits, name)
    except io.UnsupportedOperation as error:
        problem = "the open file does not let itself be read. Open it with mode 'rb'."
        raise InputNotFound(name, problem) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path, a closed file
        number = getattr(error, "errno", None) or 0
        reason = _MISSING.get(number, f"it cannot be read ({error}).")
        if getattr(source, "closed", False) is True:
            reason = "this is a closed file. Open it again, with mode 'rb'."
        if number in _NOTHING_THERE and isinstance(source, (str, os.PathLike)):
            reason = not_a_file(os.fsdecode(source)) or reason
        raise InputNotFound(name, reason) from error


def _check_binary(file: BinaryIO, name: str) -> None:
    try:
        data: object = file.read(0)
    except TypeError as error:
        raise InvalidFileType(name, "an object whose read takes no size", _SOURCES) from error
    if hasattr(data, "__await__"):
        if hasattr(data, "close"):
            data.close()  # a coroutine that nobody awaits would warn
        raise InvalidFileType(
            name,
            "an asynchronous file",
            "its bytes, as in `await file.read()`, or the plain file that an UploadFile has as "
            "`file`",
        )
    if not isinstance(data, bytes):
        raise InvalidFileType(name, "an open text file", "a binary file: open it with mode 'rb'")


def _position(file: BinaryIO) -> int:
    try:
        return file.tell()
    except (OSError, AttributeError):
        return 0


def _read(file: BinaryIO, limits: Limits, name: str) -> bytes:
    _check_binary(file, name)
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
    if not parts and (at := _position(file)):
        problem = f"the open file stands at its end (byte {at:,}). Call its seek(0) first."
        raise InvalidFileType(name, "empty", PICTURE, problem)
    return parts[0] if len(parts) == 1 else b"".join(parts)
