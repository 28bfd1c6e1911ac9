"""Somebody's mask or trimap in place of a network's answer."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.errors import OptionError
from mattekit.geometry import Region
from mattekit.imaging.resize import downsample
from mattekit.matting.matte import Mask, Matte
from mattekit.photo import Photo

__all__ = ["known_levels", "matte_from_mask"]

Levels = NDArray[np.uint8]

#: Up to the first a level is background, from the second on subject: what JPEG makes of 0 and 255.
_BACK: Final = 8
_FRONT: Final = 247
#: A mask is a trimap where so large a share of what is neither lies between these levels: soft
#: edges have every level.
_MIDDLE: Final = (96, 160)
_TRIMAP: Final = 0.9
#: Longer side of the coarse matte, and of the guide with it.
_LONGEST: Final = 384


def known_levels(mask: Mask) -> Levels:
    """Return what a mask says: 0 for background, 255 for subject, 128 for what lies between."""
    levels = mask.levels
    return np.where(levels >= _FRONT, 255, np.where(levels <= _BACK, 0, 128)).astype(np.uint8)


def matte_from_mask(photo: Photo, levels: Levels, *, roi: Region | None = None) -> Matte:
    """Return a matte that says what a mask says.

    A mask whose middle levels are nearly all the same grey is a trimap: only what is grey will be
    estimated. Any other mask is taken for somebody's idea of the subject, whose edge is looked for
    near its own, soft parts being soft.

    Parameters
    ----------
    photo : Photo
    levels : (H, W) ndarray of uint8
        As large as the photo.
    roi : Region, optional
        Where the subject may lie.

    Returns
    -------
    Matte
        `Matte.found` is false where the mask is all background.

    Raises
    ------
    OptionError
        The roi does not fit, or a trimap leaves something open and names no subject or no
        background.
    """
    whole = photo.size.box
    inside = whole if roi is None else roi.box(photo.size)
    front, back = levels >= _FRONT, levels <= _BACK
    between = levels.size - np.count_nonzero(front) - np.count_nonzero(back)
    middle = np.count_nonzero((levels >= _MIDDLE[0]) & (levels <= _MIDDLE[1]))
    trimap = bool(between and middle >= _TRIMAP * between)
    if trimap:
        for known, name in ((front, "subject (white)"), (back, "background (black)")):
            if not known.any():
                raise OptionError(
                    "mask",
                    "one without " + name,
                    "a mask with black, white or both; where grey means unknown, with both",
                    f"{between} pixels are unknown",
                )
    size = photo.size.scaled(min(1.0, _LONGEST / max(photo.size)))
    alpha = downsample(levels, whole, size).astype(np.float32) / np.float32(255)
    guide = downsample(photo.color, whole, size)
    found = not back.all()
    return Matte(alpha, whole, inside, guide, found, mask=Mask(levels, trimap))
