"""Animated pictures, through Pillow, as pictures that stand still are."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit import codecs
from mattekit.codecs.coders.pillow import identify
from mattekit.codecs.decoding import reading
from mattekit.codecs.signatures import HEAD, sniff
from mattekit.codecs.source import DEFAULT_LIMITS, read
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.geometry import Size
from mattekit.imaging.color import convert
from mattekit.imaging.samples import eight_bits
from mattekit_imageio.decoding import SourceFrame

if TYPE_CHECKING:
    from PIL import ImageFile

__all__ = ["Animation", "frames", "probe"]

#: How long browsers show a frame that states no time, in milliseconds.
_UNSTATED: Final = 100


class Animation(NamedTuple):
    """What is known of an animated picture before its frames are read.

    Attributes
    ----------
    size : Size
        Upright.
    frame_count : int
    alpha : bool
        Whether its frames may be transparent.
    duration : Fraction
        Of the first frame, in seconds.
    """

    size: Size
    frame_count: int
    alpha: bool
    duration: Fraction


def probe(path: Path) -> Animation:
    """Look at an animated picture.

    Raises
    ------
    InvalidFileType
        A kind that this Pillow does not read.
    UnreadableImage
        Its first frame cannot be decoded, or its frames cannot be counted.
    """
    image = _opened(path)
    photo = codecs.decode(image, name=f"{path}: frame 0")
    return Animation(photo.size, _count(image, path), "A" in image.getbands(), _duration(image))


def frames(path: Path, first: int = 0) -> Iterator[SourceFrame]:
    """Yield the frames from one on: upright, in sRGB, ``(H, W, 3)`` or ``(H, W, 4)`` of uint8.

    Raises
    ------
    UnreadableImage
        A frame cannot be decoded; those before have been yielded.
    """
    image = _opened(path)
    time = Fraction(0)
    for number in range(_count(image, path)):
        try:
            with reading(str(path)):
                image.seek(number)
                image.load()
        except UnreadableImage as error:
            raise UnreadableImage(
                str(path), f"the animation breaks off after {number} frames: {error.reason}"
            ) from error
        duration = _duration(image)
        if number >= first:
            yield SourceFrame(_pixels(image, f"{path}: frame {number}"), time, duration)
        time += duration


def _opened(path: Path) -> ImageFile.ImageFile:
    from PIL import Image

    data = read(path, DEFAULT_LIMITS, str(path))
    kind = sniff(data[:HEAD])
    Image.init()
    if kind.upper() not in Image.OPEN:
        raise InvalidFileType(
            str(path), f"an animation in {kind.upper()}", f"a Pillow that reads {kind.upper()}"
        )
    with reading(str(path)):
        return identify(data, str(path), kind, only=(kind.upper(),))


def _count(image: ImageFile.ImageFile, path: Path) -> int:
    # Pillow goes through all frames for it, and runs into what is cut off in many ways.
    with reading(str(path)):
        return int(getattr(image, "n_frames", 1))


def _duration(image: ImageFile.ImageFile) -> Fraction:
    return Fraction(round(image.info.get("duration") or _UNSTATED), 1000)


def _pixels(image: ImageFile.ImageFile, name: str) -> NDArray[Any]:
    photo = codecs.decode(image, name=name)
    color: NDArray[Any] = photo.color
    if photo.metadata.icc_profile is not None:
        eight = eight_bits(photo.color)
        color = convert(eight, photo.metadata.icc_profile, None)
    return color if photo.alpha is None else np.dstack([color, photo.alpha])
