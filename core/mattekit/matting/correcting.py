"""Hints: from a matte, and marks that say what is wrong with it, to a better matte.

What marks mean is one function, a `Corrector`: it gets a view of the picture, the last matte and
marks, and answers alpha. All around it is the same for each: boxes are looked at again, points and
strokes are put to it one after the other, of its answers only what is connected with a mark is
taken over, and marks are obeyed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.errors import OptionError
from mattekit.geometry import Box, Size
from mattekit.hints import Hints
from mattekit.imaging.labels import bounding_box
from mattekit.imaging.morphology import diamond_dilation, dilation
from mattekit.imaging.resize import downsample
from mattekit.matting._refine import refine
from mattekit.matting.geodesic import FLOOD
from mattekit.matting.marks import Corrector, drawn
from mattekit.matting.masking import known_levels
from mattekit.matting.matte import Correction, Mask, Matte
from mattekit.matting.replaying import CONTRADICTED, Trail, replay, taken_over
from mattekit.matting.views import Grid, Overview, marked, seen
from mattekit.photo import Photo

__all__ = ["correct", "refined"]

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

#: Difference of alpha from which on something has changed.
_CHANGE: Final = 0.02
#: How far around a change the edges are looked for anew: fully for so many cells, and as many
#: pixels of the old matte, then less and less.
_CORE: Final = 2
_BAND: Final = 3
_FADE: Final = 8


def correct(
    overview: Overview,
    matte: Matte,
    hints: Hints,
    *,
    search: Callable[[Box], Matte],
    corrector: Callable[[], Corrector] = lambda: FLOOD,
    prior: Matte | None = None,
    trail: Trail | None = None,
) -> Matte:
    """Return a matte that does what hints ask for, and is the same far from them.

    The order of points and strokes counts little: see `mattekit.matting.replaying`.

    Parameters
    ----------
    overview : Overview
        The photo.
    matte : Matte
        What is to be corrected.
    hints : Hints
        In this photo.
    search : callable
        Lets a network search for a subject in a part of the photo.
    corrector : callable
        Returns what points and strokes mean; asked where the matte is not right there already.
    prior : Matte, optional
        What the subject is, where that is known better than `matte` says.
    trail : Trail, optional
        What the last correction of this matte did: only what is new since costs time.

    Returns
    -------
    Matte
        With its `correction`.

    Raises
    ------
    OptionError
        Nothing was found in a box that is to be kept.
    """
    last = prior or matte
    grid = Grid.of(last, hints)
    before = grid.sampled(last)
    alpha = before.copy()
    for box in hints.keep.boxes:
        np.maximum(alpha, _found_in(box, search, grid), out=alpha)
    keep, remove = marked(hints, grid.box, grid.size)
    if (keep & (alpha < 1 - CONTRADICTED)).any() or (remove & (alpha > CONTRADICTED)).any():
        chosen = corrector()
        if chosen is FLOOD:
            view = seen(overview, grid, grid.box, alpha, hints, FLOOD.size)
            answered = alpha.copy()
            grid.put(answered, FLOOD.answer(view), grid.box)
            alpha = taken_over(alpha, answered, keep, remove)
        else:
            alpha = replay(overview, grid, alpha, hints, chosen, trail or Trail())
    # What a corrector answers is not written to: the trail remembers it.
    alpha = alpha.copy()
    changed = np.abs(alpha - before) > _CHANGE
    for box in hints.remove.boxes:
        inside = grid.cells(box).slices
        changed[inside] |= before[inside] > 0
        alpha[inside] = 0
    # Of a disk only its point was really marked.
    kept, removed = (drawn(each, grid.box, grid.size)[0] for each in (hints.keep, hints.remove))
    alpha[removed], alpha[kept] = 0, 1
    changed |= kept | removed
    # The edge of the old matte was looked for so far around it.
    old = matte.box.width / matte.size.width * grid.scale[0]
    core = _CORE + math.ceil(_BAND * max(1.0, old))
    return dataclasses.replace(
        matte,
        alpha=alpha,
        box=grid.box,
        guide=overview.guide(grid),
        found=bool((alpha > 0.5).any()),
        mask=None,
        confidence=None,
        correction=Correction(matte, hints, _weight(changed, core)),
    )


def refined(overview: Overview, matte: Matte) -> Matte:
    """Return a matte with its edges where the picture has them, at the size of correcting.

    That is what people see and say something about; a network's matte may be wrong by some of its
    pixels everywhere.
    """
    size = Grid.over(matte.box).size
    if not matte.found or matte.box.empty:
        return matte
    color = overview.part(matte.box, size)
    whole, roi = size.box, matte.roi.intersection(matte.box)
    fx, fy = size.width / matte.box.width, size.height / matte.box.height
    inside = roi.moved(-matte.box.left, -matte.box.top)
    mask = matte.mask
    if mask is not None:
        mask = Mask(downsample(mask.levels, matte.box, size), mask.trimap)
        known = known_levels(mask)
        if mask.trimap and not ((known == 0).any() and (known == 255).any()):
            return matte
    small = dataclasses.replace(
        matte,
        box=whole,
        roi=Box.covering(
            inside.left * fx, inside.top * fy, inside.right * fx, inside.bottom * fy
        ).intersection(whole),
        guide=downsample(color, whole, matte.size),
        mask=mask,
    )
    return dataclasses.replace(matte, alpha=refine(Photo(color), small))


def _found_in(box: Box, search: Callable[[Box], Matte], grid: Grid) -> Floats:
    """Return what a network finds in a box, on the grid."""
    result = grid.sampled(search(box))
    if not (result > 0.5).any():
        corners = " ".join(f"{edge}px" for edge in box)
        grammar = "a box that holds a subject"
        raise OptionError("keep", corners, grammar, "nothing was found in it; draw a stroke")
    return result


def _weight(changed: Bools, core: int) -> Floats:
    """Return how much of a change is to be seen: all within `core` cells, and less and less."""
    result = changed.astype(np.float32)
    extent = bounding_box(changed)
    if extent is None:
        return result
    size = Size(changed.shape[1], changed.shape[0])
    there = extent.padded(*[core + _FADE] * 4).intersection(size.box).slices
    near, reached = result[there], changed[there]
    for step in range(1, core + _FADE):
        # Squares and diamonds in turn grow an octagon.
        further = dilation(reached, 1) if step % 2 else diamond_dilation(reached, 1)
        share = min(1.0, 1 - (step - core) / _FADE)
        near[further & ~reached] = np.float32(share)
        reached = further
    return result
