"""From a coarse matte to alpha at full size, true to the picture's edges."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mattekit.geometry import Box, Size
from mattekit.imaging.labels import bounding_box
from mattekit.imaging.resize import block_mean, downsample, resize_plane
from mattekit.imaging.samples import Pixels
from mattekit.matting._fineness import fineness
from mattekit.matting._foreground import quantize, small_step
from mattekit.matting._hardness import hardness
from mattekit.matting._solve import (
    EFFORTS,
    HAZE,
    Effort,
    Evidence,
    Known,
    solve,
    solve_plane,
    solving_step,
    tile_refiner,
)
from mattekit.matting.color_model import evaluate, fitted
from mattekit.matting.guided import linear_model
from mattekit.matting.masking import known_levels
from mattekit.matting.matte import Matte
from mattekit.matting.monotone import make_monotone
from mattekit.matting.planes import as_planes, upsample
from mattekit.matting.tiling import bands
from mattekit.matting.trimap import (
    edge_softness,
    gaps_inside,
    still_certain,
    trimap_from_alpha,
)
from mattekit.photo import Photo
from mattekit.threads import for_each

__all__ = ["QUALITIES", "refine"]

Alpha = NDArray[np.float32]
Trimap = NDArray[np.uint8]
Planes = NDArray[np.float32]

#: Side of the squares in which full-size work is done.
_TILE: Final = 192
#: Half the side of the guided filter's windows, and the variance of colour that counts as noise.
_RADIUS: Final = 2
_NOISE: Final = 1e-3
#: How far beyond its own uncertainty a coarse matte is doubted, in its own pixels: where colours
#: are only followed, and where they are solved for, at hard edges and at soft ones.
_REACH: Final = 1.0
_REACHES: Final = (1.0, 4.0)
#: How far from the outline partial values are believed where they may be mere doubt, in pixels of
#: the coarse matte.
_NEAR: Final = 4.0
#: Softness below which an edge is hard, and how far from the outline alpha only rises or falls
#: there, in pixels of the photo.
_HARD: Final = 0.2
_RISE: Final = 8
#: Weight of perfect colour samples, the distance of colours at which it has fallen to 1/e, and the
#: weight of the coarse matte, each at hard edges and at soft ones: a hard edge is a line that the
#: matte knows to a pixel or two, and what colours say against it there is mostly chance.
_SAMPLE: Final = (0.02, 0.5)
_MISS: Final = (3 / 255, 4 / 255)
_TRUST: Final = (0.02, 0.01)
#: How many times that weight the matte counts besides where it is certain and its subject hard.
_CERTAINTY: Final = 100.0
#: The share in alpha, at the softest edges, of a matte that is as fine as its picture.
_SHARE: Final = 0.35
#: How a network's matte is solved; `EFFORTS` is for what people have drawn.
_EFFORTS: Final = {
    "balanced": Effort(200_000, (1, 3), (10, 10), 0),
    "best": Effort(1_500_000, (1, 5), (15, 15), 3),
}
#: Pixels of a picture from which on means of four pixels tell more about edges than single ones.
_NOISY: Final = 200_000
#: How far the edge of somebody's mask is doubted: a share of the subject's size, at least so many
#: pixels of the size at which it is solved; and what the mask itself weighs there.
_MASK_REACH: Final = 0.035
_MASK_LEAST: Final = 2.0
#: How often it is looked for farther where it was not met so near, and how much farther each time,
#: as a share of that reach.
_MASK_LOOKS: Final = 2
_MASK_FARTHER: Final = 0.5
_MASK_TRUST: Final = 0.002
#: What stands for a quality there: to follow the picture's edges is not to find them.
_SOLVED: Final = {"fast": "balanced"}
#: And for a trimap: only what is unknown costs time, and that is all that was asked for.
_TRIMAP: Final = {"fast": "balanced", "balanced": "best"}


def refine(
    photo: Photo,
    matte: Matte,
    *,
    quality: str = "balanced",
    small: Callable[[], Planes] | None = None,
    dtype: DTypeLike = np.float32,
) -> NDArray[Any]:
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
    small : callable, optional
        Returns `small_colors` of the photo, where somebody makes them anyway.
    dtype : dtype
        Of the result: float32, uint8 or uint16.

    Returns
    -------
    (H, W) ndarray
        In [0, 1], or up to the largest integer. 0 outside `matte.roi`, and everywhere where nothing
        was found.

    Raises
    ------
    KeyError
        There is no such quality.
    """
    method = QUALITIES[quality]
    inside = matte.roi.intersection(matte.box)
    if not matte.found or inside.empty:
        return _blank(photo, dtype)
    given = quality
    if matte.mask is not None:
        quality = _SOLVED.get(quality, quality)
        method = QUALITIES[quality]
    if matte.mask is not None and matte.mask.trimap:
        quality = _TRIMAP.get(given, given)
        solved = solve(photo.color, known_levels(matte.mask), quality=quality)
        alpha = _blank(photo, dtype)
        alpha[inside.slices] = quantize(solved[inside.slices], alpha.dtype)
        return alpha
    coarse = method(photo, matte, small)
    if coarse.alpha.shape == (matte.box.height, matte.box.width):
        part = inside.moved(-matte.box.left, -matte.box.top)
        risen = make_monotone(coarse.alpha, coarse.hard, _RISE, in_place=True)[part.slices]
        alpha = _blank(photo, dtype)
        alpha[inside.slices] = quantize(risen, alpha.dtype)
        return alpha
    model = fitted(coarse.image, coarse.alpha, coarse.trimap == _UNKNOWN, coarse.box)
    trimap, hard, steps = coarse.trimap, coarse.hard, coarse.steps
    # Alpha comes after all that is smaller, and in the place of some of it.
    del coarse
    alpha = _blank(photo, dtype)
    if not steps and not hard.any():
        # A linear function of colour leaves a haze where colours of both sides resemble.
        evaluate(
            model,
            inside,
            photo.color[inside.slices],
            trimap,
            alpha[inside.slices],
            haze=HAZE,
        )
        return alpha
    known = Known(trimap=trimap, hard=hard, rise=_RISE, haze=HAZE)
    fill = tile_refiner(photo.color, model, alpha, _TILE, steps, known)
    for_each(fill, list(bands(inside, _TILE)))
    return alpha


