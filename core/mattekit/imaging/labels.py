"""Connected components of masks, and where they lie."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.geometry import Box

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
        kernels.call("paint_runs", *self._runs(), chosen, self.width, mask)
        return mask

    def sums(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Return by label the sum of a plane of the mask's shape; label 0 has none.

        The plane is of bool, uint8, uint16 or float32.
        """
        name = {1: "sum_runs_8", 2: "sum_runs_16", 4: "sum_runs_float"}[plane.itemsize]
        total = np.zeros(self.count + 1, np.float64 if plane.itemsize == 4 else np.intp)
        kernels.call(name, np.ascontiguousarray(plane), self.width, *self._runs(), total)
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

    def _runs(self) -> tuple[NDArray[np.intp] | int, ...]:
        """Return all runs and how many they are, as kernels take them."""
        return self.row, self.start, self.end, self.label, len(self.row)

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
    mask, count = np.ascontiguousarray(mask), np.empty(1, np.int32)
    kernels.call("count_runs", mask, height, width, count)
    row, start, end = np.empty((3, int(count[0])), np.intp)
    kernels.call("list_runs", mask, height, width, row, start, end)
    return row, start, end


def components(mask: NDArray[np.bool_], *, diagonal: bool = True) -> Components:
    """Return the connected components of a mask.

    Parameters
    ----------
    mask : (H, W) ndarray of bool
    diagonal : bool
        Whether touching corners connect. Where they connect what is true they must not connect
        what is false, or a thin slanting line would not part its two sides.
    """
    row, start, end = runs(mask)
    labels, count = np.empty(len(row), np.intp), np.empty(1, np.int32)
    kernels.call("join_runs", row, start, end, len(row), int(diagonal), labels, count)
    return Components(row, start, end, labels, int(count[0]), mask.shape[1])


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
    found = components(mask, diagonal=diagonal)
    labels = np.zeros(mask.shape, np.intp)
    kernels.call("paint_labels", *found._runs(), found.width, labels)
    return labels, found.count


def at_border(labels: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return the mask of those components, as `label` numbers them, that touch the border."""
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.isin(labels, rim[rim > 0])


def bounding_box(mask: NDArray[np.bool_]) -> Box | None:
    """Return the smallest box that holds everything that is true in a mask; None if nothing is."""
    mask = kernels.in_rows(mask)
    edges = np.empty(4, np.int32)
    kernels.call("bounds", *kernels.rows(mask), *mask.shape, edges)
    return Box(*edges.tolist()) if edges[2] else None
