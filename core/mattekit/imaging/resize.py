"""Small copies of large pictures, made without a second large picture."""

from __future__ import annotations

import functools
import math
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.geometry import Box, Size
from mattekit.imaging.samples import Levels, Pixels, eight_bits, strips
from mattekit.threads import for_each

__all__ = [
    "block_mean",
    "block_reduce",
    "block_share",
    "downsample",
    "pyramid_reduce",
    "resize_plane",
]

Sample = TypeVar("Sample", bound=np.generic)

#: As in ``resampling.c``: bits after the point of a weight, and rows that are taken side by side.
_WEIGHT_BITS: Final = 22
_SIDE_BY_SIDE: Final = 16
#: Rows of 8 bits whose sums fit into 16.
_SHORT: Final = 257


def downsample(pixels: Pixels, box: Box, size: Size) -> NDArray[np.uint8]:
    """Return the part of a picture inside `box`, resampled to `size`.

    Whole blocks of pixels are averaged first, strip by strip, down to about twice the wanted size;
    Lanczos resampling does the rest. Nothing as large as the picture is made.

    Parameters
    ----------
    pixels : (H, W) or (H, W, 3) ndarray of uint8 or uint16
        The picture.
    box : Box
        Within the picture and not empty.
    size : Size
        What is wanted; larger than the box is fine.

    Returns
    -------
    (h, w) or (h, w, 3) ndarray of uint8
    """
    factor = max(1, min(box.width // size.width, box.height // size.height) // 2)
    rows, columns = box.slices
    region = pixels[rows, columns]
    small = eight_bits(region) if factor == 1 else block_mean(region, factor)
    # The last block may be cut off by the picture's edge; the true length keeps the scale exact.
    return _lanczos(small, box.width / factor, box.height / factor, size)


def _lanczos(
    pixels: NDArray[np.uint8], width: float, height: float, size: Size
) -> NDArray[np.uint8]:
    """Resample the first `width` × `height` pixels along rows, then along columns.

    Along one axis equal to Pillow's to the bit, in a third of its time: samples of sixteen rows are
    multiplied side by side.
    """
    return _down(_across(pixels, width, size.width), height, size.height)


def _across(pixels: NDArray[np.uint8], length: float, count: int) -> NDArray[np.uint8]:
    rows, columns = pixels.shape[:2]
    if length == columns == count:
        return pixels
    pixels = kernels.in_rows(pixels)
    channels = pixels.shape[2:]
    depth = math.prod(channels)
    first, weights = _lanczos_weights(length, columns, count)
    result = np.empty((rows, count, *channels), np.uint8)
    room = np.empty(columns * _SIDE_BY_SIDE * depth, np.int32)
    source = *kernels.rows(pixels), rows, columns, depth
    kernels.call("resample_rows", *source, first, weights, *weights.shape, room, result)
    return result


def _down(pixels: NDArray[np.uint8], length: float, count: int) -> NDArray[np.uint8]:
    rows, *rest = pixels.shape
    if length == rows == count:
        return pixels
    wide = math.prod(rest)
    first, weights = _lanczos_weights(length, rows, count)
    result = np.empty((count, *rest), np.uint8)
    source = np.ascontiguousarray(pixels), rows, wide
    room = np.empty(wide, np.int32)
    kernels.call("resample_columns", *source, first, weights, *weights.shape, room, result)
    return result


@functools.lru_cache(maxsize=16)
def _lanczos_weights(
    length: float, samples: int, count: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return where the window of each of `count` pixels begins, and its weights.

    Parameters
    ----------
    length : float
        What is resampled, in samples.
    samples : int
        As many as there are.
    count : int
        As many as are wanted.

    Returns
    -------
    first : (count,) ndarray of int32
    weights : (count, taps) ndarray of int32
        In units of 2⁻²²; each row's sum is one. Beyond the last sample they are 0.
    """
    scale = length / count
    stretch = max(1.0, scale)
    reach = 3 * stretch
    center = (np.arange(count) + 0.5) * scale
    first = np.maximum(0, (center - reach + 0.5).astype(np.int64))
    last = np.minimum(samples, (center + reach + 0.5).astype(np.int64))
    taps = int((last - first).max())
    at = first[:, None] + np.arange(taps)
    away = (at - center[:, None] + 0.5) / stretch
    weights = np.where(
        (np.abs(away) < 3) & (at < last[:, None]), np.sinc(away) * np.sinc(away / 3), 0.0
    )
    weights /= weights.sum(1, keepdims=True)
    fixed = np.trunc(weights * (1 << _WEIGHT_BITS) + np.copysign(0.5, weights))
    return first.astype(np.int32), fixed.astype(np.int32)


def block_mean(pixels: Pixels, factor: int) -> NDArray[np.uint8]:
    """Return means over blocks of `factor` × `factor` pixels, cut off at the right and bottom.

    Parameters
    ----------
    pixels : (H, W) or (H, W, 3) ndarray of uint8 or uint16
    factor : int

    Returns
    -------
    (ceil(H / factor), ceil(W / factor)[, 3]) ndarray of uint8
    """
    channels = pixels.shape[2:]
    return _block_means("block_mean", pixels, factor, channels, np.uint8, math.prod(channels))


def block_share(alpha: Levels, factor: int) -> NDArray[np.float32]:
    """Return the same means of alpha, as shares of the largest value.

    Parameters
    ----------
    alpha : (H, W) ndarray of uint8, uint16, or float32 in [0, 1]
    factor : int

    Returns
    -------
    (ceil(H / factor), ceil(W / factor)) ndarray of float32 in [0, 1]
    """
    return _block_means("block_share", alpha, factor, (), np.float32)


def _block_means(
    kernel: str,
    pixels: Levels,
    factor: int,
    channels: tuple[int, ...],
    dtype: type[Sample],
    *arguments: int,
) -> NDArray[Sample]:
    height, width = pixels.shape[:2]
    result = np.empty((-(-height // factor), -(-width // factor), *channels), dtype)
    pixels = kernels.in_rows(pixels)
    depth = "float" if pixels.dtype == np.float32 else 8 * pixels.itemsize
    short = pixels.dtype == np.uint8 and factor <= _SHORT

    def fill(part: slice) -> None:
        source, out = pixels[part], result[part.start // factor :]
        room = np.empty(source[0].size, np.uint16 if short else np.uint32)
        rows = *kernels.rows(source), len(source), width
        kernels.call(f"{kernel}_{depth}" + "_short" * short, *rows, *arguments, factor, room, out)

    for_each(fill, list(strips(pixels.shape, kernels.STRIP, multiple=factor)))
    return result


def resize_plane(
    plane: NDArray[np.float32],
    size: Size,
    box: tuple[float, float, float, float] | None = None,
) -> NDArray[np.float32]:
    """Return a float plane, or the part of it inside `box`, interpolated linearly at `size`.

    Parameters
    ----------
    plane : (h, w) ndarray of float32
    size : Size
        What is smaller along an axis is averaged with wider triangles, so that nothing aliases.
    box : tuple of float, optional
        Left, top, right and bottom in the plane's pixels, fractions allowed.
    """
    height, width = plane.shape
    left, top, right, bottom = box or (0, 0, width, height)
    plane = np.ascontiguousarray(plane, np.float32)
    rows, down = _triangles(top, bottom, height, size.height)
    columns, across = _triangles(left, right, width, size.width)
    # The rows that are asked for, each interpolated downwards first: fewer are left then.
    line = np.empty(width, np.float32)
    result = np.empty((size.height, size.width), np.float32)
    kernels.call(
        *("resize_plane", plane, width, rows, down, len(rows), down.shape[1]),
        *(columns, across, len(columns), across.shape[1], line, result),
    )
    return result


@functools.lru_cache(maxsize=16)
def _triangles(
    low: float, high: float, length: int, count: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return where the window of each of `count` pixels between two places begins, and its weights.

    Parameters
    ----------
    low, high : float
        In samples.
    length : int
        As many samples as there are.
    count : int
        As many pixels as are wanted.

    Returns
    -------
    first : (count,) ndarray of int32
    weights : (count, taps) ndarray of float32
        Each row's sum is one but for rounding; all windows lie inside.
    """
    scale = (high - low) / count
    reach = max(1.0, scale)
    center = low + (np.arange(count) + 0.5) * scale
    first = np.maximum(0, (center - reach + 0.5).astype(np.int64))
    last = np.minimum(length, (center + reach + 0.5).astype(np.int64))
    taps = min(length, int((last - first).max()))
    first = np.minimum(first, length - taps)
    away = (first[:, None] + np.arange(taps) - center[:, None] + 0.5) / reach
    weights = np.maximum(0.0, 1 - np.abs(away))
    weights /= weights.sum(1, keepdims=True)
    return first.astype(np.int32), weights.astype(np.float32)


def pyramid_reduce(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return means over 2 × 2 blocks; an odd last row or column is doubled first.

    Parameters
    ----------
    planes : (..., h, w) ndarray of float32
    """
    *front, height, width = planes.shape
    result = np.empty((*front, (height + 1) // 2, (width + 1) // 2), np.float32)
    kernels.call("halve", np.ascontiguousarray(planes), math.prod(front), height, width, result)
    return result


def block_reduce(plane: NDArray[Sample], step: int, extreme: np.ufunc) -> NDArray[Sample]:
    """Return the extreme of each block of a plane.

    Parameters
    ----------
    plane : (H, W) ndarray of bool, uint8, uint16 or float32
    step : int
        Side of a block; the last row and column of blocks may be smaller.
    extreme : numpy.ufunc
        `numpy.maximum` or `numpy.minimum`.
    """
    if step == 1:
        return plane
    plane = kernels.in_rows(plane)
    height, width = plane.shape
    result: NDArray[Sample] = np.empty((-(-height // step), -(-width // step)), plane.dtype)
    name = {1: "block_extreme_8", 2: "block_extreme_16", 4: "block_extreme_float"}[plane.itemsize]
    sign = 1 if extreme is np.maximum else -1

    def fill(part: slice) -> None:
        rows = *kernels.rows(plane[part]), part.stop - part.start, width
        room = np.empty(width, plane.dtype)
        kernels.call(name, *rows, step, sign, room, result[part.start // step :])

    for_each(fill, list(strips(plane.shape, kernels.STRIP, multiple=step)))
    return result
