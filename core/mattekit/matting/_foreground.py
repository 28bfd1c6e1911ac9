"""Colours of the subject where it is mixed with the background."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box
from mattekit.imaging.labels import bounding_box
from mattekit.imaging.resize import block_mean, pyramid_reduce
from mattekit.imaging.samples import Pixels
from mattekit.matting.planes import as_planes, upsample
from mattekit.tasks import checkpoint

__all__ = ["foreground"]

Planes = NDArray[np.float32]

#: Pixels of the largest picture for which colours are estimated everywhere.
_AREA: Final = 160_000
#: Side of the squares in which full-size work is done.
_TILE: Final = 256
#: Steps at each size.
_STEPS: Final = 2
#: How much neighbours of equal alpha must resemble each other, against 1 for the picture itself.
_SMOOTH: Final = np.float32(1e-5)
#: How much a pixel must resemble what a smaller size says about it.
_INHERIT: Final = np.float32(1e-2)
#: How much is believed of a colour that cannot be seen at all.
_HIDDEN: Final = np.float32(3e-3)


def quantize(alpha: NDArray[np.float32], dtype: np.dtype[np.uint8] | np.dtype[np.uint16]) -> Pixels:
    """Return alpha as integers, 1 becoming the largest value of `dtype`."""
    top = np.iinfo(dtype).max
    result: Pixels = np.empty(alpha.shape, dtype)
    step = max(1, (1 << 18) // max(1, alpha.shape[1]))
    for y in range(0, alpha.shape[0], step):
        checkpoint()
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

    Notes
    -----
    Both colours are estimated for the whole picture at a small size. At full size the two are
    interpolated, and each soft pixel moves them by the least that explains its own colour.

    References
    ----------
    Germer, Uelwer, Conrad, Harmeling, "Fast Multi-Level Foreground Estimation", 2020,
    doi:10.1109/ICPR48806.2021.9411978.
    """
    top = int(np.iinfo(color.dtype).max)
    parts = _soft(alpha, top)
    if not parts:
        return color
    factor = 1
    while alpha.size > _AREA * factor * factor:
        factor += 1
    coarse = _everywhere(color, alpha, factor)
    result: Pixels = color.copy()

    def fill(tile: Box) -> None:
        level = quantize(alpha[tile.slices], color.dtype)
        soft = (level > 0) & (level < top)
        left, up, right, bottom = (edge / factor for edge in tile)
        front, back = np.split(upsample(coarse, tile.size, (left, up, right, bottom)), 2)
        weight = alpha[tile.slices]
        rest = np.float32(1) - weight
        # With r = picture - (weight front + rest back), front moves by gain r.
        gain = weight / (weight * weight + rest * rest)
        front *= np.float32(1) - gain * weight
        back *= gain * rest
        front -= back
        front *= np.float32(top)
        seen, changed = color[tile.slices], result[tile.slices]
        for channel in range(3):
            front[channel] += np.multiply(seen[..., channel], gain, out=back[channel])
        np.clip(front, 0, top, out=front)
        front += np.float32(0.5)
        for channel, plane in enumerate(front.astype(color.dtype)):
            np.copyto(changed[..., channel], plane, where=soft)

    for part in parts:
        fill(part)
    return result


def _soft(alpha: NDArray[np.float32], top: int) -> list[Box]:
    """Return the boxes, one for each tile at most, that hold what is soft at a depth."""
    height, width = alpha.shape
    # Narrower than rounding by a little: a pixel is asked again when its tile is filled.
    low = np.float32(0.499 / top)
    found = []
    for y in range(0, height, _TILE):
        strip = alpha[y : y + _TILE]
        soft = np.asarray((strip > low) & (strip < 1 - low))
        columns = np.asarray(soft.any(0))
        for x in range(0, width, _TILE):
            checkpoint()
            inside = bounding_box(soft[:, x : x + _TILE]) if columns[x : x + _TILE].any() else None
            if inside is not None:
                found.append(inside.moved(x, y))
    return found


def _everywhere(color: Pixels, alpha: NDArray[np.float32], factor: int) -> Planes:
    """Return foreground and background, ``(6, h, w)``, at a fraction of the size."""
    levels = [(as_planes(color, factor), block_mean(alpha, factor))]
    while max(levels[-1][1].shape) > 1:
        levels.append((pyramid_reduce(levels[-1][0]), pyramid_reduce(levels[-1][1])))
    both = np.stack([levels[-1][0]] * 2)
    for planes, weight in reversed(levels):
        height, width = weight.shape
        if both.shape[2:] != weight.shape:
            both = both.repeat(2, 2)[:, :, :height].repeat(2, 3)[..., :width]
        both = _relax(both, planes, weight)
    return both.reshape(6, *both.shape[2:])


def _relax(both: Planes, image: Planes, alpha: NDArray[np.float32]) -> Planes:
    """Bring foreground and background closer to the picture and to their neighbours.

    Each pixel's two colours minimise the squared error of their mixture plus the squared
    differences from their neighbours. These count the more, the more alpha changes between the
    two, and the more of the colour is seen in the neighbour: what is said of a subject's colour
    where there is nearly none of it counts little.

    Parameters
    ----------
    both : (2, 3, h, w) ndarray of float32
        Foreground and background, as a smaller size has them.
    image : (3, h, w) ndarray of float32 in [0, 1]
    alpha : (h, w) ndarray of float32 in [0, 1]
    """
    share = np.stack([alpha, 1 - alpha])
    reliability = share * share
    reliability += _HIDDEN
    down = np.abs(np.diff(alpha, axis=0)) + _SMOOTH
    across = np.abs(np.diff(alpha, axis=1)) + _SMOOTH
    # What the neighbours above, below, left and right count.
    pull = np.zeros((4, *share.shape), np.float32)
    np.multiply(reliability[:, :-1], down, out=pull[0, :, 1:])
    np.multiply(reliability[:, 1:], down, out=pull[1, :, :-1])
    np.multiply(reliability[..., :-1], across, out=pull[2, ..., 1:])
    np.multiply(reliability[..., 1:], across, out=pull[3, ..., :-1])
    weight = pull.sum(0)
    np.maximum(weight, _SMOOTH * _HIDDEN, out=weight)
    pull /= weight
    # The minimum for given neighbours: their mean, and a part of what that leaves unexplained.
    push = share * weight[::-1]
    push /= weight[0] * weight[1] + (push * share).sum(0)
    pull, push, share = pull[:, :, None], push[:, None], share[:, None]
    part = share * both
    rest = image - part[0]
    rest -= part[1]
    # Neighbours tell each other more once each has explained its own pixel.
    rest /= np.square(share).sum(0) + _INHERIT
    both = both + np.multiply(rest, share, out=part)
    for _ in range(_STEPS):
        mean = np.zeros_like(both)
        np.multiply(both[:, :, :-1], pull[0, :, :, 1:], out=mean[:, :, 1:])
        mean[:, :, :-1] += np.multiply(both[:, :, 1:], pull[1, :, :, :-1], out=part[:, :, 1:])
        mean[..., 1:] += np.multiply(both[..., :-1], pull[2, ..., 1:], out=part[..., 1:])
        mean[..., :-1] += np.multiply(both[..., 1:], pull[3, ..., :-1], out=part[..., 1:])
        np.multiply(mean, share, out=part)
        rest = image - part[0]
        rest -= part[1]
        mean += np.multiply(rest, push, out=part)
        both = np.clip(mean, 0, 1, out=mean)
    return both
