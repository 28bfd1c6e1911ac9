"""Blurs of float planes whose cost does not depend on the radius, and scaling of the results."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mattekit.geometry import Size
from mattekit.tasks import checkpoint

__all__ = ["gaussian_blur", "upsample_strips"]

Plane = NDArray[np.float32]


def gaussian_blur(plane: Plane, x_sigma: float, y_sigma: float) -> Plane:
    """Blur a plane with a Gaussian of these standard deviations in pixels; outside it is 0.

    Three running means approximate the Gaussian to within 3 %.
    """
    for axis, sigma in ((1, x_sigma), (0, y_sigma)):
        for radius in _radii(sigma):
            plane = _running_mean(plane, radius, axis)
    return plane


def _radii(sigma: float) -> list[int]:
    """Return radii of three running means whose variances add up to that of the Gaussian."""
    width = math.sqrt(4 * sigma * sigma + 1)
    low = max(0, math.floor((width - 1) / 2))
    # Variance of a mean over 2 r + 1 samples: r (r + 1) / 3.
    missing = 3 * sigma * sigma - 3 * low * (low + 1)
    more = min(3, max(0, round(missing / (2 * (low + 1)))))
    return [radius for radius in [low] * (3 - more) + [low + 1] * more if radius]


def _running_mean(plane: Plane, radius: int, axis: int) -> Plane:
    pad = [(0, 0), (0, 0)]
    pad[axis] = (radius + 1, radius)
    sums = np.cumsum(np.pad(plane, pad), axis=axis, dtype=np.float64)
    step = 2 * radius + 1
    length = plane.shape[axis]
    upper = np.take(sums, np.arange(step, step + length), axis)
    lower = np.take(sums, np.arange(length), axis)
    return ((upper - lower) / step).astype(np.float32)


def upsample_strips(plane: Plane, size: Size) -> Iterator[tuple[slice, Plane]]:
    """Yield strips of rows of `plane` scaled to `size` with a bicubic filter."""
    picture = Image.fromarray(np.ascontiguousarray(plane))
    rows = max(1, (1 << 20) // max(1, size.width))
    ratio = plane.shape[0] / size.height
    for top in range(0, size.height, rows):
        checkpoint()
        bottom = min(size.height, top + rows)
        box = (0, top * ratio, plane.shape[1], bottom * ratio)
        part = picture.resize((size.width, bottom - top), Image.Resampling.BICUBIC, box)
        yield slice(top, bottom), np.asarray(part)
