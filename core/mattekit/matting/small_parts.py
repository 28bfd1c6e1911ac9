"""Specks around a subject and holes in it, by their area."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.imaging.labels import components, label
from mattekit.imaging.morphology import dilation
from mattekit.imaging.resize import block_reduce

__all__ = ["remove_small_holes", "remove_small_objects"]

#: Parts are found on a copy whose longer side has about this many cells.
_CELLS: Final = 1024
#: Alpha from which on a pixel counts as visible, and below which as a hole.
_VISIBLE: Final = 0.02
_HOLE: Final = 0.5


def remove_small_objects(alpha: NDArray[np.float32], specks: float) -> NDArray[np.float32]:
    """Remove small parts that lie apart from the subject.

    What is thin but connected to the subject, such as spokes, straps and antlers, stays: only the
    area of whole parts counts.

    Parameters
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1]
    specks : float
        Parts of less than this percentage of the subject's area become background.

    Returns
    -------
    (H, W) ndarray of float32
        The array itself where there is nothing to do.
    """
    if specks <= 0:
        return alpha
    step = _cell(alpha)
    # The largest of a cell: a thread that is thinner than a cell must not break.
    most = block_reduce(alpha, step, np.maximum)
    subject = np.count_nonzero(most >= 0.5)
    labels, count = label(most > _VISIBLE)
    solid = np.bincount(labels.ravel(), most.ravel(), minlength=count + 1)
    small = solid < specks / 100 * subject
    small[0] = False
    return _painted(alpha, small[labels], step, 0)


def remove_small_holes(alpha: NDArray[np.float32], holes: float) -> NDArray[np.float32]:
    """Close small holes in the subject, with their soft rims.

    Parameters
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1]
    holes : float
        Background that the subject encloses becomes subject where it is smaller than this
        percentage of the subject's area, its holes counted in: 100 closes them all, those in a
        drawing of thin lines as well.

    Returns
    -------
    (H, W) ndarray of float32
        The array itself where there is nothing to do.
    """
    if holes <= 0:
        return alpha
    empty = alpha < _HOLE
    # Of the picture's own pixels: a narrow way out, as in a C, is one all the same.
    found = components(empty, diagonal=False)
    enclosed = ~found.at_border(len(alpha))
    area = np.bincount(found.label, found.end - found.start, found.count + 1)
    filled = alpha.size - empty.sum() + area[enclosed].sum()
    small = enclosed & (area < holes / 100 * filled)
    if not small.any():
        return alpha
    closed = found.painted(small, alpha.shape)
    result = alpha.copy()
    result[closed | (dilation(closed, 2 * _cell(alpha)) & ~empty)] = 1
    return result


def _cell(alpha: NDArray[np.float32]) -> int:
    return max(1, -(-int(max(alpha.shape)) // _CELLS))


def _painted(
    alpha: NDArray[np.float32], cells: NDArray[np.bool_], step: int, value: float
) -> NDArray[np.float32]:
    """Return alpha with some cells set to a value; the array itself where there are none."""
    if not cells.any():
        return alpha
    result = alpha.copy()
    width = alpha.shape[1]
    for row in np.flatnonzero(cells.any(axis=1)):
        inside = np.repeat(cells[row], step)[:width]
        result[row * step : (row + 1) * step, inside] = value
    return result
