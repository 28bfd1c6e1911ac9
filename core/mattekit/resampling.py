"""Scaling of pictures: in linear premultiplied light, strip by strip, once.

Averages of encoded (gamma) values are too dark, and averages of straight colours let the old
background back in along the edge of a subject. Pictures are therefore scaled as light: decoded to
linear, multiplied by alpha, filtered, divided by the new alpha, encoded again.

The transfer curve is that of sRGB (IEC 61966-2-1) whatever profile the picture has. The curves of
Display P3, Adobe RGB and ProPhoto RGB are near enough to it for averages of neighbouring pixels;
flat areas come out unchanged whatever the curve.
"""

from __future__ import annotations

import functools
import math
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray
from PIL import Image

from mattekit.geometry import Box, Placement, Size
from mattekit.imaging.samples import Pixels, as_depth, eight_bits
from mattekit.threads import at_most, cores, for_each

__all__ = ["decoded", "encoded", "resample"]

#: Samples of a strip: small enough for caches, large enough that Python's overhead is nothing.
_STRIP: Final = 1 << 20
#: Strips in work at the same time at most; each needs about 30 MB.
_THREADS: Final = 8
#: Support of Pillow's bicubic filter, in pixels of the coarser side.
_SUPPORT: Final = 2.0
#: Above this ratio a picture is first averaged over whole blocks; 3 leaves the filter's work
#: visually unchanged.
_GAP: Final = 3.0


@functools.lru_cache(maxsize=2)
def _linear_table(dtype: DTypeLike) -> NDArray[np.float32]:
    levels = np.linspace(0, 1, int(np.iinfo(np.dtype(dtype)).max) + 1)
    high = ((levels + 0.055) / 1.055) ** 2.4
    return np.where(levels <= 0.04045, levels / 12.92, high).astype(np.float32)


@functools.lru_cache(maxsize=1)
def _encoding_table() -> NDArray[np.uint8]:
    light = np.linspace(0, 1, 1 << 16)
    low, high = light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055
    return np.floor(np.where(light <= 0.0031308, low, high) * 255 + 0.5).astype(np.uint8)


def decoded(color: NDArray[Any]) -> NDArray[np.float32]:
    """Return encoded samples as linear light in [0, 1]."""
    light: NDArray[np.float32] = _linear_table(color.dtype)[color]
    return light


def encoded(light: NDArray[np.float32], dtype: DTypeLike) -> Pixels:
    """Return linear light (clipped to [0, 1]) as encoded samples of `dtype`, rounded to nearest."""
    light = np.clip(light, 0, 1)
    if np.dtype(dtype) == np.uint8:
        # 65536 steps of light are finer than 8 bits everywhere, by a factor of 20 in the shadows.
        return _encoding_table()[(light * 65535 + 0.5).astype(np.uint16)]
    high = np.float32(1.055) * np.power(light, np.float32(1 / 2.4)) - np.float32(0.055)
    value = np.where(light <= np.float32(0.0031308), light * np.float32(12.92), high)
    return (value * 65535 + 0.5).astype(np.uint16)


def resample(
    color: Pixels, alpha: Pixels | None, placement: Placement
) -> tuple[Pixels, Pixels | None]:
    """Put a picture on a new canvas.

    Parameters
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
        Straight colours.
    alpha : (H, W) ndarray of the same dtype, or None
        Straight alpha; None is opaque.
    placement : Placement
        Canvas, scale and offset.

    Returns
    -------
    color : (h, w, 3) ndarray of the same dtype
        Zero where the canvas reaches outside the picture. Colours under alpha 0 are kept.
    alpha : (h, w) ndarray of the same dtype or None
        Zero outside; None where `alpha` is None and the picture covers the canvas.

    Notes
    -----
    A placement that moves whole pixels copies them; one that moves nothing returns the arrays
    themselves. All others filter with Pillow's bicubic kernel, whose width follows the scale, so
    that nothing aliases. Beyond its border the picture continues with its outermost pixels, so that
    borders do not fade.
    """
    height, width = color.shape[:2]
    size = placement.size
    inside = placement.moved(Box(0, 0, width, height))
    covers = inside == size.box
    if placement.whole_pixels:
        if covers and (width, height) == size:
            return color, alpha
        return _copied(color, alpha, placement, inside)
    # A pixel of the canvas belongs to the picture where its centre does.
    inside = Box(
        max(0, math.ceil(placement.dx - 0.5)),
        max(0, math.ceil(placement.dy - 0.5)),
        min(size.width, math.ceil(placement.dx + width * placement.x_scale - 0.5)),
        min(size.height, math.ceil(placement.dy + height * placement.y_scale - 0.5)),
    )
    covers = inside == size.box
    new = np.zeros if not covers else np.empty
    result = new((size.height, size.width, 3), color.dtype)
    matte = None if alpha is None and covers else new((size.height, size.width), color.dtype)
    if inside.empty:
        return result, matte
    ratio = width * height / max(1.0, inside.size.area)
    rows = max(1, int(_STRIP / max(1, inside.width) / max(1.0, ratio)))
    parts = [
        Box(inside.left, top, inside.right, min(inside.bottom, top + rows))
        for top in range(inside.top, inside.bottom, rows)
    ]
    # numpy and Pillow let go of the interpreter while they work on a strip.
    with at_most(min(cores(), _THREADS)):
        for_each(lambda part: _filter(color, alpha, placement, part, result, matte), parts)
    return result, matte


