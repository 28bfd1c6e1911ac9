"""Connected components of masks, and where they lie."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box
from mattekit.tasks import checkpoint

__all__ = ["Components", "at_border", "bounding_box", "components", "label", "runs"]


@dataclasses.dataclass(frozen=True)
class Components:
    """The connected components of a mask as runs of its rows, in the order of reading.

    Runs are half-open. A mask of a few shapes has few of them, however large it is.

    Attributes
    ----------
    row, start, end : (n,) ndarray of int
        Where each run is.
    label : (n,) ndarray of int
        Its component, 1 to `count`.
    count : int
    width : int
        Of the mask.
    """

    row: NDArray[np.intp]
    start: NDArray[np.intp]
    end: NDArray[np.intp]
    label: NDArray[np.intp]
    count: int
    width: int

    def painted(self, chosen: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Return the mask of some components, chosen by their labels."""
        mask = np.zeros(shape, bool)
        here = chosen[self.label]
        runs_here = (part[here].tolist() for part in (self.row, self.start, self.end))
        for row, start, end in zip(*runs_here, strict=True):
            mask[row, start:end] = True
        return mask

    def sums(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Return by label the sum of a plane of the mask's shape; label 0 has none."""
        flat = np.ascontiguousarray(plane).ravel()
        exact = np.float64 if plane.dtype.kind == "f" else np.intp
        if not len(self.row):
            return np.zeros(self.count + 1, exact)
        ends = np.stack([self.start, self.end], axis=1) + (self.row * self.width)[:, None]
        # What lies between two runs is summed as well, and left out. The last run may be the end.
        bounds = ends.ravel()[: -1 if ends[-1, 1] == flat.size else None]
        each = np.add.reduceat(flat, bounds, dtype=exact)[::2]
        total = np.zeros(self.count + 1, exact)
        np.add.at(total, self.label, each)
        return total

    def areas(self) -> NDArray[np.float64]:
        """Return by label how many pixels each component has; label 0 has none."""
        each = np.bincount(self.label, self.end - self.start, self.count + 1)
        return np.asarray(each, np.float64)

    def at_border(self, height: int) -> NDArray[np.bool_]:
        """Return by label which components touch the border of the mask; label 0 does."""
        touches = (self.row == 0) | (self.row == height - 1)
        touches |= (self.start == 0) | (self.end == self.width)
        border = np.zeros(self.count + 1, bool)
        border[0] = True
        border[self.label[touches]] = True
        return border

    def at(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the components at some pixels, 0 where there is none."""
        if not len(self.row):
            return np.zeros(len(rows), np.intp)
        keys = self.row * (self.width + 1) + self.start
        run = np.searchsorted(keys, rows * (self.width + 1) + columns, "right") - 1
        inside = (run >= 0) & (self.row[run] == rows) & (columns < self.end[run])
        return np.where(inside, self.label[run], 0)


def runs(
    mask: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return row, start and end of every run of a mask, half-open, in the order of reading."""
    height, width = mask.shape
    padded = np.zeros((height, width + 2), bool)
    padded[:, 1:-1] = mask
    # Where rows change they begin and end runs by turns.
    changes = np.flatnonzero(padded[:, 1:] != padded[:, :-1])
    row, start = np.divmod(changes[::2], width + 1)
    return row, start, changes[1::2] - row * (width + 1)


def components(mask: NDArray[np.bool_], *, diagonal: bool = True) -> Components:
    """Return the connected components of a mask.

    Parameters
    ----------
    mask : (H, W) ndarray of bool
    diagonal : bool
        Whether touching corners connect. Where they connect what is true they must not connect
        what is false, or a thin slanting line would not part its two sides.
    """
    run_row, starts, ends = runs(mask)
    one, other = _touching(run_row, starts, ends - (not diagonal), mask.shape[1] + 2)
    names, numbers = np.unique(_roots(len(starts), one, other), return_inverse=True)
    return Components(run_row, starts, ends, numbers.reshape(-1) + 1, len(names), mask.shape[1])


def _touching(
    row: NDArray[np.intp], low: NDArray[np.intp], high: NDArray[np.intp], stride: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the pairs of runs that touch: one in a row, the other in the row above.

    Both ends count as the run's own. `stride` exceeds them, so that runs have one order.
    """
    above = (row - 1) * stride
    first = np.searchsorted(row * stride + high, above + low, "left")
    count = np.searchsorted(row * stride + low, above + high, "right") - first
    count = np.maximum(count, 0)
    one = np.repeat(np.arange(len(row)), count)
    offset = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
    return one, first[one] + offset


def _roots(count: int, one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return for each run the first of its component, from the pairs that touch.

    Every root that has a smaller neighbour is hung under the smallest, then all paths are cut
    short, until pairs have one root: what a loop over runs would do, in a few passes over arrays.
    """
    parent = np.arange(count)
    while True:
        checkpoint()
        one, other = parent[one], parent[other]
        apart = one != other
        if not apart.any():
            return parent
        one, other = one[apart], other[apart]
        np.minimum.at(parent, np.maximum(one, other), np.minimum(one, other))
        while True:
            shorter = parent[parent]
            if np.array_equal(shorter, parent):
                break
            parent = shorter


def label(mask: NDArray[np.bool_], *, diagonal: bool = True) -> tuple[NDArray[np.intp], int]:
    """Return the connected components of a mask, numbered.

    Parameters
    ----------
    mask : (H, W) ndarray of bool
    diagonal : bool
        As `components` takes it.

    Returns
    -------
    labels : (H, W) ndarray of int
        0 outside the mask, 1 to `count` inside.
    count : int
    """
    height, width = mask.shape
    found = components(mask, diagonal=diagonal)
    labels = np.zeros((height, width + 1), np.intp)
    np.add.at(labels, (found.row, found.start), found.label)
    np.add.at(labels, (found.row, found.end), -found.label)
    return np.cumsum(labels, axis=1)[:, :width], found.count


def at_border(labels: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return the mask of those components, as `label` numbers them, that touch the border."""
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.isin(labels, rim[rim > 0])


def bounding_box(mask: NDArray[np.bool_]) -> Box | None:
    """Return the smallest box that holds everything that is true in a mask; None if nothing is."""
    rows = np.flatnonzero(mask.any(1))
    if not rows.size:
        return None
    columns = np.flatnonzero(mask.any(0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
