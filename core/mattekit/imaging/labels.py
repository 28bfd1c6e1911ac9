"""Connected components of masks, and where they lie."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box
from mattekit.tasks import checkpoint

__all__ = ["Components", "bounding_box", "components", "label", "runs"]


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
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(edges == 1)
    return row, start, np.nonzero(edges == -1)[1]


def components(mask: NDArray[np.bool_], *, diagonal: bool = True) -> Components:
    """Return the connected components of a mask.

    Parameters
    ----------
    mask : (H, W) ndarray of bool
    diagonal : bool
        Whether touching corners connect. Where they connect what is true they must not connect
        what is false, or a thin slanting line would not part its two sides.
    """
    height, width = mask.shape
    # Runs of adjacent rows that touch are united.
    run_row, starts, ends = runs(mask)
    first = np.searchsorted(run_row, np.arange(height + 1)).tolist()
    parent = list(range(len(starts)))
    low, high = starts.tolist(), (ends - (not diagonal)).tolist()

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    for row in range(1, height):
        checkpoint()
        above, here = first[row - 1], first[row]
        while above < first[row] and here < first[row + 1]:
            if low[here] <= high[above] and low[above] <= high[here]:
                one, other = root(above), root(here)
                parent[max(one, other)] = min(one, other)
            if high[above] < high[here]:
                above += 1
            else:
                here += 1
    roots = np.array([root(run) for run in range(len(starts))], np.intp)
    names, numbers = np.unique(roots, return_inverse=True)
    return Components(run_row, starts, ends, numbers.reshape(-1) + 1, len(names), width)


def label(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], int]:
    """Return the connected components of a mask, numbered; touching corners connect.

    Parameters
    ----------
    mask : (H, W) ndarray of bool

    Returns
    -------
    labels : (H, W) ndarray of int
        0 outside the mask, 1 to `count` inside.
    count : int
    """
    height, width = mask.shape
    found = components(mask)
    labels = np.zeros((height, width + 1), np.intp)
    np.add.at(labels, (found.row, found.start), found.label)
    np.add.at(labels, (found.row, found.end), -found.label)
    return np.cumsum(labels, axis=1)[:, :width], found.count


def bounding_box(mask: NDArray[np.bool_]) -> Box | None:
    """Return the smallest box that holds everything that is true in a mask; None if nothing is."""
    rows = np.flatnonzero(mask.any(1))
    if not rows.size:
        return None
    columns = np.flatnonzero(mask.any(0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
