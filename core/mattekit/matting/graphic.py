"""Flat graphics on a plain ground: logos, icons, lettering, diagrams.

A network that sees a few hundred pixels blurs lettering and closes its counters. On a ground of one
colour nothing has to be guessed: what is not of that colour is the subject, and a pixel of its edge
is a mix of the ground and of a colour of the palette, so that alpha is a ratio (the compositing
equation of Porter and Duff, doi:10.1145/800031.808606, solved for alpha).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mattekit.geometry import Box
from mattekit.matting.matte import Matte
from mattekit.matting.tiles import grown, tiles
from mattekit.parts import labelled, pooled
from mattekit.photo import Photo, Pixels

__all__ = ["keyed"]

Colors = NDArray[np.int16]

#: Levels (of 255) by which one colour may vary, in files without loss and in the others, and how
#: much of the frame must be of one colour.
_SAME: Final = 5
_SAME_LOSSY: Final = 16
_LOSSY: Final = frozenset({"jpg", "webp", "avif", "heic"})
_FRAME: Final = 0.985
#: Levels from the ground up to which there is nothing but edges where the ground is really flat.
_GAP: Final = 27
_GAP_SHARE: Final = 0.12
#: What of a graphic consists of its most frequent colours, and how many may those be.
_FLAT: Final = 0.8
_PALETTE: Final = 12
#: Neighbours of one colour, as a share of all neighbours inside the subject.
_EVEN: Final = 0.3
#: What may be of no colour of the palette, away from edges, as a share of the subject.
_STRANGE: Final = 0.05
#: How much of the picture must be ground, and how much subject.
_LEAST_GROUND: Final = 0.1
_LEAST_SUBJECT: Final = 0.0005
#: How far edges reach from the ground, in pixels.
_EDGE: Final = 2
#: Levels by which a mix may miss the line between its two colours.
_MISS: Final = 20.0
#: Samples on which a picture is judged.
_SAMPLES: Final = 1 << 18
#: A part of the ground's colour that the graphic encloses is subject from this mean alpha on, and
#: from this share of the subject's area on: a network closes every counter of a letter.
_FILLED: Final = 0.9
_LEAST_FILLED: Final = 0.05
_CELLS: Final = 2048
_TILE: Final = 512


class _Graphic(NamedTuple):
    """What a flat graphic is made of, in 8-bit levels.

    Attributes
    ----------
    ground : (3,) ndarray of int16
    palette : (n, 3) ndarray of float32
        Colours of the subject.
    same : int
        By how much one colour varies.
    """

    ground: Colors
    palette: NDArray[np.float32]
    same: int


def keyed(photo: Photo, matte: Matte) -> NDArray[np.float32] | None:
    """Return the alpha of a flat graphic on a ground of one colour.

    Photographs hardly ever get beyond the first question, whether the picture's frame has one
    colour, which costs next to nothing.

    Parameters
    ----------
    photo : Photo
    matte : Matte
        Decides about large parts of the ground's colour that the subject encloses: what shows
        through a frame goes, the white face of a drawn panda stays.

    Returns
    -------
    (H, W) ndarray of float32 in [0, 1], or None
        0 outside `matte.roi`. None for photographs, for drawings with shades, and for pictures
        with transparency.
    """
    graphic = _recognised(photo)
    if graphic is None:
        return None
    height, width = photo.color.shape[:2]
    whole = Box(0, 0, width, height)
    alpha = np.zeros((height, width), np.float32)
    counts: list[tuple[int, int]] = []

    for tile in tiles(whole, _TILE):
        around = grown(tile, _EDGE, whole)
        part = tile.moved(-around.left, -around.top)
        mixed, odd = _mixed(_levels(photo.color[around.slices]), graphic)
        alpha[tile.slices] = mixed[part.slices]
        counts.append((int(np.count_nonzero(odd)), int(np.count_nonzero(mixed))))
    strange, subject = np.sum(counts, axis=0)
    if strange > _STRANGE * subject:
        return None
    alpha = _enclosed(alpha, matte)
    inside = whole.intersection(matte.roi)
    if inside != whole:
        kept = alpha[inside.slices].copy()
        alpha[:] = 0
        alpha[inside.slices] = kept
    return alpha


def _recognised(photo: Photo) -> _Graphic | None:
    """Judge samples of a picture."""
    color = photo.color
    if photo.alpha is not None or min(color.shape[:2]) < 8:
        return None
    same = _SAME_LOSSY if photo.format in _LOSSY else _SAME
    frame = np.concatenate(
        [_levels(part) for part in (color[0], color[-1], color[:, 0], color[:, -1])]
    )
    ground = np.median(frame, axis=0).astype(np.int16)
    if (np.abs(frame - ground).max(-1) <= same).mean() < _FRAME:
        return None
    step = max(1, round((color.shape[0] * color.shape[1] / _SAMPLES) ** 0.5))
    here, beside, below = (
        _levels(part[::step, ::step]) for part in (color[:-1, :-1], color[:-1, 1:], color[1:, :-1])
    )
    distance = np.abs(here - ground).max(-1)
    subject = distance > same
    if not _LEAST_SUBJECT <= subject.mean() <= 1 - _LEAST_GROUND:
        return None
    # A shadow or a gradient on the ground would show here.
    if (distance[subject] <= same + _GAP).mean() > _GAP_SHARE:
        return None
    inside = subject & (np.abs(beside - ground).max(-1) > same)
    even = inside & (np.abs(here - beside).max(-1) <= same // 2)
    if even.sum() < _EVEN * inside.sum():
        return None
    # Edges that run along the rows are as even as areas are.
    area = even & (np.abs(here - below).max(-1) <= same // 2)
    palette = _palette(here[area])
    return None if palette is None else _Graphic(ground, palette, same)


def _levels(color: Pixels) -> Colors:
    """Return colours in 8-bit levels, with a sign."""
    return (color >> 8 if color.dtype == np.uint16 else color).astype(np.int16)


def _palette(colors: Colors) -> NDArray[np.float32] | None:
    """Return the most frequent colours; None where they do not make up most of them."""
    if not len(colors):
        return None
    codes = (colors >> 3).astype(np.int64) @ np.array([1024, 32, 1])
    _, first, inverse, counts = np.unique(
        codes, return_index=True, return_inverse=True, return_counts=True
    )
    most = np.argsort(-counts, kind="stable")[:_PALETTE]
    most = most[counts[most] >= 0.01 * len(colors)]
    if counts[most].sum() < _FLAT * len(colors):
        return None
    sums = [np.bincount(inverse.reshape(-1), colors[:, i], len(first))[most] for i in range(3)]
    palette: NDArray[np.float32] = (np.stack(sums, -1) / counts[most, None]).astype(np.float32)
    return palette


def _mixed(levels: Colors, graphic: _Graphic) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return alpha of a part of the picture, and what in it a flat graphic would not have."""
    apart = levels - graphic.ground
    ground = np.abs(apart).max(-1) <= graphic.same
    alpha: NDArray[np.float32] = (~ground).astype(np.float32)
    solid = np.zeros_like(ground)
    for color in graphic.palette:
        solid |= np.abs(levels - color.astype(np.int16)).max(-1) <= graphic.same
    reach = Image.fromarray(ground).convert("L").filter(ImageFilter.MaxFilter(2 * _EDGE + 1))
    near = np.asarray(reach) > 0
    strange = ~(ground | solid | near)
    # A colour of the palette that fills more than a line is no mix.
    edge = np.nonzero(near & ~ground & ~(solid & _broad(levels, graphic.same)))
    if not edge[0].size:
        return alpha, strange
    mixes = apart[edge].astype(np.float32)
    best = np.full(len(mixes), np.inf, np.float32)
    share = np.ones(len(mixes), np.float32)
    rays = graphic.palette - graphic.ground
    # The farthest colour first: of two that explain a mix equally well it counts.
    for ray in rays[np.argsort(-(rays**2).sum(-1))]:
        along = np.clip(mixes @ ray / (ray @ ray), 0, 1)
        miss = np.abs(mixes - along[:, None] * ray).max(-1)
        better = miss < best - graphic.same
        best[better], share[better] = miss[better], along[better]
    share[best > _MISS] = 1
    alpha[edge] = share
    return alpha, strange


