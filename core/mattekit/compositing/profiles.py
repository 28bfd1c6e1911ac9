"""Conversion of colours between ICC profiles."""

from __future__ import annotations

import functools
import io
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.strips import strips

if TYPE_CHECKING:
    from PIL import ImageCms

__all__ = ["convert", "convert_color"]

_log = logging.getLogger(__name__)


def convert(
    color: NDArray[np.uint8], source: bytes | None, target: bytes | None
) -> NDArray[np.uint8]:
    """Convert colours from one profile to another, relative colorimetric with black point.

    Parameters
    ----------
    color : (H, W, 3) ndarray of uint8
    source, target : bytes or None
        ICC profiles; None is sRGB. Where one cannot be used the colours stay as they are, and the
        log says so.
    """
    transform = _transform(source, target)
    if transform is None:
        return color
    from PIL import Image

    result = np.empty_like(color)
    for rows in strips(color.shape):
        part = Image.fromarray(np.ascontiguousarray(color[rows]))
        result[rows] = np.asarray(transform.apply(part))
    return result


def convert_color(color: Sequence[int], target: bytes | None) -> tuple[int, int, int]:
    """Return an sRGB colour in the profile `target`; unchanged where that is None."""
    pixel = np.array([[color]], np.uint8)
    red, green, blue = convert(pixel, None, target)[0, 0].tolist()
    return red, green, blue


@functools.lru_cache(maxsize=8)
def _transform(source: bytes | None, target: bytes | None) -> ImageCms.ImageCmsTransform | None:
    if source == target:
        return None
    from PIL import ImageCms

    try:
        profiles = [
            ImageCms.createProfile("sRGB")
            if profile is None
            else ImageCms.ImageCmsProfile(io.BytesIO(profile))
            for profile in (source, target)
        ]
        return ImageCms.buildTransform(
            profiles[0],
            profiles[1],
            "RGB",
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError) as error:
        _log.warning("a colour profile cannot be used, colours stay as they are: %s", error)
        return None