def _blank(photo: Photo, dtype: DTypeLike) -> NDArray[Any]:
    return np.zeros(photo.color.shape[:2], dtype)


_FRONT, _UNKNOWN = 255, 128


def _trimap(front: NDArray[np.bool_], back: NDArray[np.bool_]) -> Trimap:
    known = front.view(np.uint8) * np.uint8(_FRONT - _UNKNOWN) + np.uint8(_UNKNOWN)
    return known - back.view(np.uint8) * np.uint8(_UNKNOWN)


class Coarse(NamedTuple):
    """The solution at a size that can be afforded."""

    image: NDArray[np.float32]  # (3, h, w) in [0, 1]
    alpha: Alpha  # (h, w)
    trimap: Trimap  # what is certain there
    box: Box  # the part of the photo, or a little more, that they cover
    steps: int  # with the matting Laplacian, at full size
    hard: NDArray[np.bool_]  # where alpha only rises towards the subject, (h, w)


def _fast(photo: Photo, matte: Matte) -> Coarse:
    """Let alpha follow the colours at the matte's resolution."""
    size = Size(matte.alpha.shape[1], matte.alpha.shape[0])
    if size.area > matte.box.size.area:
        size = matte.box.size
    image, coarse = _colors(photo.color, matte, size), _plane(matte.alpha, size)
    slope = linear_model(image, coarse, _RADIUS, _NOISE)
    alpha = np.clip((slope[:3] * image).sum(0) + slope[3], 0, 1)
    front, back = trimap_from_alpha(coarse, _REACH, _near(matte))
    alpha[front], alpha[back] = 1, 0
    crisp = edge_softness(coarse) < _HARD
    return Coarse(image, alpha, _trimap(front, back), matte.box, 0, crisp)


