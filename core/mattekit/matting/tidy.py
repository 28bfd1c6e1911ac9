"""Specks around a subject and holes in it, by their area."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.parts import components, dilation, labelled, pooled

__all__ = ["tidy"]

#: Parts are found on a copy whose longer side has about this many cells.
_CELLS: Final = 1024
#: Alpha from which on a pixel counts as visible, and below which as a hole.
_VISIBLE: Final = 0.02
_HOLE: Final = 0.5


def tidy(alpha: NDArray[np.float32], *, specks: float = 0, holes: float = 0) -> NDArray[np.float32]:
    """Remove small parts that lie apart from the subject, and close small holes in it.

    What is thin but connected to the subject, such as spokes, straps and antlers, stays: only the
    area of whole parts counts.

    Parameters
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1]
    specks : float
        Parts of less than this percentage of the subject's area become background.
    holes : float
        Background that the subject encloses becomes subject where it is smaller than this
        percentage of the subject's area, its holes counted in: 100 closes them all, those in a
        drawing of thin lines as well.

    Returns
    -------
    (H, W) ndarray of float32
        The array itself where there is nothing to do.
    """
    if specks <= 0 and holes <= 0:
        return alpha
    step = max(1, -(-max(alpha.shape) // _CELLS))
    # The largest of a cell: a thread that is thinner than a cell must not break.
    most = pooled(alpha, step, np.maximum)
    subject = np.count_nonzero(most >= 0.5)
    result = alpha
    if specks > 0:
        labels, count = labelled(most > _VISIBLE)
        solid = np.bincount(labels.ravel(), most.ravel(), minlength=count + 1)
        small = solid < specks / 100 * subject
        small[0] = False
        result = _painted(result, small[labels], step, 0)
    return _closed(result, holes, 2 * step) if holes > 0 else result


def _closed(alpha: NDArray[np.float32], holes: float, rim: int) -> NDArray[np.float32]:
    """Return alpha with its small holes closed, and their soft rims up to some pixels."""
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
    result[closed | (dilation(closed, rim) & ~empty)] = 1
    return result


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
