"""Which subjects a matte has: what does not touch, small pieces with what they are near to."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box
from mattekit.grammar import MOST_SUBJECTS
from mattekit.imaging.labels import bounding_box, label
from mattekit.imaging.resize import block_reduce
from mattekit.imaging.samples import opaque

__all__ = ["Subjects", "separate"]

Plane = TypeVar("Plane", bound=NDArray[Any])

#: Subjects are told apart on a copy whose longer side has about this many cells.
_CELLS: Final = 256
#: Pieces below this share of the largest one are no subjects of their own.
_LEAST: Final = 0.02


class Subjects(NamedTuple):
    """The subjects of a matte, numbered from 1, the largest first.

    Attributes
    ----------
    owner : (h, w) ndarray of int
        Whose each cell is, whether there is anything or not.
    firm : (h, w) ndarray of bool
        Cells in which something is at least half opaque.
    number : int
        How many there are.
    box : Box
        What the cells cover; what lies outside belongs to the nearest cell.
    step : int
        Side of a cell in pixels.
    """

    owner: NDArray[np.intp]
    firm: NDArray[np.bool_]
    number: int
    box: Box
    step: int

    def at(self, x: int, y: int) -> int:
        """Return the subject at a pixel, 0 where there is none."""
        if not (self.box.left <= x < self.box.right and self.box.top <= y < self.box.bottom):
            return 0
        row, column = (y - self.box.top) // self.step, (x - self.box.left) // self.step
        return int(self.owner[row, column]) if self.firm[row, column] else 0

    def alone(self, alpha: Plane, chosen: set[int]) -> Plane:
        """Return alpha without all other subjects.

        Each pixel is either as it is or 0, so that the subjects one by one make up the whole.

        Parameters
        ----------
        alpha : (H, W) ndarray
            What `separate` was given.
        chosen : set of int
            The subjects that stay.
        """
        result: Any = np.zeros_like(alpha)
        stays = np.isin(self.owner, sorted(chosen))
        height, width = alpha.shape
        columns = self._cells(np.arange(width), self.box.left, stays.shape[1])
        rows = self._cells(np.arange(height), self.box.top, stays.shape[0])
        for cell in np.flatnonzero(stays.any(axis=1)).tolist():
            first, last = np.searchsorted(rows, [cell, cell + 1]).tolist()
            inside = stays[cell][columns]
            result[first:last, inside] = alpha[first:last, inside]
        alone: Plane = result
        return alone

    def _cells(self, place: NDArray[np.intp], start: int, count: int) -> NDArray[np.intp]:
        return np.clip((place - start) // self.step, 0, count - 1)


def separate(alpha: NDArray[Any]) -> Subjects | None:
    """Tell the subjects of a matte apart.

    Parameters
    ----------
    alpha : (H, W) ndarray of uint8, uint16, or float32 in [0, 1]

    Returns
    -------
    Subjects or None
        None where nothing is at least half opaque.

    Notes
    -----
    Subjects are connected components of what is at least half opaque, on a copy of about 256 cells
    a side of the box of all of it, each cell holding the largest alpha of its block: gaps narrower
    than a cell do not part what belongs together. Those that touch are one. Pieces of less than 2 %
    of the largest, and all soft parts, go with the nearest subject (in city blocks).
    """
    solid = alpha >= opaque(alpha) / 2
    box = bounding_box(solid)
    if box is None:
        return None
    step = max(1, -(-max(box.size) // _CELLS))
    firm = block_reduce(solid[box.slices], step, np.maximum)
    labels, found = label(firm)
    area = np.bincount(labels.ravel(), minlength=found + 1)
    area[0] = 0
    order = np.argsort(-area, kind="stable")[:MOST_SUBJECTS]
    large = order[area[order] >= max(1, _LEAST * area.max())]
    number = np.zeros(found + 1, np.intp)
    number[large] = np.arange(1, len(large) + 1)
    count = len(large)
    if count < found:
        # A piece goes as a whole with the subject that any of it is nearest to.
        near = _nearest(number[labels], count)
        best = np.full(found + 1, np.iinfo(near.dtype).max)
        np.minimum.at(best, labels.ravel(), near.ravel())
        number = np.where(number > 0, number, best % (count + 1))
        number[0] = 0
    owner = _nearest(number[labels], count) % (count + 1)
    return Subjects(owner, firm, count, box, step)


def _nearest(owner: NDArray[np.intp], count: int) -> NDArray[np.int64]:
    """Return for each cell ``distance * (count + 1) + owner`` of the nearest that has one."""
    unit = count + 1
    value = np.where(owner > 0, owner, unit * 4 * sum(owner.shape)).astype(np.int64)
    for axis in (0, 1):
        ramp = np.arange(owner.shape[axis], dtype=np.int64) * unit
        ramp = ramp[:, None] if axis == 0 else ramp
        ahead = np.minimum.accumulate(value - ramp, axis) + ramp
        back = np.flip(np.minimum.accumulate(np.flip(value + ramp, axis), axis), axis) - ramp
        value = np.minimum(ahead, back)
    return value