def _solved(photo: Photo, matte: Matte, small: Callable[[], Planes] | None, quality: str) -> Coarse:
    """Solve where the matte is in doubt, at a size that can be afforded."""
    effort = (_EFFORTS if matte.mask is None else EFFORTS)[quality]
    step = solving_step(matte.box.size, effort.area)
    if matte.mask is None and matte.box.size.area > _NOISY:
        step = max(step, 2)
    if small and matte.box == photo.size.box and step == small_step(photo.size.area):
        image = small()
    else:
        image = as_planes(photo.color[matte.box.slices], step)
    size = Size(image.shape[2], image.shape[1])
    fine = fineness(matte)
    if matte.mask is None:
        softness = edge_softness(matte.alpha)
        hard = hardness(matte, softness)
        # What stays longest is made first: what is freed behind it is one piece.
        coarse = _plane(matte.alpha, size)
        softness = _plane(softness * np.float32(1 - hard), size)
        scale = size.width / matte.alpha.shape[1]
        factor = max(1.0, scale)
        gaps = gaps_inside(matte.alpha, matte.guide, _near(matte))
        if gaps is not None:
            gaps = _plane(gaps.astype(np.float32), size) >= np.float32(0.5)
        # Nobody keeps how far it is doubted: the search for colours takes most memory.
        near = _near(matte) * factor
        front, back = trimap_from_alpha(coarse, _reach(softness, scale), near, gaps)
        crisp = softness < _HARD
        evidence = Evidence(_SAMPLE, _MISS, coarse, _TRUST, softness, _CERTAINTY * hard)
    else:
        levels = block_mean(matte.mask.levels, step).astype(np.float32)
        coarse = levels / np.float32(255)
        front, back = trimap_from_alpha(coarse, _mask_reach(coarse))
        crisp = np.zeros(front.shape, np.bool_)
        evidence = Evidence(prior=coarse.copy(), trust=_MASK_TRUST)
    if not front.any() or not back.any():
        # Nothing is certain, so there are no colours to compare with.
        return _fast(photo, matte)
    if fine:
        # Both are asked for once more, and would be overwritten.
        evidence = evidence._replace(prior=coarse.copy(), softness=softness.copy())
    alpha = solve_plane(image, front, back, effort, evidence)
    for _ in range(0 if matte.mask is None else _MASK_LOOKS):
        nearer, beyond = still_certain(alpha, front, back, _MASK_FARTHER * _mask_reach(coarse))
        if (nearer is front and beyond is back) or not nearer.any() or not beyond.any():
            break
        front, back = nearer, beyond
        evidence = evidence._replace(prior=coarse.copy())
        alpha = solve_plane(image, front, back, effort, evidence)
    if fine:
        # Two that saw the same err apart from each other: their mean errs less than either.
        share = softness * np.float32(_SHARE * fine)
        alpha = np.where(front | back, alpha, alpha + share * (coarse - alpha))
    alpha = make_monotone(alpha, crisp, -(-_RISE // step), in_place=True)
    left, top = matte.box[:2]
    covered = Box(left, top, left + size.width * step, top + size.height * step)
    return Coarse(image, alpha, _trimap(front, back), covered, effort.last, crisp)


def _reach(softness: Alpha, scale: float) -> Alpha:
    """Return how far a matte is doubted from each pixel, which is so much smaller than its own.

    No line is known better than to a pixel. Hair is looked for as far as the matte's pixels reach,
    which are smaller than the photo's where the network saw something small again.
    """
    least, most = _REACHES
    reach = (most - least) * softness
    reach *= np.float32(scale)
    reach += least * np.float32(max(1.0, scale))
    return reach


def _mask_reach(alpha: Alpha) -> float:
    """Return how far the edge of a mask is doubted: a share of its subject's size."""
    box = bounding_box(alpha >= 0.5) or Size(alpha.shape[1], alpha.shape[0]).box
    return max(_MASK_LEAST, _MASK_REACH * math.sqrt(box.size.area))


def _near(matte: Matte) -> float:
    return _NEAR if matte.partial == "uncertainty" else math.inf


def _plane(alpha: Alpha, size: Size) -> Alpha:
    height, width = alpha.shape
    if size.width >= width and size.height >= height:
        larger: Alpha = upsample(alpha[None], size, (0, 0, width, height))[0]
        return larger
    return np.clip(resize_plane(alpha, size), 0, 1)


def _colors(color: Pixels, matte: Matte, size: Size) -> NDArray[np.float32]:
    """Return the photo's colours under the matte at a given size, ``(3, h, w)`` in [0, 1]."""
    if size == Size(matte.guide.shape[1], matte.guide.shape[0]):
        small = matte.guide
    else:
        small = downsample(color, matte.box, size)
    return as_planes(small)


#: One function per quality.
QUALITIES: Final[dict[str, Callable[[Photo, Matte, Callable[[], Planes] | None], Coarse]]] = {
    "fast": lambda photo, matte, _: _fast(photo, matte),
    "balanced": lambda photo, matte, small: _solved(photo, matte, small, "balanced"),
    "best": lambda photo, matte, small: _solved(photo, matte, small, "best"),
}
