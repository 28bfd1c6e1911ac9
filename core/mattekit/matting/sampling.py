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
import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.imaging.morphology import diamond_dilation
from mattekit.matting.planes import Solvable, at_half
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
#: Numbers of a pixel, as in ``sampling.c``: its colour, its place, what is known of it.
_PIXEL = 8
#: Random numbers that are kept for the next picture.
_RANDOM = 1 << 18


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
    scales : (2, n) ndarray of float32
        One over the distance of the nearest known foreground and background, in pixels.
    number : (h, w) ndarray of int32
        Which of them each unknown pixel is, -1 elsewhere.
    """

    pixels: Index
    front: Index
    back: Index
    alpha: Floats
    distance: Floats
    scales: Floats
    number: NDArray[np.int32]


class _Start(NamedTuple):
    """Where the search begins: for each side and unknown pixel."""

    chosen: Index  # (2, n) flat indices of known pixels
    scales: Floats  # (2, n)


def sample_pairs(
    image: Floats,
    front: NDArray[np.bool_],
    back: NDArray[np.bool_],
    *,
    rounds: tuple[int, ...] = (1, 5),
    half: Solvable | None = None,
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
    half : Solvable, optional
        All of this at half the size, where somebody has it.

    Returns
    -------
    Pairs
    """
    unknown = ~(front | back)
    pixels = np.empty(np.count_nonzero(unknown), np.intp)
    number = np.empty(unknown.shape, np.int32)
    kernels.call("number_pixels", unknown, *unknown.shape, pixels, number)
    if len(rounds) > 1 and min(front.shape) >= _SMALLEST:
        half = half or at_half(Solvable(image, front, back))
        if half.front.any() and half.back.any():
            found = sample_pairs(*half, rounds=rounds[1:])
            start = _upsample(found, pixels, unknown.shape[1])
            return _searched(image, (front, back), pixels, number, start, rounds[0])
    near = [nearest(side, pixels) for side in (front, back)]
    distances = np.stack([distance for distance, _ in near])
    scales = np.reciprocal(np.maximum(distances, 1).astype(np.float32))
    start = _Start(np.stack([index for _, index in near]), scales)
    return _searched(image, (front, back), pixels, number, start, rounds[0], anywhere=True)


def _searched(
    image: Floats,
    known: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    pixels: Index,
    number: NDArray[np.int32],
    start: _Start,
    turns: int,
    *,
    anywhere: bool = False,
) -> Pairs:
    """Search at one size, `anywhere` or only near where a smaller size ended."""
    image = np.ascontiguousarray(image)
    height, width = number.shape
    count = pixels.size
    near = diamond_dilation(number >= 0, _RING)
    pair = np.empty((2, count), np.int32)
    (front_at, fronts), (back_at, backs) = (
        _listed(image, near & mask, first, place)
        for mask, first, place in zip(known, start.chosen, pair, strict=True)
    )
    own = np.empty((count, _PIXEL), np.float32)
    kernels.call("read_pixels", image, height, width, pixels, count, start.scales, own)
    # At first anywhere, then ever closer: later tries from afar are hardly ever better. Where the
    # search goes on from a smaller size, what is far away was seen there.
    reaches = [*_REACHES[:-1]] if anywhere else []
    many = len(reaches) + 1
    reaches += [_REACHES[-1] / 2**turn for turn in range(turns)]
    alpha, distance = np.empty((2, count), np.float32)
    checkpoint()
    kernels.call(
        "search_pairs",
        count,
        own,
        *(fronts, len(fronts)),
        *(backs, len(backs)),
        number,
        height,
        width,
        turns,
        many,
        _random_numbers(len(reaches) * 2 * count),
        np.array([[reach * len(fronts), reach * len(backs)] for reach in reaches], np.float32),
        _FAR if anywhere else 1,
        np.empty((4, count), np.int32),
        np.empty(count, np.float32),
        pair,
        alpha,
        distance,
    )
    front, back = np.take(front_at, pair[0]), np.take(back_at, pair[1])
    return Pairs(pixels, front, back, alpha, distance, start.scales, number)


def _listed(
    image: Floats, chosen: NDArray[np.bool_], first: Index, place: NDArray[np.int32]
) -> tuple[Index, Floats]:
    """Return flat indices and numbers of the chosen pixels and of those that are first, by colour.

    Where the first ones are in the list is written to `place`.
    """
    chosen.ravel()[first] = True
    many = int(np.count_nonzero(chosen))
    indices, pixels = np.empty(many, np.intp), np.empty((many, _PIXEL), np.float32)
    room, ranks = np.empty(3 * many, np.uint32), np.empty(chosen.shape, np.int32)
    source = image, *chosen.shape, chosen, many
    kernels.call("list_pixels", *source, room, ranks, first, len(first), place, indices, pixels)
    return indices, pixels


def _random_numbers(count: int) -> Floats:
    """Return at least so many numbers in [0, 1): the same picture gives the same result."""
    return _made(_RANDOM) if count <= _RANDOM else _made.__wrapped__(count)


@functools.cache
def _made(count: int) -> Floats:
    return np.random.default_rng(0).random(count, np.float32)


def _upsample(pairs: Pairs, pixels: Index, width: int) -> _Start:
    """Return what was found at half size for the unknown pixels of a picture so wide."""
    # All that is unknown is unknown at half size too.
    start = _Start(np.empty((2, pixels.size), np.intp), np.empty((2, pixels.size), np.float32))
    kernels.call(
        *("from_half", pixels, pixels.size, width, pairs.number, pairs.number.shape[1]),
        *(pairs.front, pairs.back, pairs.scales, pairs.pixels.size, *start),
    )
    return start