def _copied(
    color: Pixels, alpha: Pixels | None, placement: Placement, inside: Box
) -> tuple[Pixels, Pixels | None]:
    size = placement.size
    if inside.empty:
        return (
            np.zeros((size.height, size.width, 3), color.dtype),
            np.zeros((size.height, size.width), color.dtype),
        )
    rows, columns = inside.moved(-int(placement.dx), -int(placement.dy)).slices
    color_part = color[rows, columns]
    alpha_part = None if alpha is None else alpha[rows, columns]
    result: Pixels = np.zeros((size.height, size.width, 3), color.dtype)
    result[inside.slices] = color_part
    if inside == size.box and alpha_part is None:
        return result, None
    matte: Pixels = np.zeros((size.height, size.width), color.dtype)
    matte[inside.slices] = np.iinfo(color.dtype).max if alpha_part is None else alpha_part
    return result, matte


def _filter(
    color: Pixels,
    alpha: Pixels | None,
    placement: Placement,
    part: Box,
    result: Pixels,
    matte: Pixels | None,
) -> None:
    """Fill the pixels of `part` in `result` and `matte`."""
    height, width = color.shape[:2]
    opaque = int(np.iinfo(color.dtype).max)
    # The part's edges in the picture, and the whole pixels that the filter needs around them.
    left = (part.left - placement.dx) / placement.x_scale
    right = (part.right - placement.dx) / placement.x_scale
    top = (part.top - placement.dy) / placement.y_scale
    bottom = (part.bottom - placement.dy) / placement.y_scale
    reach_x = math.ceil(_SUPPORT * max(1.0, 1 / placement.x_scale)) + 1
    reach_y = math.ceil(_SUPPORT * max(1.0, 1 / placement.y_scale)) + 1
    need = Box.covering(left, top, right, bottom).padded(reach_x, reach_y, reach_x, reach_y)
    have = need.intersection(Box(0, 0, width, height))
    pad = (
        (have.top - need.top, need.bottom - have.bottom),
        (have.left - need.left, need.right - have.right),
    )
    source: Any = np.pad(color[have.slices], (*pad, (0, 0)), mode="edge")
    box = (left - need.left, top - need.top, right - need.left, bottom - need.top)

    def scaled(plane: NDArray[np.float32]) -> NDArray[np.float32]:
        picture = Image.fromarray(np.ascontiguousarray(plane))
        out = picture.resize(part.size, Image.Resampling.BICUBIC, box, reducing_gap=_GAP)
        return np.asarray(out)

    rows, columns = part.slices
    if alpha is None:
        for channel in range(3):
            result[rows, columns, channel] = encoded(
                scaled(decoded(source[..., channel])), color.dtype
            )
        if matte is not None:
            matte[rows, columns] = opaque
        return
    assert matte is not None  # only a missing alpha leaves it out
    shares = np.pad(alpha[have.slices], pad, mode="edge")
    hidden = _hidden(source, part.size, box)
    if not shares.any():
        matte[rows, columns] = 0
        result[rows, columns] = hidden
        return
    weight = shares.astype(np.float32) * np.float32(1 / opaque)
    total = scaled(weight)  # the filter overshoots beside edges, in light and weight alike
    level = np.floor(np.clip(total, 0, 1) * opaque + 0.5).astype(color.dtype)
    matte[rows, columns] = level
    clear = level == 0
    divisor: NDArray[np.float32] = np.where(clear, np.float32(1), total)
    for channel in range(3):
        light: NDArray[np.float32] = scaled(decoded(source[..., channel]) * weight) / divisor
        result[rows, columns, channel] = encoded(light, color.dtype)
    if clear.any():
        np.copyto(result[rows, columns], hidden, where=clear[..., None])


def _hidden(source: Pixels, size: Size, box: tuple[float, float, float, float]) -> Pixels:
    """Return colours for pixels of alpha 0, where there is no light to average.

    What the photo showed there, at 8 bits, is good enough for what nobody sees.
    """
    picture = Image.fromarray(eight_bits(source))
    small = np.asarray(picture.resize(size, Image.Resampling.BOX, box, reducing_gap=_GAP))
    return as_depth(small, source.dtype)
