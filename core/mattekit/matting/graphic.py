"""Flat graphics on a plain ground: logos, icons, lettering, diagrams.

A network that sees a few hundred pixels blurs lettering and closes its counters. On a ground of one
colour nothing has to be guessed: what is not of that colour is the subject, and a pixel of its edge
is a mix of the ground and of a colour of the palette, so that alpha is a ratio (the compositing
equation of Porter and Duff, doi:10.1145/800031.808606, solved for alpha).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.formats import is_lossy
from mattekit.geometry import Box
from mattekit.imaging.labels import bounding_box
from mattekit.imaging.morphology import dilation
from mattekit.imaging.samples import Pixels, eight_bits
from mattekit.matting.enclosed import enclosed_ground
from mattekit.matting.matte import Matte
from mattekit.matting.tiling import pad_box, tiles
from mattekit.photo import Photo
from mattekit.threads import for_each

__all__ = ["color_key"]

Colors = NDArray[np.int16]

#: Levels (of 255) by which one colour may vary, in files without loss and in the others, and how
#: much of the frame and how many of the corners must be of one colour: a badge may touch the frame.
_SAME: Final = 5
_SAME_LOSSY: Final = 16
_FRAME: Final = 0.7
_CORNERS: Final = 3
#: Levels from the ground up to which there is nothing but edges where the ground is really flat.
_GAP: Final = 27
_GAP_SHARE: Final = 0.12
#: How many inks may be paler than that, and how much of what is pale they must make up.
_PALE_INKS: Final = 2
_PALE_SHARE: Final = 0.7
#: What of a graphic consists of its most frequent colours, and how many may those be.
_FLAT: Final = 0.8
_PALETTE: Final = 12
#: Neighbours of one colour, as a share of all neighbours inside the subject.
_EVEN: Final = 0.3
#: What may be neither of a colour of the palette nor beside one, as a share of the subject.
_STRANGE: Final = 0.05
#: How much of the picture must be ground, and how much subject.
_LEAST_GROUND: Final = 0.1
_LEAST_SUBJECT: Final = 0.0005
#: How far edges reach from the ground, in pixels.
_EDGE: Final = 2
#: How far a part reaches beyond its last pixel of one colour, at its tips.
_TIP: Final = 4
#: How far the ink of a thin line is looked for where none of its pixels is full.
_AROUND: Final = 6
#: What is nearer to the ground than this share of the way to any ink is a gap's, or an edge's.
_FAINT: Final = 0.4
#: Levels by which a mix may miss the line between its two colours.
_MISS: Final = 20.0
#: Up to how many pixels from the ground everything lies where lines are thin, all but a few of
#: them, and how many inks may have drawn them.
_THIN: Final = 3
_THIN_SHARE: Final = 0.98
_THIN_INKS: Final = 4
#: Multiples of what one colour may vary, up to which no ink is looked for in a pixel of any hue.
_RINGING: Final = 3
#: Ink that a pixel of the ground may seem to have in a lossy file.
_NOISE: Final = 0.2
#: Samples on which a picture is judged.
_SAMPLES: Final = 1 << 18
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


def color_key(photo: Photo, matte: Matte, *, enclosed: str = "auto") -> NDArray[np.float32] | None:
    """Return the alpha of a flat graphic on a ground of one colour.

    Photographs hardly ever get beyond the first question, whether the picture's frame has one
    colour, which costs next to nothing.

    Parameters
    ----------
    photo : Photo
    matte : Matte
        Says by its `roi` where the subject may be.
    enclosed : {"auto", "keep", "remove"}
        What becomes of the ground's color where the subject encloses it; see `enclosed_ground`.

    Returns
    -------
    (H, W) ndarray of float32 in [0, 1], or None
        0 outside `matte.roi`. None for photographs, for drawings with shades, and for pictures
        with transparency.
    """
    graphic = _recognized(photo)
    if graphic is None:
        return None
    height, width = photo.color.shape[:2]
    whole = Box(0, 0, width, height)
    alpha = np.zeros((height, width), np.float32)
    counts: list[tuple[int, int]] = []

    def key(tile: Box) -> None:
        around = pad_box(tile, _AROUND + 1, whole)
        planes = _planes(photo.color[around.slices])
        # Nothing comes of ground alone.
        drawn = bounding_box(_apart(planes, graphic.ground) > graphic.same)
        if drawn is None:
            return
        part = pad_box(drawn, _AROUND + 1, around.size.box)
        mixed, odd = _mixed(planes[(slice(None), *part.slices)], graphic)
        counts.append((int(np.count_nonzero(odd)), int(np.count_nonzero(mixed))))
        left, top = around.left + part.left, around.top + part.top
        here = part.moved(around.left, around.top).intersection(tile)
        if not here.empty:
            alpha[here.slices] = mixed[here.moved(-left, -top).slices]

    for_each(key, list(tiles(whole, _TILE)))
    strange, subject = np.sum([(0, 0), *counts], axis=0)
    if strange > _STRANGE * subject:
        return None
    # Loss moves colors by more than anything that could be told from them.
    lossy = is_lossy(photo.format)
    ground = alpha <= _NOISE if lossy else alpha == 0
    belongs = enclosed_ground(ground, enclosed, None if lossy else photo.color)
    if belongs is not None:
        _join(alpha, ground, belongs)
    inside = whole.intersection(matte.roi)
    if inside != whole:
        kept = alpha[inside.slices].copy()
        alpha[:] = 0
        alpha[inside.slices] = kept
    return alpha


def _recognized(photo: Photo) -> _Graphic | None:
    """Judge samples of a picture."""
    color = photo.color
    if photo.alpha is not None or min(color.shape[:2]) < 8:
        return None
    same = _SAME_LOSSY if is_lossy(photo.format) else _SAME
    corners = _levels(color[:: color.shape[0] - 1, :: color.shape[1] - 1])
    # What is of one colour with the ground is within twice that of each other: most photographs end
    # here.
    flat = corners.reshape(-1, 3)
    if (_distance(flat[:, None] - flat) <= 2 * same).sum(0).max() < _CORNERS:
        return None
    frame = np.concatenate(
        [_levels(part) for part in (color[0], color[-1], color[:, 0], color[:, -1])]
    )
    ground = np.median(frame, axis=0).astype(np.int16)
    if (_distance(frame - ground) <= same).mean() < _FRAME:
        return None
    if (_distance(corners - ground) <= same).sum() < _CORNERS:
        return None
    step = max(1, round((color.shape[0] * color.shape[1] / _SAMPLES) ** 0.5))
    here, beside, below = (
        _levels(part[::step, ::step]) for part in (color[:-1, :-1], color[:-1, 1:], color[1:, :-1])
    )
    distance = _distance(here - ground)
    subject = distance > same
    if not _LEAST_SUBJECT <= subject.mean() <= 1 - _LEAST_GROUND:
        return None
    # Small lettering and fine lines are all edge.
    if _is_thin(color, ground, same, step):
        inks = _thin_inks(here[subject] - ground)
        return None if inks is None else _Graphic(ground, inks + ground, same)
    # A shadow or a gradient on the ground would show here.
    if _pale(here[subject & (distance <= same + _GAP)], same) > _GAP_SHARE * subject.sum():
        return None
    inside = subject & (_distance(beside - ground) > same)
    even = inside & (_distance(here - beside) <= same // 2)
    if even.sum() < _EVEN * inside.sum():
        return None
    # Edges that run along the rows are as even as areas are.
    area = even & (_distance(here - below) <= same // 2)
    palette = _palette(here[area])
    return None if palette is None else _Graphic(ground, palette, same)


def _is_thin(color: Pixels, ground: Colors, same: int, step: int) -> bool:
    """Return whether all but a few pixels of the subject are near the ground, as in lines."""
    far = 2 * _THIN
    height, width = color.shape[:2]
    if min(height, width) <= far:
        return False

    def part(down: int, right: int) -> NDArray[np.bool_]:
        seen = color[down : height - far + down : step, right : width - far + right : step]
        return _distance(_levels(seen) - ground) <= same

    subject = ~part(_THIN, _THIN)
    thick = subject.copy()
    for near in range(far + 1):
        thick &= ~part(near, _THIN) & ~part(_THIN, near)
    return bool(thick.sum() <= (1 - _THIN_SHARE) * subject.sum())


def _thin_inks(apart: Colors) -> NDArray[np.float32] | None:
    """Return the few inks that, mixed with the ground, make all colors of thin lines.

    Parameters
    ----------
    apart : (n, 3) ndarray of int16
        Colors less the ground's.
    """
    rest = apart.astype(np.float32)
    total = len(rest)
    inks: list[NDArray[np.float32]] = []
    while len(inks) < _THIN_INKS:
        length = _distance(rest)
        # The strongest colors, less what one stray pixel may be.
        strong = rest[length >= np.quantile(length, 0.98)]
        ray = np.median(strong, axis=0)
        inks.append(ray.astype(np.float32))
        along = np.clip(rest @ ray / (ray @ ray), 0, 1)
        rest = rest[_distance(rest - along[:, None] * ray) > _MISS]
        if len(rest) <= _STRANGE * total:
            return np.stack(inks)
    return None


def _pale(colors: Colors, same: int) -> int:
    """Return how many of some colours near the ground's are of no pale ink.

    An ink has one colour; a shadow, which has all that lie between, makes all of them count.
    """
    if not len(colors):
        return 0
    values, counts = np.unique(colors, axis=0, return_counts=True)
    inks = np.zeros(len(colors), bool)
    for ink in values[np.argsort(-counts, kind="stable")[:_PALE_INKS]]:
        inks |= _distance(colors - ink) <= same // 4
    return len(colors) - int(inks.sum()) if inks.mean() > _PALE_SHARE else len(colors)


def _distance(apart: NDArray[Any]) -> NDArray[Any]:
    """Return the largest channel of each difference of two colours; far faster than a reduction."""
    size = np.abs(apart)
    most: NDArray[Any] = np.maximum(np.maximum(size[..., 0], size[..., 1]), size[..., 2])
    return most


def _levels(color: Pixels) -> Colors:
    """Return colours in 8-bit levels, with a sign."""
    return eight_bits(color).astype(np.int16)


def _planes(color: Pixels) -> Colors:
    """Return the same as ``(3, h, w)``, plane after plane: compared in a third of the time."""
    return np.ascontiguousarray(eight_bits(color).transpose(2, 0, 1), np.int16)


def _apart(planes: Colors, other: NDArray[Any]) -> Colors:
    """Return the largest channel of each difference from one colour, or from as many planes."""
    most: Colors = np.abs(planes[0] - other[0])
    for plane, level in zip(planes[1:], other[1:], strict=True):
        np.maximum(most, np.abs(plane - level), out=most)
    return most


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


def _mixed(planes: Colors, graphic: _Graphic) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return alpha of a part of the picture, and what in it a flat graphic would not have."""
    away = _apart(planes, graphic.ground)
    ground = away <= graphic.same
    alpha: NDArray[np.float32] = (~ground).astype(np.float32)
    of = [_apart(planes, color.astype(np.int16)) <= graphic.same for color in graphic.palette]
    solid = np.logical_or.reduce(of)
    rays = graphic.palette - graphic.ground
    # A gap of less than a pixel has no ground in it, but pixels that are nearly that.
    faint = ~solid & (away < _FAINT * _distance(rays).min())
    near = dilation(ground | faint, _EDGE)
    # Beside one colour lies small lettering, a line, an edge between two colours: no shade.
    strange = ~(ground | near | dilation(solid, _EDGE))
    alike = _alike(planes, graphic.same)
    # A colour of the palette that fills more than a line is no mix.
    edge = np.nonzero(near & ~ground & ~(solid & (alike >= 3)))
    if not edge[0].size:
        return alpha, strange
    # The farthest colour first: of two that explain a mix equally well it counts.
    order = np.argsort(-(rays**2).sum(-1))
    # Another line's ink, far from here, explains nothing: grey lettering is no thinned black.
    beside, around = (
        np.stack([dilation(of[k] & (alike >= least), reach)[edge] for k in order])
        for least, reach in ((2, _EDGE), (0, _AROUND))
    )
    mixes = (planes[:, edge[0], edge[1]].T - graphic.ground).astype(np.float32)
    share, miss = _explained(mixes, rays[order], beside, graphic.same)
    for wider in (around, np.ones_like(around)):
        again = miss > _MISS
        if again.any():
            share[again], miss[again] = _explained(
                mixes[again], rays[order], wider[:, again], graphic.same
            )
    # Ringing of a lossy file has any hue, but not much of it.
    share[(miss > _MISS) & (_distance(mixes) > _RINGING * graphic.same)] = 1
    alpha[edge] = share
    return alpha, strange


