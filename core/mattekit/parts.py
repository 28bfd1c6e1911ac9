"""Connected parts of masks, and the reduced copies on which they are found."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["labelled", "pooled"]

Sample = TypeVar("Sample", bound=np.generic)


def pooled(plane: NDArray[Sample], step: int, extreme: np.ufunc) -> NDArray[Sample]:
    """Return the extreme of each block of a plane.

    Parameters
    ----------
    plane : (H, W) ndarray
    step : int
        Side of a block; the last row and column of blocks may be smaller.
    extreme : numpy.ufunc
        `numpy.maximum` or `numpy.minimum`.
    """
    if step == 1:
        return plane
    height, width = plane.shape
    whole = height // step * step
    rows: list[Any] = [extreme.reduce(plane[:whole].reshape(-1, step, width), axis=1)]
    if whole < height:
        rows.append(extreme.reduce(plane[whole:], axis=0, keepdims=True))
    # Few rows are left, so it does not matter that reduceat is slow.
    cells: NDArray[Sample] = extreme.reduceat(
        np.concatenate(rows), np.arange(0, width, step), axis=1
    )
    return cells


def labelled(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], int]:
    """Return the connected parts of a mask, numbered; touching corners connect.

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
    # Runs of a row, half-open; those of adjacent rows that touch are united.
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    run_row, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    first = np.searchsorted(run_row, np.arange(height + 1)).tolist()
    parent = list(range(len(starts)))
    low, high = starts.tolist(), ends.tolist()

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    for row in range(1, height):
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
    numbers = numbers.reshape(-1) + 1
    labels = np.zeros((height, width + 1), np.intp)
    np.add.at(labels, (run_row, starts), numbers)
    np.add.at(labels, (run_row, ends), -numbers)
    return np.cumsum(labels, axis=1)[:, :width], len(names)
