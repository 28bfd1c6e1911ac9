"""Pictures in: bytes, files, arrays and Pillow images become a `Photo`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs import coders
from mattekit.codecs.assembly import photo_of
from mattekit.codecs.coders import pillow
from mattekit.codecs.signatures import HEAD, sniff
from mattekit.codecs.source import DEFAULT_LIMITS, Check, Limits, Source, view
from mattekit.errors import (
    InputNotFound,
    InvalidDimensions,
    InvalidFileType,
    MattekitError,
    ResolutionTooHigh,
    UnreadableImage,
)
from mattekit.memory import check_room
from mattekit.photo import Photo
from mattekit.tasks import stage

__all__ = ["decode", "label_of", "reading"]

#: Bytes per pixel that a decoded picture has at least.
_DECODED: Final = 3
#: Characters of a path up to which it is named in full, and what of a longer one.
_LONGEST_NAME: Final = 1024
_START_OF_NAME: Final = 60
_FROM_SHARES: Final = "(array * 255).round().astype('uint8')"


@stage("decode")
def decode(source: Source, *, limits: Limits = DEFAULT_LIMITS, name: str = "") -> Photo:
    """Decode a picture: upright, at the depth of its file, in RGB.

    The bytes decide what a file is, never its name. Of an animation the first frame is taken.
    CMYK, YCCK, Lab and grey with a profile become sRGB; RGB keeps its own profile.

    Parameters
    ----------
    source : path, bytes, binary file, (H, W[, C]) ndarray, PIL.Image.Image or Photo
        The picture. Arrays are uint8 or uint16: grey, grey and alpha, RGB or RGBA in sRGB; they
        are copied. A photo is returned as it is.
    limits : Limits, optional
        Checked before anything is decoded.
    name : str, optional
        What messages call the picture; by default its path.

    Returns
    -------
    Photo
        With new, writable, C-contiguous arrays.

    Raises
    ------
    InputNotFound
        No such file, a folder, no permission.
    FileTooLarge, ResolutionTooHigh
        More than `limits` allow.
    NotEnoughMemory
        More than this process may hold, where the system tells.
    InvalidFileType
        Not a picture, or a kind that is not supported; the message says what it looks like.
    UnreadableImage
        Truncated or broken.
    InvalidDimensions
        No width or no height.
    """
    from PIL import Image, ImageFile

    if isinstance(source, Photo):
        return source
    label = name or label_of(source)

    def check(width: int, height: int) -> None:
        if width < 1 or height < 1:
            raise InvalidDimensions(label, width, height)
        if width * height > limits.max_pixels:
            raise ResolutionTooHigh(label, width, height, limits.max_pixels)
        check_room(label, width * height, _DECODED * width * height)

    if isinstance(source, np.ndarray):
        return _from_array(source, label, check)
    if isinstance(source, Image.Image):
        if isinstance(source, ImageFile.ImageFile) and source.fp is None and source.tile:
            raise InputNotFound(
                label,
                "this is a closed Pillow image. Open it again, or load() it before it closes.",
            )
        check(*source.size)
        with reading(label):
            pillow.refuse_preview(source, label)
            return _drop_opaque_alpha(pillow.photo_from(source, label))
    data = view(source, limits, label)
    kind = sniff(bytes(data[:HEAD]))
    with reading(label):
        return _drop_opaque_alpha(coders.read(data, kind, label, check))


def label_of(source: object) -> str:
    """Return what messages call a source that was given no name."""
    if isinstance(source, (str, os.PathLike)):
        path = os.fsdecode(source)
        # A picture as text, in place of a path, would fill the screen.
        return path if len(path) <= _LONGEST_NAME else f"{path[:_START_OF_NAME]}…"
    named = getattr(source, "name", None) or getattr(source, "filename", None)
    return str(named) if isinstance(named, (str, os.PathLike)) and named else "picture"


@contextmanager
def reading(source: str) -> Iterator[None]:
    """Turn what decoders raise into an `InputError`.

    Whatever it is: Pillow, tifffile and imagecodecs have error classes of their own, which change
    from version to version, and run into every built-in one when lengths, counts and offsets lie.
    Warnings are among them where the process makes errors of warnings.
    """
    try:
        yield
    except MattekitError:
        raise
    except ImportError as error:
        raise InvalidFileType(
            source,
            f"a picture for which the imagecodecs installed here has no codec ({error})",
            "a picture of a common kind: save it as PNG or JPEG, or install imagecodecs from PyPI",
        ) from error
    except Exception as error:
        if isinstance(error, MemoryError):
            raise UnreadableImage(
                source, "there is not enough memory", "Close other programs, or save it smaller."
            ) from error
        raise UnreadableImage(source, str(error)[:200] or type(error).__name__) from error


def _drop_opaque_alpha(photo: Photo) -> Photo:
    """Drop an alpha that says nothing."""
    if photo.alpha is not None and photo.alpha.min() == np.iinfo(photo.alpha.dtype).max:
        return photo.replace(alpha=None)
    return photo


def _from_array(samples: NDArray[Any], source: str, check: Check) -> Photo:
    native = samples.dtype.newbyteorder("=")
    if native not in {np.dtype(np.uint8), np.dtype(np.uint16)}:
        # Whole numbers are levels already; the others go from 0 to 1.
        example = (
            "array.astype('uint8') where it goes from 0 to 255"
            if native.kind in "iu"
            else _FROM_SHARES
        )
        raise InvalidFileType(
            source, f"an array of {samples.dtype}", f"uint8 or uint16: convert it, e.g. {example}"
        )
    if samples.ndim not in {2, 3} or (samples.ndim == 3 and not 1 <= samples.shape[2] <= 4):
        raise InvalidFileType(
            source,
            f"an array of shape {samples.shape}",
            "(H, W), (H, W, 1), (H, W, 2), (H, W, 3) or (H, W, 4)",
        )
    check(samples.shape[1], samples.shape[0])
    return _drop_opaque_alpha(photo_of(samples.astype(native), "", source))
