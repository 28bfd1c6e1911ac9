"""Colours of the subject where it is mixed with the background."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Size
from mattekit.matting.enlarge import as_planes, enlarged
from mattekit.matting.shrink import average, halve
from mattekit.matting.tiles import filled, for_each, grown, tiles
from mattekit.photo import Pixels

__all__ = ["foreground"]

Planes = NDArray[np.float32]

#: Pixels of the largest picture for which colours are estimated everywhere.
_AREA: Final = 250_000
#: Side of the squares in which full-size work is done, and what they see beyond their sides.
_TILE: Final = 192
_APRON: Final = 4
#: Steps at each size; small ones get more, they are cheap and reach far.
_STEPS: Final = 2
_SMALL, _SMALL_STEPS = 32, 10
#: How much neighbours of equal alpha must resemble each other, against 1 for the picture itself.
_SMOOTH: Final = np.float32(1e-5)
#: The same for a pixel and what a smaller size says about it.
_INHERIT: Final = np.float32(1e-2)


def quantise(alpha: NDArray[np.float32], dtype: np.dtype[np.uint8] | np.dtype[np.uint16]) -> Pixels:
    """Return alpha as integers, 1 becoming the largest value of `dtype`."""
    top = np.iinfo(dtype).max
    result: Pixels = np.empty(alpha.shape, dtype)
    step = max(1, (1 << 18) // max(1, alpha.shape[1]))
    for y in range(0, alpha.shape[0], step):
        result[y : y + step] = np.clip(alpha[y : y + step], 0, 1) * top + 0.5
    return result


def foreground(color: Pixels, alpha: NDArray[np.float32]) -> Pixels:
    """Estimate the subject's own colours where background shines through.

    Parameters
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
        The picture.
    alpha : (H, W) ndarray of float32 in [0, 1]

    Returns
    -------
    (H, W, 3) ndarray of the same dtype
        Differs from `color` only where alpha, at the depth of the picture, is neither 0 nor 1;
        `color` itself where that is nowhere.

    References
    ----------
    Germer, Uelwer, Conrad, Harmeling, "Fast Multi-Level Foreground Estimation", 2020,
    doi:10.1109/ICPR48806.2021.9411978.
    """
    top = int(np.iinfo(color.dtype).max)
    whole = Size(alpha.shape[1], alpha.shape[0]).box
    parts = [
        part
        for tile in tiles(whole, _TILE)
        if (part := _soft(alpha, tile, color.dtype)) is not None
    ]
    if not parts:
        return color
    factor = 1
    while whole.size.area > _AREA * factor * factor:
        factor += 1
    coarse = _everywhere(color, alpha, factor)
    result: Pixels = color.copy()

    def fill(part: tuple[Box, NDArray[np.bool_]]) -> None:
        tile, soft = part
        outer = grown(tile, _APRON, whole)
        planes = as_planes(color[outer.slices])
        left, up, right, bottom = (edge / factor for edge in outer)
        both = enlarged(coarse, outer.size, (left, up, right, bottom))
        both = _relax(both, planes, alpha[outer.slices], _STEPS if factor > 1 else 0)
        inside = tile.moved(-outer.left, -outer.top).slices
        for channel, target in enumerate(result[tile.slices].transpose(2, 0, 1)):
            values = both[channel][inside][soft] * np.float32(top) + np.float32(0.5)
            target[soft] = values.astype(color.dtype)

    for_each(parts, fill)
    return result


def _soft(
    alpha: NDArray[np.float32], tile: Box, dtype: np.dtype[np.uint8] | np.dtype[np.uint16]
) -> tuple[Box, NDArray[np.bool_]] | None:
    """Return the box within a tile that holds what is soft, and what is soft in it."""
    part = alpha[tile.slices]
    if part.max() <= 0 or part.min() >= 1:
        return None
    level = quantise(part, dtype)
    soft = (level > 0) & (level < np.iinfo(dtype).max)
    box = filled(soft)
    return None if box is None else (box.moved(tile.left, tile.top), soft[box.slices].copy())


def _everywhere(color: Pixels, alpha: NDArray[np.float32], factor: int) -> Planes:
    """Return foreground and background, ``(6, h, w)``, at a fraction of the size."""
    image = np.ascontiguousarray(average(color, factor).transpose(2, 0, 1))
    levels = [(image, average(alpha, factor))]
    while max(levels[-1][1].shape) > 1:
        levels.append((halve(levels[-1][0]), halve(levels[-1][1])))
    both = np.concatenate([levels[-1][0]] * 2)
    for planes, weight in reversed(levels):
        height, width = weight.shape
        if both.shape[1:] != weight.shape:
            rows, columns = np.arange(height) // 2, np.arange(width) // 2
            both = both[:, rows[:, None], columns]
        both = _relax(
            both, planes, weight, _SMALL_STEPS if max(height, width) <= _SMALL else _STEPS
        )
    return both


def _relax(both: Planes, image: Planes, alpha: NDArray[np.float32], steps: int) -> Planes:
    """Bring foreground and background closer to the picture and to their neighbours.

    Each pixel's two colours minimise the squared error of their mixture plus the squared
    differences from their neighbours, these weighted by how much alpha changes between the two.

    Parameters
    ----------
    both : (6, h, w) ndarray of float32
        Foreground, then background, as a smaller size has them.
    image : (3, h, w) ndarray of float32 in [0, 1]
    alpha : (h, w) ndarray of float32 in [0, 1]
    steps : int
        How often neighbours are asked.
    """
    rest = np.asarray(1 - alpha, np.float32)
    energy = alpha * alpha + rest * rest
    both = both.copy()
    _explain(both, image, alpha, rest, np.reciprocal(energy + _INHERIT))
    if not steps:
        return np.clip(both, 0, 1, out=both)
    down = np.abs(np.diff(alpha, axis=0)) + _SMOOTH
    across = np.abs(np.diff(alpha, axis=1)) + _SMOOTH
    weight = np.zeros_like(alpha)
    weight[1:] += down
    weight[:-1] += down
    weight[:, 1:] += across
    weight[:, :-1] += across
    np.maximum(weight, _SMOOTH, out=weight)
    gain, inverse = np.reciprocal(energy + weight), np.reciprocal(weight)
    mean, part = np.empty_like(both), np.empty_like(both)
    for _ in range(steps):
        mean[:, 0] = 0
        np.multiply(both[:, :-1], down, out=mean[:, 1:])
        mean[:, :-1] += np.multiply(both[:, 1:], down, out=part[:, 1:])
        mean[:, :, 1:] += np.multiply(both[:, :, :-1], across, out=part[:, :, 1:])
        mean[:, :, :-1] += np.multiply(both[:, :, 1:], across, out=part[:, :, 1:])
        mean *= inverse
        _explain(mean, image, alpha, rest, gain)
        both, mean = mean, both
    return np.clip(both, 0, 1, out=both)


def _explain(
    both: Planes,
    image: Planes,
    alpha: NDArray[np.float32],
    rest: NDArray[np.float32],
    gain: NDArray[np.float32],
) -> None:
    """Move both colours, in place, towards a mixture that is the picture."""
    residual = both[:3] * alpha
    np.subtract(image, residual, out=residual)
    share = both[3:] * rest
    residual -= share
    residual *= gain
    both[:3] += np.multiply(residual, alpha, out=share)
    residual *= rest
    both[3:] += residual
