"""Colours of the subject where it is mixed with the background."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mattekit.photo import Pixels

__all__ = ["foreground"]

Planes = NDArray[np.float32]

_REGULARIZATION = np.float32(1e-5)
_TILE = 192
_APRON = 64


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
    result: Pixels | None = None
    height, width = alpha.shape
    for y in range(0, height, _TILE):
        for x in range(0, width, _TILE):
            inner = slice(y, min(y + _TILE, height)), slice(x, min(x + _TILE, width))
            level = quantise(alpha[inner], color.dtype)
            soft = (level > 0) & (level < top)
            if not soft.any():
                continue
            y0, x0 = max(0, y - _APRON), max(0, x - _APRON)
            outer = slice(y0, inner[0].stop + _APRON), slice(x0, inner[1].stop + _APRON)
            image = color[outer].transpose(2, 0, 1) * np.float32(1 / top)
            estimate = _multi_level(image, np.ascontiguousarray(alpha[outer]))
            estimate = estimate[
                :, y - y0 : y - y0 + level.shape[0], x - x0 : x - x0 + level.shape[1]
            ]
            if result is None:
                result = color.copy()
            values = np.clip(estimate.transpose(1, 2, 0)[soft], 0, 1) * np.float32(top) + 0.5
            result[inner][soft] = values.astype(color.dtype)
    return color if result is None else result


def _multi_level(image: Planes, alpha: NDArray[np.float32]) -> Planes:
    """Return the foreground of a tile, ``(3, h, w)``, from coarse to fine."""
    levels = [(image, alpha)]
    while max(levels[-1][1].shape) > 2:
        image, alpha = levels[-1]
        levels.append((_half(image), _half(alpha[None])[0]))
    image, alpha = levels[-1]
    both = np.concatenate([image, image])
    for image, alpha in reversed(levels):
        height, width = alpha.shape
        rows, columns = np.arange(height) // 2, np.arange(width) // 2
        if both.shape[1:] != alpha.shape:
            both = both[:, rows[:, None], columns]
        both = _relax(both, image, alpha, 10 if max(height, width) <= 32 else 2)
    return both[:3]


def _half(planes: Planes) -> Planes:
    height, width = planes.shape[1:]
    padded = np.pad(planes, ((0, 0), (0, height % 2), (0, width % 2)), "edge")
    return np.asarray(
        (padded[:, ::2, ::2] + padded[:, 1::2, ::2] + padded[:, ::2, 1::2] + padded[:, 1::2, 1::2])
        * np.float32(0.25)
    )


def _relax(both: Planes, image: Planes, alpha: NDArray[np.float32], count: int) -> Planes:
    """Bring foreground and background closer to their neighbours and to the picture."""
    down = np.abs(np.diff(alpha, axis=0)) + _REGULARIZATION
    across = np.abs(np.diff(alpha, axis=1)) + _REGULARIZATION
    weight = np.zeros_like(alpha)
    weight[1:] += down
    weight[:-1] += down
    weight[:, 1:] += across
    weight[:, :-1] += across
    weight = np.maximum(weight, _REGULARIZATION)
    rest = 1 - alpha
    gain = 1 / (weight + alpha * alpha + rest * rest)
    for _ in range(count):
        mean = np.zeros_like(both)
        mean[:, 1:] += down * both[:, :-1]
        mean[:, :-1] += down * both[:, 1:]
        mean[:, :, 1:] += across * both[:, :, :-1]
        mean[:, :, :-1] += across * both[:, :, 1:]
        mean /= weight
        residual = (image - alpha * mean[:3] - rest * mean[3:]) * gain
        mean[:3] += alpha * residual
        mean[3:] += rest * residual
        both = np.clip(mean, 0, 1, out=mean)
    return both
