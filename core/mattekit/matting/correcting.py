"""Hints: from a matte, and marks that say what is wrong with it, to a better matte.

What marks mean is one function, a `Corrector`: it gets a view of the picture, the last matte and
the marks, and answers alpha. All around it is the same for each: boxes are looked at again, of the
answer only what is connected with a mark is taken over, and marks are obeyed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mattekit.errors import OptionError
from mattekit.geometry import Box, Size
from mattekit.hints import Hints
from mattekit.imaging.labels import bounding_box, label
from mattekit.imaging.morphology import diamond_dilation, dilation
from mattekit.imaging.resize import block_mean
from mattekit.imaging.samples import eight_bits
from mattekit.matting.geodesic import FLOOD
from mattekit.matting.marks import Corrector, View, drawn, unheeded
from mattekit.matting.matte import Correction, Matte
from mattekit.matting.rescaling import overlay
from mattekit.photo import Photo

__all__ = ["Overview", "correct"]

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: Longer side, at most, of the picture that correctors see parts of.
_OVERVIEW: Final = 1536
#: Longer side of the grid on which a matte is corrected, and of views of any size.
_GRID: Final = 384
_VIEW: Final = 224
#: What a view shows on each side of the subject's box, as a share of that; and where the corrected
#: subject's view is smaller than the second share of the first one, it is looked at again.
_CONTEXT: Final = 0.25
_TIGHT: Final = 0.6
#: Differences of alpha that are a change, and that belong to one that they touch.
_FLIP: Final = 0.3
_CHANGE: Final = 0.02
#: How far from a mark a change may begin that is taken over, and how far its soft edge reaches, in
#: cells of the grid.
_NEAR: Final = 3
_RIM: Final = 4
#: How far around a change the edges are looked for anew: fully for so many cells, and as many
#: pixels of the old matte, then less and less.
_CORE: Final = 2
_BAND: Final = 3
_FADE: Final = 8


class Overview(NamedTuple):
    """A photo as correctors see it: small, so that no correction waits for a large picture.

    Attributes
    ----------
    size : Size
        Of the photo.
    color : (h, w, 3) ndarray of uint8
        Means over blocks of the photo.
    factor : int
        Side of these blocks.
    """

    size: Size
    color: NDArray[np.uint8]
    factor: int

    @classmethod
    def of(cls, photo: Photo) -> Overview:
        """Return the overview of a photo."""
        factor = math.ceil(max(photo.size) / _OVERVIEW)
        color = eight_bits(photo.color) if factor == 1 else block_mean(photo.color, factor)
        return cls(photo.size, color, factor)

    def part(self, box: Box, size: Size) -> NDArray[np.uint8]:
        """Return a part of the photo, resampled to a size."""
        edges = tuple(edge / self.factor for edge in box)
        left, top = int(edges[0]), int(edges[1])
        right = min(math.ceil(edges[2]), self.color.shape[1])
        bottom = min(math.ceil(edges[3]), self.color.shape[0])
        # Pillow copies what it is given.
        image = Image.fromarray(np.ascontiguousarray(self.color[top:bottom, left:right]))
        source = (edges[0] - left, edges[1] - top, edges[2] - left, edges[3] - top)
        return np.asarray(image.resize(size, Image.Resampling.BILINEAR, box=source))


def correct(
    overview: Overview,
    matte: Matte,
    hints: Hints,
    *,
    search: Callable[[Box], Matte],
    corrector: Callable[[], Corrector] = lambda: FLOOD,
    prior: Matte | None = None,
) -> Matte:
    """Return a matte that does what hints ask for, and is the same far from them.

    The result depends on which hints there are, not on their order.

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
    grid = _Grid.of(last, hints)
    before = np.zeros((grid.size.height, grid.size.width), np.float32)
    if last.found:
        part, cells = overlay(last.alpha, last.box, grid.box, grid.size)
        before[cells.slices] = np.clip(part, 0, 1)
    alpha = before.copy()
    for box in hints.keep.boxes:
        np.maximum(alpha, _found_in(box, search, grid), out=alpha)
    keep, remove = _marks(hints, grid.box, grid.size)
    if (keep & (alpha < 1 - _FLIP)).any() or (remove & (alpha > _FLIP)).any():
        chosen = corrector()
        alpha = _corrected(overview, grid, alpha, hints, chosen)
        missed = unheeded(keep, alpha, 1).any() or unheeded(remove, alpha, 0).any()
        if missed and chosen is not FLOOD:
            alpha = _corrected(overview, grid, alpha, hints, FLOOD)
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
    old = last.box.width / last.alpha.shape[1] * grid.scale[0]
    core = _CORE + math.ceil(_BAND * max(1.0, old))
    return dataclasses.replace(
        matte,
        alpha=alpha,
        box=grid.box,
        guide=overview.part(grid.box, grid.size),
        found=bool((alpha > 0.5).any()),
        mask=None,
        correction=Correction(matte, hints, _weight(changed, core)),
    )


