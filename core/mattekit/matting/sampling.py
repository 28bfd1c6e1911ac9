"""Which two colours is a pixel mixed from? The best pair of known ones nearby.

Every unknown pixel looks for one known foreground and one known background pixel whose colours mix
to its own and which are near. All pixels search at once: a pixel tries the pairs of its neighbours
and random pairs around its own, and keeps what is better.

References
----------
He, Rhemann, Rother, Tang, Sun, "A Global Sampling Method for Alpha Matting", 2011,
doi:10.1109/CVPR.2011.5995495.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.imaging.morphology import diamond_dilation
from mattekit.imaging.resize import block_reduce, pyramid_reduce
from mattekit.tasks import checkpoint

__all__ = ["Pairs", "nearest", "sample_pairs"]

Index = NDArray[np.intp]
Floats = NDArray[np.float32]

#: Known pixels at most this far from unknown ones are candidates.
_RING = 4
#: How far random pairs are from the present ones in the first round, as shares of all.
_REACHES = (1.0, 0.3, 0.1)
#: How far away the second neighbours are that a pixel asks.
_FAR = 3
#: Pictures with a shorter side are not halved.
_SMALLEST = 16


def nearest(
    mask: NDArray[np.bool_], pixels: Index | None = None
) -> tuple[NDArray[np.int32], Index]:
    """Return distance in steps across edges to the nearest true pixel, and its flat index.

    Parameters
    ----------
    mask : (h, w) ndarray of bool
        With at least one true pixel.
    pixels : ndarray of int, optional
        Flat indices of the pixels that ask; by default all do.
    """
    height, width = mask.shape
    keys = np.empty(mask.shape, np.int64)
    kernels.call("nearest_true", np.ascontiguousarray(mask), height, width, keys)
    found = keys if pixels is None else keys.ravel()[pixels]
    return (found >> 32).astype(np.int32), (found & 0xFFFFFFFF).astype(np.intp)


@dataclasses.dataclass
class Pairs:
    """The pair of known pixels that each unknown pixel has chosen.

    Attributes
    ----------
    pixels : (n,) ndarray of int
        Flat indices of the unknown pixels.
    front, back : (n,) ndarray of int
        Flat indices of the known pixels.
    alpha : (n,) ndarray of float32
        What the pair says.
    distance : (n,) ndarray of float32
        How far the mixture is from the pixel's colour, in units of colour.
    scales : tuple of (n,) ndarray of float32
        One over the distance of the nearest known foreground and background, in pixels.
    """

    pixels: Index
    front: Index
    back: Index
    alpha: Floats
    distance: Floats
    scales: tuple[Floats, Floats]


class _Start(NamedTuple):
    """Where the search goes on from a smaller size: for each side and unknown pixel."""

    chosen: tuple[Index, Index]  # (n,) flat indices of known pixels
    scales: tuple[Floats, Floats]


class _Side(NamedTuple):
    """Known pixels of one side, sorted by brightness, and where the search begins among them."""

    candidates: Index  # (m,) flat indices
    colors: Floats  # (3, m)
    positions: Floats  # (2, m) row and column
    scale: Floats  # (n,) one over the distance of the nearest
    first: NDArray[np.int32]  # (n,) what each unknown pixel tries first


def sample_pairs(
    image: Floats,
    front: NDArray[np.bool_],
    back: NDArray[np.bool_],
    *,
    rounds: tuple[int, ...] = (1, 5),
) -> Pairs:
    """Find for every unknown pixel the pair of known pixels that explains it best.

    Parameters
    ----------
    image : (3, h, w) ndarray of float32 in [0, 1]
    front, back : (h, w) ndarray of bool
        Known foreground and background, each with at least one pixel.
    rounds : tuple of int
        Rounds of neighbours and random pairs: at full size, at half, and so on.
        The search starts at the smallest size.

    Returns
    -------
    Pairs
    """
    start = None
    if len(rounds) > 1 and min(front.shape) >= _SMALLEST:
        small = (
            block_reduce(front, 2, np.minimum),
            block_reduce(back, 2, np.minimum),
        )
        if small[0].any() and small[1].any():
            found = sample_pairs(pyramid_reduce(image), *small, rounds=rounds[1:])
            start = _upsample(found, ~(front | back), small[0].shape)
    return _searched(image, (front, back), start, rounds[0])


def _searched(
    image: Floats,
    known: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    start: _Start | None,
    turns: int,
) -> Pairs:
    """Search at one size, from the nearest known pixels on or from where a smaller size ended."""
    unknown = ~(known[0] | known[1])
    height, width = unknown.shape
    flat = image.reshape(3, -1)
    pixels = np.flatnonzero(unknown)
    count = pixels.size
    near = diamond_dilation(unknown, _RING)

    def prepare(side: int) -> _Side:
        mask = known[side]
        if start is None:
            distance, first = nearest(mask, pixels)
            scale = np.reciprocal(np.maximum(distance, 1).astype(np.float32))
        else:
            first, scale = start.chosen[side], start.scales[side]
        chosen = (near & mask).ravel()
        chosen[first] = True
        candidates = np.flatnonzero(chosen)
        colors = flat.take(candidates, 1)
        order = np.argsort(colors.sum(0), kind="stable")
        candidates = candidates[order]
        place = np.empty(mask.size, np.int32)
        place[candidates] = np.arange(candidates.size, dtype=np.int32)
        return _Side(
            candidates,
            colors.take(order, 1),
            _positions(candidates, width),
            scale,
            place[first],
        )

    sides = prepare(0), prepare(1)
    number = np.full(unknown.size, -1, np.int32)
    number[pixels] = np.arange(count, dtype=np.int32)
    # At first anywhere, then ever closer: later tries from afar are hardly ever better. Where the
    # search goes on from a smaller size, what is far away was seen there.
    reaches = [*_REACHES[:-1]] if start is None else []
    many = len(reaches) + 1
    reaches += [_REACHES[-1] / 2**turn for turn in range(turns)]
    random = np.random.default_rng(0).random(  # the same picture gives the same result
        (len(reaches), 2, count), np.float32
    )
    pair = np.stack([side.first for side in sides])
    alpha, distance = np.empty((2, count), np.float32)
    checkpoint()
    kernels.call(
        "search_pairs",
        count,
        flat.take(pixels, 1),
        _positions(pixels, width),
        *(sides[0].colors, sides[0].positions, len(sides[0].candidates)),
        *(sides[1].colors, sides[1].positions, len(sides[1].candidates)),
        np.stack([side.scale for side in sides]),
        number,
        height,
        width,
        turns,
        many,
        random,
        np.array(
            [[reach * len(side.candidates) for side in sides] for reach in reaches], np.float32
        ),
        _FAR if start is None else 1,
        np.empty((4, count), np.int32),
        np.empty(count, np.float32),
        pair,
        alpha,
        distance,
    )
    chosen = [np.take(side.candidates, at) for side, at in zip(sides, pair, strict=True)]
    return Pairs(pixels, chosen[0], chosen[1], alpha, distance, (sides[0].scale, sides[1].scale))


def _positions(pixels: Index, width: int) -> Floats:
    """Return rows and columns of flat indices, ``(2, n)``."""
    positions = np.empty((2, pixels.size), np.float32)
    positions[0] = rows = pixels // width
    positions[1] = pixels - rows * width
    return positions


def _upsample(pairs: Pairs, unknown: NDArray[np.bool_], small: tuple[int, ...]) -> _Start:
    """Return what was found at half size for the unknown pixels of full size."""
    width, half = unknown.shape[1], small[1]
    pixels = np.flatnonzero(unknown)
    y = pixels // width
    x = pixels - y * width
    # All that is unknown is unknown at half size too.
    place = np.zeros(small[0] * half, np.intp)
    place[pairs.pixels] = np.arange(pairs.pixels.size)
    parent = place[(y // 2) * half + x // 2]

    def chosen(side: Index) -> Index:
        # A known pixel at half size stands for four known pixels at full size.
        rows = side // half
        return np.asarray((2 * rows * width + 2 * (side - rows * half))[parent])

    front, back = (scale[parent] * np.float32(0.5) for scale in pairs.scales)
    return _Start((chosen(pairs.front), chosen(pairs.back)), (front, back))
