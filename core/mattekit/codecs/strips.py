"""Arithmetic on rows of pictures: exact to the last bit, without whole-picture temporaries.

numpy copies interleaved samples several times faster channel by channel, in strips that fit the
cache, than as one assignment with a short last axis. What every result with alpha goes through is
compiled.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.imaging.samples import Pixels, eight_bits, strips
from mattekit.threads import for_each

__all__ = ["masked", "on_white", "separated", "to_gray"]


def to_gray(plane: Pixels) -> Pixels:
    """Return a grey (H, W) plane as (H, W, 3)."""
    result: Pixels = np.empty((*plane.shape, 3), plane.dtype)
    for part in strips(result.shape):
        for channel in range(3):
            result[part, :, channel] = plane[part]
    return result


def separated(samples: Pixels, order: tuple[int, int, int] = (0, 1, 2)) -> tuple[Pixels, Pixels]:
    """Return colour (H, W, 3) and alpha (H, W) of samples, both contiguous, in native byte order.

    `order` tells where red, green and blue are; alpha is the last.
    """
    dtype = samples.dtype.newbyteorder("=")
    color: Pixels = np.empty((*samples.shape[:2], 3), dtype)
    alpha: Pixels = np.empty(samples.shape[:2], dtype)

    def fill(part: slice) -> None:
        for channel, place in enumerate(order):
            color[part, :, channel] = samples[part, :, place]
        alpha[part] = samples[part, :, 3]

    for_each(fill, list(strips(samples.shape)))
    return color, alpha


def masked(color: Pixels, alpha: Pixels, *, keep_color: bool = False) -> Pixels:
    """Return (H, W, 4) samples, black where alpha is 0 unless `keep_color`.

    Raises
    ------
    ValueError
        Alpha is of another depth or size than colour.
    """
    if alpha.dtype != color.dtype or alpha.shape != color.shape[:2]:
        given = f"{alpha.dtype} of shape {alpha.shape}"
        raise ValueError(f"alpha is {given}, expected {color.dtype} of shape {color.shape[:2]}")
    result: Pixels = np.empty((*alpha.shape, 4), color.dtype)
    color, alpha = kernels.in_rows(color), kernels.in_rows(alpha)
    for part in strips(result.shape, kernels.STRIP):
        kernels.call(
            f"masked_{8 * color.itemsize}",
            *kernels.rows(color[part]),
            *kernels.rows(alpha[part]),
            part.stop - part.start,
            alpha.shape[1],
            keep_color,
            result[part],
        )
    return result


def on_white(color: Pixels, alpha: Pixels) -> NDArray[np.uint8]:
    """Return (H, W, 3) samples of 8 bits: the cut-out over white, rounded to nearest."""
    result = np.empty(color.shape, np.uint8)
    c, a = eight_bits(color), eight_bits(alpha)
    for part in strips(color.shape):
        share = a[part].astype(np.uint16)
        # 128 makes the division by 255 below round to nearest.
        white = 255 * (255 - share) + 128
        for channel in range(3):
            mixed = c[part, :, channel] * share
            mixed += white
            mixed += mixed >> 8
            mixed >>= 8
            result[part, :, channel] = mixed
    return result


def whole(color: Pixels | None, alpha: Pixels | None) -> NDArray[np.uint8]:
    """Return everything at once as (H, W[, 3 or 4]) of 8 bits."""
    first = alpha if color is None else color
    assert first is not None
    height, width = first.shape[:2]
    channels = 1 if color is None else 3 if alpha is None else 4
    result = np.empty((height, width) if channels == 1 else (height, width, channels), np.uint8)
    for part in strips(result.shape):
        result[part] = eight_bits(rows_of(color, alpha, part))
    return result


def rows_of(
    color: Pixels | None, alpha: Pixels | None, part: slice, *, keep_color: bool = False
) -> Pixels:
    """Return rows as they go into a file with the channels that are given."""
    if color is None:
        assert alpha is not None
        return alpha[part]
    if alpha is None:
        return color[part]
    return masked(color[part], alpha[part], keep_color=keep_color)
