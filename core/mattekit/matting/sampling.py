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
from mattekit.imaging.resize import pyramid_reduce
from mattekit.tasks import checkpoint

__all__ = ["Pairs", "nearest", "sample_pairs"]

Index = NDArray[np.intp]
Floats = NDArray[np.float32]

#: Known pixels at most this far from unknown ones are candidates.
_RING = 4
#: How far random pairs are from the present ones in the first round, as shares of all.
_REACHES = (1.0, 0.3, 0.1)
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
    first: Index  # (n,) what each unknown pixel tries first


class _Search:
    """The state of the search: the pairs so far, and what they cost."""

    def __init__(
        self,
        image: Floats,
        known: tuple[NDArray[np.bool_], NDArray[np.bool_]],
        start: _Start | None,
    ) -> None:
        self.shape = image.shape[1:]
        width = image.shape[2]
        flat = image.reshape(3, -1)
        unknown = ~(known[0] | known[1])
        near = diamond_dilation(unknown, _RING)
        self.pixels = np.flatnonzero(unknown)
        self.color = np.ascontiguousarray(flat[:, self.pixels])
        self.y, self.x = np.divmod(self.pixels.astype(np.int32), np.int32(width))
        self.at = np.stack([self.y, self.x]).astype(np.float32)
        light = flat.sum(0)

        def prepare(side: int) -> _Side:
            mask = known[side]
            if start is None:
                distance, first = nearest(mask, self.pixels)
                scale = np.reciprocal(np.maximum(distance, 1).astype(np.float32))
            else:
                first, scale = start.chosen[side], start.scales[side]
            chosen = (near & mask).ravel()
            chosen[first] = True
            candidates = np.flatnonzero(chosen)
            candidates = candidates[np.argsort(light[candidates], kind="stable")]
            place = np.empty(mask.size, np.intp)
            place[candidates] = np.arange(candidates.size)
            return _Side(
                candidates,
                flat[:, candidates],
                np.stack(np.divmod(candidates, width)).astype(np.float32),
                scale,
                place[first],
            )

        ready = [prepare(side) for side in (0, 1)]
        count = self.pixels.size
        self.lists = [side.candidates for side in ready]
        self.colors = [np.ascontiguousarray(side.colors) for side in ready]
        self.positions = [side.positions for side in ready]
        self.scales = np.stack([side.scale for side in ready])
        self.pair = np.zeros((2, count), np.int32)
        self.tries = 0
        self.changed = np.zeros(count, np.int32)  # the try that brought the pair
        self.cost = np.full(count, np.inf, np.float32)
        self.alpha, self.distance = np.zeros((2, count), np.float32)
        self._attempt(np.stack([side.first for side in ready]).astype(np.int32))

    def _attempt(
        self,
        candidates: NDArray[np.int32],
        neighbor: NDArray[np.int32] | None = None,
        since: int = 0,
    ) -> None:
        """Take candidates, a pixel's own or its neighbour's, where they are better."""
        before = self.changed if neighbor is None else self.changed.copy()
        kernels.call(
            "try_pairs",
            self.pixels.size,
            self.color,
            self.at,
            self.colors[0],
            self.positions[0],
            len(self.lists[0]),
            self.colors[1],
            self.positions[1],
            len(self.lists[1]),
            self.scales,
            candidates,
            neighbor,
            before,
            since,
            self.tries,
            self.pair,
            self.changed,
            self.cost,
            self.alpha,
            self.distance,
        )

    def attempt_random(self, rng: np.random.Generator, radius: float) -> None:
        """Try pairs at most `radius` of the lists' lengths from the present ones."""
        self.tries += 1
        self._attempt(
            np.stack(
                [
                    _around(rng, at, radius, len(known))
                    for at, known in zip(self.pair, self.lists, strict=True)
                ]
            )
        )

    def attempt_neighbor(self, neighbor: NDArray[np.int32], since: int) -> None:
        """Try the pairs of neighbours that have changed theirs in a try after `since`.

        What a neighbour had before was refused then, and would be again.
        """
        self.tries += 1
        self._attempt(self.pair.copy(), neighbor, since)

    def neighbors(self, reaches: tuple[int, ...]) -> list[NDArray[np.int32]]:
        """Return for each direction which unknown pixel lies there; itself where none does."""
        height, width = self.shape
        place = np.full(height * width, -1, np.intp)
        own = np.arange(self.pixels.size)
        place[self.pixels] = own
        result = []
        for reach in reaches:
            for dy, dx in ((0, reach), (0, -reach), (reach, 0), (-reach, 0)):
                y, x = self.y + dy, self.x + dx
                inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
                at = place[np.where(inside, y * width + x, 0)]
                result.append(np.where(inside & (at >= 0), at, own).astype(np.int32))
        return result


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
            pyramid_reduce(front.astype(np.float32)) == 1,
            pyramid_reduce(back.astype(np.float32)) == 1,
        )
        if small[0].any() and small[1].any():
            found = sample_pairs(pyramid_reduce(image), *small, rounds=rounds[1:])
            start = _upsample(found, ~(front | back), small[0].shape)
    search = _Search(image, (front, back), start)
    rng = np.random.default_rng(0)  # the same picture gives the same result
    # Where the search goes on from a smaller size, what is far away was seen there.
    neighbors = search.neighbors((1, 3) if start is None else (1,))
    tried = [-1] * len(neighbors)
    for turn in range(rounds[0]):
        checkpoint()
        # At first anywhere, then ever closer: later tries from afar are hardly ever better.
        for radius in _REACHES if turn == 0 and start is None else (_REACHES[-1] / 2**turn,):
            search.attempt_random(rng, radius)
        for way, neighbor in enumerate(neighbors):
            before, tried[way] = tried[way], search.tries
            search.attempt_neighbor(neighbor, before)
    chosen = [np.take(known, at) for known, at in zip(search.lists, search.pair, strict=True)]
    return Pairs(
        search.pixels,
        chosen[0],
        chosen[1],
        search.alpha,
        search.distance,
        (search.scales[0], search.scales[1]),
    )


def _upsample(pairs: Pairs, unknown: NDArray[np.bool_], small: tuple[int, ...]) -> _Start:
    """Return what was found at half size for the unknown pixels of full size."""
    width, half = unknown.shape[1], small[1]
    y, x = np.divmod(np.flatnonzero(unknown), width)
    # All that is unknown is unknown at half size too.
    place = np.zeros(small[0] * half, np.intp)
    place[pairs.pixels] = np.arange(pairs.pixels.size)
    parent = place[(y // 2) * half + x // 2]

    def chosen(side: Index) -> Index:
        # A known pixel at half size stands for four known pixels at full size.
        rows, columns = np.divmod(side, half)
        return np.asarray((2 * rows * width + 2 * columns)[parent])

    front, back = (scale[parent] * np.float32(0.5) for scale in pairs.scales)
    return _Start((chosen(pairs.front), chosen(pairs.back)), (front, back))


def _around(
    rng: np.random.Generator, at: NDArray[np.int32], radius: float, count: int
) -> NDArray[np.int32]:
    """Return random places in a list of `count`, at most `radius` of its length from `at`."""
    reach = np.float32(radius * count)
    offset = (rng.random(at.size, np.float32) * 2 - 1) * reach
    return np.clip(at + offset.astype(np.int32), 0, count - 1)