class _Grid(NamedTuple):
    """The cells of a part of a photo in which a matte is corrected."""

    box: Box
    size: Size

    @classmethod
    def of(cls, matte: Matte, hints: Hints) -> _Grid:
        """Return a grid over the matte, or over all of the roi where marks lie beyond."""
        box, marks = matte.box, hints.box.intersection(matte.roi)
        if marks.intersection(box) != marks:
            box = box.union(matte.roi)
        return cls(box, box.size.scaled(min(1.0, _GRID / max(box.size))))

    @property
    def scale(self) -> tuple[float, float]:
        """Cells per pixel."""
        return self.size.width / self.box.width, self.size.height / self.box.height

    def cells(self, box: Box) -> Box:
        """Return the cells that a box of the photo touches."""
        box = box.intersection(self.box).moved(-self.box.left, -self.box.top)
        fx, fy = self.scale
        covered = Box.covering(box.left * fx, box.top * fy, box.right * fx, box.bottom * fy)
        return covered.intersection(self.size.box)

    def pixels(self, cells: Box) -> Box:
        """Return the box of the photo that cells cover."""
        fx, fy = self.scale
        edges = cells.left / fx, cells.top / fy, cells.right / fx, cells.bottom / fy
        box = Box.covering(*edges).moved(self.box.left, self.box.top)
        return box.intersection(self.box)


def _marks(hints: Hints, box: Box, size: Size) -> tuple[Mask, Mask]:
    """Return what is marked in a view, no pixel for both."""
    keep, kept_disks = drawn(hints.keep, box, size)
    remove, removed_disks = drawn(hints.remove, box, size)
    # A disk says less than what was really marked.
    return (
        (kept_disks & ~removed_disks) | keep,
        (removed_disks & ~kept_disks & ~keep) | (remove & ~keep),
    )


def _found_in(box: Box, search: Callable[[Box], Matte], grid: _Grid) -> Floats:
    """Return what a network finds in a box, on the grid."""
    found = search(box)
    result = np.zeros((grid.size.height, grid.size.width), np.float32)
    if found.found:
        part, cells = overlay(found.alpha, found.box, grid.box, grid.size)
        result[cells.slices] = np.clip(part, 0, 1)
    if not (result > 0.5).any():
        corners = " ".join(f"{edge}px" for edge in box)
        grammar = "a box that holds a subject"
        raise OptionError("keep", corners, grammar, "nothing was found in it; draw a stroke")
    return result


def _corrected(
    overview: Overview, grid: _Grid, alpha: Floats, hints: Hints, corrector: Corrector
) -> Floats:
    """Return alpha as a corrector wants it where marks are."""
    whole = corrector.size is None
    box = grid.box if whole else _view_of(alpha, hints, grid)
    result = _taken_over(alpha, _answer(overview, grid, box, alpha, hints, corrector), hints, grid)
    closer = _view_of(result, hints, grid)
    if whole or closer.size.area > _TIGHT * box.size.area:
        return result
    answer = _answer(overview, grid, closer, result, hints, corrector)
    return _taken_over(alpha, answer, hints, grid)


def _view_of(alpha: Floats, hints: Hints, grid: _Grid) -> Box:
    """Return the subject and what is to be kept, with context; everything where there is none."""
    subject = bounding_box(alpha > 0.5)
    if subject is None:
        return grid.box
    box = Box.around([grid.pixels(subject), *hints.keep.extents()])
    dx, dy = round(box.width * _CONTEXT), round(box.height * _CONTEXT)
    return box.padded(dx, dy, dx, dy).intersection(grid.box)


def _answer(
    overview: Overview, grid: _Grid, box: Box, alpha: Floats, hints: Hints, corrector: Corrector
) -> Floats:
    """Return alpha with what a corrector makes of one view."""
    size = corrector.size or box.size.scaled(min(1.0, _VIEW / max(box.size)))
    image = overview.part(box, size)
    last = np.zeros((size.height, size.width), np.float32)
    part, cells = overlay(alpha, grid.box, box, size)
    last[cells.slices] = np.clip(part, 0, 1)
    answer = corrector.answer(View(image, last, *_marks(hints, box, size)))
    result = alpha.copy()
    part, cells = overlay(answer, box, grid.box, grid.size)
    result[cells.slices] = np.clip(part, 0, 1)
    return result


def _taken_over(alpha: Floats, answer: Floats, hints: Hints, grid: _Grid) -> Floats:
    """Return alpha with those changes of an answer that are connected with a mark."""
    marks = np.logical_or(*_marks(hints, grid.box, grid.size))
    labels, _ = label(np.abs(answer - alpha) > _FLIP)
    wanted = np.unique(labels[diamond_dilation(marks, _NEAR)])
    near = dilation(np.isin(labels, wanted[wanted > 0]), _RIM)
    return np.where(near, answer, alpha)


def _weight(changed: Mask, core: int) -> Floats:
    """Return how much of a change is to be seen: all within `core` cells, and less and less."""
    result = changed.astype(np.float32)
    reached = changed
    for step in range(1, core + _FADE):
        # Squares and diamonds in turn grow an octagon.
        further = dilation(reached, 1) if step % 2 else diamond_dilation(reached, 1)
        share = min(1.0, 1 - (step - core) / _FADE)
        result[further & ~reached] = np.float32(share)
        reached = further
    return result
