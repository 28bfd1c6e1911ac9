"""Small planes at a picture's size, a tile at a time."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.geometry import Box, Size
from mattekit.imaging.resize import block_mean, block_reduce, pyramid_reduce
from mattekit.imaging.samples import Pixels

__all__ = ["Solvable", "as_planes", "at_half", "sample_positions", "upsample"]

Planes = NDArray[np.float32]


class Solvable(NamedTuple):
    """A picture and what is known in it.

    Attributes
    ----------
    image : (3, h, w) ndarray of float32 in [0, 1]
    front, back : (h, w) ndarray of bool
        Known foreground and background.
    """

    image: Planes
    front: NDArray[np.bool_]
    back: NDArray[np.bool_]


def at_half(whole: Solvable) -> Solvable:
    """Return the same at half the size: known is what is so in all of four pixels."""
    known = (block_reduce(side, 2, np.minimum) for side in (whole.front, whole.back))
    return Solvable(pyramid_reduce(whole.image), *known)


def as_planes(color: Pixels, factor: int = 1) -> Planes:
    """Return colours as ``(3, h, w)`` in [0, 1], plane after plane in memory too.

    With a factor these are means over blocks of that side, at 8 bits.

    """
    if factor > 1:
        color = block_mean(color, factor)
    height, width = color.shape[:2]
    planes = np.empty((3, height, width), np.float32)
    name = "planes_8" if color.dtype == np.uint8 else "planes_16"
    scale = 1 / np.iinfo(color.dtype).max
    kernels.call(name, *kernels.rows(color), height, width, scale, planes)
    return planes


def upsample(
    planes: Planes,
    size: Size,
    source: tuple[float, float, float, float],
    box: Box | None = None,
) -> Planes:
    """Return a part of small planes, interpolated linearly.

    Parameters
    ----------
    planes : (n, h, w) ndarray of float32
    size : Size
        What is wanted, not smaller than the part.
    source : tuple of float
        Left, top, right and bottom of the part, in pixels of `planes`.
    box : Box, optional
        Of what is wanted the pixels that are made, by default all.

    Returns
    -------
    (n, H, W) ndarray of float32
    """
    left, top, right, bottom = source
    count, height, width = planes.shape
    box = box or size.box
    rows, down = (
        each[box.top : box.bottom] for each in sample_positions(top, bottom, size.height, height)
    )
    columns, across = (
        each[box.left : box.right] for each in sample_positions(left, right, size.width, width)
    )
    result = np.empty((count, box.height, box.width), np.float32)
    kernels.call(
        *("upsample", np.ascontiguousarray(planes, np.float32), count, height, width),
        *(rows, down, columns, across, box.height, box.width),
        *(np.empty(count * (width + 1), np.float32), result),
    )
    return result


@functools.lru_cache(maxsize=32)
def sample_positions(
    low: float, high: float, count: int, length: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return, for each pixel, the sample before it and its distance from that in samples.

    A picture asks for the same ones several times; nobody may write to them.

    Parameters
    ----------
    low, high : float
        Where the first pixel begins and the last ends, in samples.
    count : int
        Number of pixels.
    length : int
        Number of samples.

    Returns
    -------
    before : (count,) ndarray of int32
    share : (count,) ndarray of float32 in [0, 1)
    """
    at = low + (np.arange(count) + 0.5) * ((high - low) / count) - 0.5
    at = np.clip(at, 0, length - 1)
    before = at.astype(np.int32)
    return before, (at - before).astype(np.float32)
