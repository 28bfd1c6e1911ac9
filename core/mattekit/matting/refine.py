"""From a coarse matte to alpha at full size, true to the picture's edges."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Size
from mattekit.matting.enlarge import as_planes
from mattekit.matting.evaluate import Small
from mattekit.matting.guided import linear_model
from mattekit.matting.matte import Matte
from mattekit.matting.shrink import resize_plane, shrink
from mattekit.matting.solve import EFFORTS, finish, solve_plane, solving_size
from mattekit.matting.tiles import filled, for_each, tiles
from mattekit.matting.trimap import certain
from mattekit.photo import Photo, Pixels

__all__ = ["QUALITIES", "refine"]

Alpha = NDArray[np.float32]
Trimap = NDArray[np.uint8]

#: Side of the squares in which full-size work is done.
_TILE: Final = 192
#: Half the side of the guided filter's windows, and the variance of colour that counts as noise.
_RADIUS: Final = 2
_NOISE: Final = 1e-3
#: How far beyond its own uncertainty a coarse matte is doubted, in its own pixels.
_REACH: Final = {"fast": 1.0, "balanced": 2.0, "best": 2.0}
#: How far from its outline a subject is certain where partial values are mere doubt, in pixels of
#: the coarse matte. On the pictures with known alpha it takes 9 % off the mean error of balanced.
_INSIDE: Final = 4.0
#: Weight of the coarse matte against colour samples (0.05 where they are perfect).
_TRUST: Final = 0.002


def refine(photo: Photo, matte: Matte, *, quality: str = "balanced") -> Alpha:
    """Bring a coarse matte to the photo's size.

    Parameters
    ----------
    photo : Photo
        The picture.
    matte : Matte
        What the network made of it.
    quality : {"fast", "balanced", "best"}
        ``fast`` follows the edges of the picture, ``balanced`` also re-estimates them from local
        colour, ``best`` solves for them.

    Returns
    -------
    (H, W) ndarray of float32 in [0, 1]
        0 outside `matte.roi`, and everywhere where nothing was found.

    Raises
    ------
    KeyError
        There is no such quality.
    """
    method = QUALITIES[quality]
    alpha = np.zeros(photo.color.shape[:2], np.float32)
    inside = matte.roi.intersection(matte.box)
    if not matte.found or inside.empty:
        return alpha
    small, trimap, steps = method(photo, matte)
    if small.alpha.shape == (matte.box.height, matte.box.width):
        part = inside.moved(-matte.box.left, -matte.box.top)
        alpha[inside.slices] = small.alpha[part.slices]
        return alpha
    at_full_size = _enlarger(trimap, matte.box)

    def enlarge(tile: Box) -> None:
        known = at_full_size(tile)
        np.equal(known, _FRONT, out=alpha[tile.slices])
        unknown = filled(known == _UNKNOWN)
        if unknown is not None:
            part = unknown.moved(tile.left, tile.top)
            alpha[part.slices] = finish(photo.color, small, part, steps, at_full_size)

    for_each(tiles(inside, _TILE), enlarge)
    return alpha


_FRONT, _UNKNOWN = 255, 128


def _trimap(front: NDArray[np.bool_], back: NDArray[np.bool_]) -> Trimap:
    return np.where(front, _FRONT, np.where(back, 0, _UNKNOWN)).astype(np.uint8)


def _enlarger(trimap: Trimap, box: Box) -> Callable[[Box], Trimap]:
    """Return a function that cuts a part out of the trimap of a whole box, at the box's size."""
    height, width = trimap.shape

    def places(low: int, high: int, length: int, count: int) -> NDArray[np.intp]:
        # Whole numbers, so that a pixel's place does not depend on the tile that asks.
        centres = 2 * np.arange(low, high, dtype=np.intp) + 1
        return centres * count // (2 * length)

    def part(tile: Box) -> Trimap:
        local = tile.moved(-box.left, -box.top)
        rows = places(local.top, local.bottom, box.height, height)
        columns = places(local.left, local.right, box.width, width)
        band: Trimap = trimap[rows[0] : rows[-1] + 1].take(columns, 1)
        known: Trimap = band.take(rows - rows[0], 0)
        return known

    return part


#: The solution at a size that can be afforded, what is certain there, and how many steps with the
#: matting Laplacian are to be taken at full size.
Coarse: TypeAlias = tuple[Small, Trimap, int]


def _fast(photo: Photo, matte: Matte) -> Coarse:
    """Let alpha follow the colours at the matte's resolution."""
    size = Size(matte.alpha.shape[1], matte.alpha.shape[0])
    if size.area > matte.box.size.area:
        size = matte.box.size
    image, coarse = _colors(photo.color, matte, size), _plane(matte.alpha, size)
    slope = linear_model(image, coarse, _RADIUS, _NOISE)
    alpha = np.clip((slope[:3] * image).sum(0) + slope[3], 0, 1)
    front, back = certain(coarse, _REACH["fast"], _inside(matte))
    alpha[front], alpha[back] = 1, 0
    return Small(image, alpha, matte.box), _trimap(front, back), 0


def _solved(photo: Photo, matte: Matte, quality: str) -> Coarse:
    """Solve where the matte is in doubt, at a size that can be afforded."""
    effort = EFFORTS[quality]
    size = solving_size(matte.box.size, effort.area)
    coarse = _plane(matte.alpha, size)
    factor = max(1.0, size.width / matte.alpha.shape[1])
    front, back = certain(coarse, _REACH[quality] * factor, _inside(matte) * factor)
    if not front.any() or not back.any():
        # Nothing is certain, so there are no colours to compare with.
        return _fast(photo, matte)
    image = _colors(photo.color, matte, size)
    alpha = solve_plane(image, front, back, effort, coarse, _TRUST)
    return Small(image, alpha, matte.box), _trimap(front, back), effort.last


def _inside(matte: Matte) -> float:
    return _INSIDE if matte.partial == "doubt" else math.inf


def _plane(alpha: Alpha, size: Size) -> Alpha:
    return np.clip(resize_plane(alpha, size), 0, 1)


def _colors(color: Pixels, matte: Matte, size: Size) -> NDArray[np.float32]:
    """Return the photo's colours under the matte at a given size, ``(3, h, w)`` in [0, 1]."""
    if size == Size(matte.guide.shape[1], matte.guide.shape[0]):
        small = matte.guide
    else:
        small = shrink(color, matte.box, size)
    return as_planes(small)


#: One function per quality.
QUALITIES: Final[dict[str, Callable[[Photo, Matte], Coarse]]] = {
    "fast": _fast,
    "balanced": lambda photo, matte: _solved(photo, matte, "balanced"),
    "best": lambda photo, matte: _solved(photo, matte, "best"),
}