def _explained(
    mixes: NDArray[np.float32],
    rays: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    same: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how much ink is in each mix, and by how much the best of the allowed inks misses."""
    best = np.full(len(mixes), np.inf, np.float32)
    share = np.ones(len(mixes), np.float32)
    for ray, here in zip(rays, allowed, strict=True):
        # Not as a matrix product, whose rounding depends on how many there are.
        along = mixes[:, 0] * ray[0] + mixes[:, 1] * ray[1] + mixes[:, 2] * ray[2]
        along = np.clip(along / (ray @ ray), 0, 1)
        miss = _distance(mixes - along[:, None] * ray)
        better = here & (miss < best - same)
        best[better], share[better] = miss[better], along[better]
    return share, best


def _join(
    alpha: NDArray[np.float32], ground: NDArray[np.bool_], belongs: NDArray[np.bool_]
) -> None:
    """Make opaque what belongs to the graphic, and its edges' share in each mixed pixel.

    What of a mixed pixel is no ink is the graphic's own white on one side of a line and the ground
    on the other: whichever is nearer counts, and both where a line is one pixel wide.
    """
    height, width = alpha.shape
    whole = Box(0, 0, width, height)
    changes = []
    for tile in tiles(whole, _TILE):
        around = pad_box(tile, _TIP, whole)
        inner = belongs[around.slices]
        if not inner.any():
            continue
        mixed = alpha[around.slices]
        outer = ground[around.slices] & ~inner
        part = np.zeros(mixed.shape, np.float32)
        for reach in range(_TIP, 0, -1):
            ours, theirs = _counted(inner, reach), _counted(outer, reach)
            near = ours + theirs > 0
            part[near] = ours[near] / (ours + theirs)[near].astype(np.float32)
        part[inner] = 1
        part[outer] = 0
        here = tile.moved(-around.left, -around.top).slices
        changes.append((tile, (mixed + (1 - mixed) * part)[here]))
    for tile, filled in changes:
        alpha[tile.slices] = filled


def _counted(mask: NDArray[np.bool_], reach: int) -> NDArray[np.uint8]:
    """Return how much of a mask is within a distance of each pixel, along rows and columns."""
    counts = np.pad(mask, reach).astype(np.uint8)
    height, width = mask.shape
    rows = np.zeros((height, width + 2 * reach), np.uint8)
    total = np.zeros(mask.shape, np.uint8)
    for k in range(2 * reach + 1):
        rows += counts[k : k + height]
    for k in range(2 * reach + 1):
        total += rows[:, k : k + width]
    return total


def _alike(planes: Colors, same: int) -> NDArray[np.uint8]:
    """Return how many of its four neighbours have each pixel's colour."""
    equal = np.zeros(planes.shape[1:], np.uint8)
    down = _apart(planes[:, 1:], planes[:, :-1]) <= same
    across = _apart(planes[:, :, 1:], planes[:, :, :-1]) <= same
    equal[1:] += down
    equal[:-1] += down
    equal[:, 1:] += across
    equal[:, :-1] += across
    return equal
