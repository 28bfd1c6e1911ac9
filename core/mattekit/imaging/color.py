"""Conversion of colours between ICC profiles: the same for what is read, seen and composited.

Little CMS, relative colorimetric with black point compensation, at the depth of the samples.
"""

from __future__ import annotations

import functools
import logging
import struct
from collections.abc import Sequence
from typing import Any, Final, TypeVar, cast

import numpy as np

from mattekit.imaging.samples import Pixels

__all__ = ["convert", "convert_color", "srgb_profile", "transform"]

_Samples = TypeVar("_Samples", bound=Pixels)

_log = logging.getLogger(__name__)

_RELATIVE_COLORIMETRIC: Final = 1
_BLACK_POINT: Final = 0x2000  # cmsFLAGS_BLACKPOINTCOMPENSATION


def transform(samples: Pixels, source: bytes, target: bytes, *, space: str = "rgb") -> Pixels:
    """Return RGB in another profile.

    Parameters
    ----------
    samples : (H, W[, C]) ndarray of uint8 or uint16
    source, target : bytes
        ICC profiles, of `space` and of RGB.
    space : str
        What the samples are, as Little CMS calls it: ``"rgb"``, ``"gray"``, ``"cmyk"``, ``"lab"``.

    Returns
    -------
    (H, W, 3) ndarray of the same dtype

    Raises
    ------
    imagecodecs.CmsError
        A profile is broken, or not of its space.

    Notes
    -----
    One call for the whole picture: Little CMS prepares every transform anew, which for CMYK takes
    longer than a strip.
    """
    import imagecodecs

    result: Any = np.empty((*samples.shape[:2], 3), samples.dtype)
    imagecodecs.cms_transform(
        np.ascontiguousarray(samples.reshape(*samples.shape[:2], -1)),
        source,
        target,
        colorspace=space,
        outcolorspace="rgb",
        planar=False,
        outplanar=False,
        intent=_RELATIVE_COLORIMETRIC,
        flags=_BLACK_POINT,
        out=result,
    )
    color: Pixels = result
    return color


def convert(color: _Samples, source: bytes | None, target: bytes | None) -> _Samples:
    """Convert RGB from one profile to another.

    Parameters
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
    source, target : bytes or None
        ICC profiles; None is sRGB. Where one cannot be used the colours stay as they are, and the
        log says so.
    """
    if source == target:
        return color
    import imagecodecs

    try:
        result = transform(
            color,
            srgb_profile() if source is None else source,
            srgb_profile() if target is None else target,
        )
        return cast("_Samples", result)
    except imagecodecs.CmsError as error:
        _log.warning("a colour profile cannot be used, colours stay as they are: %s", error)
        return color


def convert_color(color: Sequence[int], target: bytes | None) -> tuple[int, int, int]:
    """Return an sRGB colour of 8 bits in the profile `target`; unchanged where that is None."""
    pixel = np.array([[color]], np.uint8)
    red, green, blue = convert(pixel, None, target)[0, 0].tolist()
    return red, green, blue


@functools.lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """Return an ICC profile of sRGB, always the same bytes."""
    import imagecodecs

    profile: bytes = imagecodecs.cms_profile("srgb")
    # Bytes 24 to 35 are the time of its making, which would make every file another.
    return profile[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + profile[36:]
