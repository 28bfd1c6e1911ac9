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

from mattekit.errors import OptionError
from mattekit.geometry import Box, Size
from mattekit.hints import Hints, Marked, coverage
from mattekit.imaging.labels import label
from mattekit.imaging.morphology import diamond_dilation, dilation
from mattekit.imaging.resize import downsample
from mattekit.matting.geodesic import flood
from mattekit.matting.marks import Corrector, View
from mattekit.matting.matte import Correction, Matte
from mattekit.matting.planes import as_planes
from mattekit.matting.rescaling import overlay
from mattekit.photo import Photo

__all__ = ["correct"]

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: Longer side of the grid on which a matte is corrected.
_LONGEST: Final = 384
#: Radius of a point's disk, as a share of the longer side.
_RADIUS: Final = 5 / 256
#: Differences of alpha that count as a change.
_CHANGE: Final = 0.02
#: How far from a mark a change may begin that is taken over, in cells of the grid.
_NEAR: Final = 3
#: How far around a change the edges are looked for anew: fully for so many cells, and as many
#: pixels of the old matte, then less and less.
_CORE: Final = 2
_BAND: Final = 3
_FADE: Final = 8


def correct(
    photo: Photo,
    matte: Matte,
    hints: Hints,
    *,
    search: Callable[[Box], Matte],
    corrector: Corrector = flood,
) -> Matte:
    """Return a matte that does what hints ask for, and is the same far from them.

    The result depends on which hints there are, not on their order.

    Parameters
    ----------
    photo : Photo
    matte : Matte
        What is to be corrected.
    hints : Hints
        In this photo.
    search : callable
        Lets a network search for a subject in a part of the photo.
    corrector : Corrector
        What points and strokes mean.

    Returns
    -------
    Matte
        With its `correction`.

    Raises
    ------
    OptionError
        Nothing was found in a box that is to be kept.
    """
    grid = _Grid.of(photo, matte, hints)
    before = np.zeros((grid.size.height, grid.size.width), np.float32)
    if matte.found:
        part, cells = overlay(matte.alpha, matte.box, grid.box, grid.size)
        before[cells.slices] = np.clip(part, 0, 1)
    alpha = before.copy()
    for box in hints.keep.boxes:
        np.maximum(alpha, _found_in(box, search, grid), out=alpha)
    marks = grid.marks(hints.keep), grid.marks(hints.remove)
    disks = grid.disks(hints.keep), grid.disks(hints.remove)
    # A disk says less than what was really marked.
    keep = (disks[0] & ~marks[1] & ~disks[1]) | marks[0]
    remove = (disks[1] & ~marks[0] & ~disks[0]) | (marks[1] & ~marks[0])
    if keep.any() or remove.any():
        image = as_planes(grid.guide)
        answer = corrector(View(image, alpha, keep, remove))
        alpha = _taken_over(alpha, answer, keep | remove)
    for box in hints.remove.boxes:
        alpha[grid.cells(box).slices] = 0
    alpha[keep], alpha[remove] = 1, 0
    changed = np.abs(alpha - before) > _CHANGE
    changed |= keep | remove
    for box in hints.remove.boxes:
        changed[grid.cells(box).slices] |= before[grid.cells(box).slices] > 0
    # The edge of the old matte was looked for so far around it.
    old = matte.box.width / matte.alpha.shape[1] * grid.scale[0]
    core = _CORE + math.ceil(_BAND * max(1.0, old))
    return dataclasses.replace(
        matte,
        alpha=alpha,
        box=grid.box,
        guide=grid.guide,
        found=bool((alpha > 0.5).any()),
        mask=None,
        correction=Correction(matte, hints, _weight(changed, core)),
    )


class _Grid(NamedTuple):
    """The cells of a part of a photo in which a matte is corrected."""

    box: Box
    size: Size
    guide: NDArray[np.uint8]

    @classmethod
    def of(cls, photo: Photo, matte: Matte, hints: Hints) -> _Grid:
        """Return a grid over the matte, or over all of the roi where marks lie beyond."""
        box = matte.box
        marks = hints.box
        if marks.intersection(matte.roi).intersection(box) != marks.intersection(matte.roi):
            box = box.union(matte.roi)
        size = box.size.scaled(min(1.0, _LONGEST / max(box.size)))
        return cls(box, size, downsample(photo.color, box, size))

    @property
    def scale(self) -> tuple[float, float]:
        return self.size.width / self.box.width, self.size.height / self.box.height

    def cells(self, box: Box) -> Box:
        """Return the cells that a box of the photo touches."""
        box = box.intersection(self.box).moved(-self.box.left, -self.box.top)
        fx, fy = self.scale
        covered = Box.covering(box.left * fx, box.top * fy, box.right * fx, box.bottom * fy)
        return covered.intersection(self.size.box)

    def marks(self, marked: Marked) -> Mask:
        """Return the cells in which something was marked."""
        cells = np.zeros((self.size.height, self.size.width), np.bool_)
        if marked.strokes is not None:
            cells |= coverage(marked.strokes, self.box, self.size) > 0
        for x, y in self._cells_of(marked):
            cells[y, x] = True
        return cells

    def disks(self, marked: Marked) -> Mask:
        """Return points as disks."""
        radius = _RADIUS * max(self.size)
        cells = np.zeros((self.size.height, self.size.width), np.bool_)
        reach = int(radius)
        dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        disk = dx * dx + dy * dy <= radius * radius
        for x, y in self._cells_of(marked):
            part = Box(x - reach, y - reach, x + reach + 1, y + reach + 1)
            inside = part.intersection(self.size.box)
            cells[inside.slices] |= disk[inside.moved(-part.left, -part.top).slices]
        return cells

    def _cells_of(self, marked: Marked) -> list[tuple[int, int]]:
        fx, fy = self.scale
        return [
            (
                min(int((x - self.box.left + 0.5) * fx), self.size.width - 1),
                min(int((y - self.box.top + 0.5) * fy), self.size.height - 1),
            )
            for x, y in marked.points
            if self.box.left <= x < self.box.right and self.box.top <= y < self.box.bottom
        ]


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


def _taken_over(alpha: Floats, answer: Floats, marks: Mask) -> Floats:
    """Return alpha with those changes of an answer that are connected with a mark."""
    changed = np.abs(answer - alpha) > _CHANGE
    labels, _ = label(changed)
    wanted = np.unique(labels[diamond_dilation(marks, _NEAR)])
    near = np.isin(labels, wanted[wanted > 0])
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