def _broad(levels: Colors, same: int) -> NDArray[np.bool_]:
    """Return which pixels have at least three of their four neighbours' colour."""
    equal = np.zeros(levels.shape[:2], np.uint8)
    down = np.abs(levels[1:] - levels[:-1]).max(-1) <= same
    across = np.abs(levels[:, 1:] - levels[:, :-1]).max(-1) <= same
    equal[1:] += down
    equal[:-1] += down
    equal[:, 1:] += across
    equal[:, :-1] += across
    return equal >= 3


def _enclosed(alpha: NDArray[np.float32], matte: Matte) -> NDArray[np.float32]:
    """Fill the parts of the ground's colour that the network takes for certain subject."""
    if not matte.found:
        return alpha
    step = max(1, -(-max(alpha.shape) // _CELLS))
    labels, count = labelled(pooled(alpha, step, np.maximum) == 0)
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    if count == 0:
        return alpha
    doubt = matte.alpha[_places(matte, labels.shape, step)]
    area = np.bincount(labels.ravel(), minlength=count + 1)
    solid = np.bincount(labels.ravel(), doubt.ravel(), minlength=count + 1) > _FILLED * area
    solid &= area > _LEAST_FILLED * np.count_nonzero(labels == 0)
    solid[rim] = False
    solid[0] = False
    for row in np.flatnonzero(solid[labels].any(1)):
        here = np.repeat(solid[labels[row]], step)[: alpha.shape[1]]
        alpha[row * step : (row + 1) * step, here] = 1
    return alpha


def _places(
    matte: Matte, shape: tuple[int, ...], step: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which of the matte's pixels lie under each cell of `step` × `step` pixels."""
    low, span = (matte.box.top, matte.box.left), (matte.box.height, matte.box.width)
    rows, columns = (
        np.clip(
            ((np.arange(shape[i]) + 0.5) * step - low[i]) * matte.alpha.shape[i] / span[i],
            0,
            matte.alpha.shape[i] - 1,
        ).astype(np.intp)
        for i in (0, 1)
    )
    return rows[:, None], columns[None]
