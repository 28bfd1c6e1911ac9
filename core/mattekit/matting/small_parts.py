"""Specks around a subject and holes in it, by their area and by what speaks for them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.imaging.labels import components
from mattekit.imaging.morphology import dilation
from mattekit.imaging.resize import block_reduce
from mattekit.imaging.samples import Levels, as_shares, opaque
from mattekit.matting.matte import Matte

__all__ = ["remove_small_holes", "remove_small_objects", "remove_uncertain_objects"]

#: Parts are found on a copy whose longer side has about this many cells.
_CELLS: Final = 1024
#: Alpha from which on a pixel counts as visible, from which on it joins what is beside it, and
#: below which it is a hole.
_VISIBLE: Final = 0.02
_JOINS: Final = 0.15
_HOLE: Final = 0.5
#: Alpha from which on a network speaks for a part, and the share of the subject's area from which
#: on it needs nobody to.
_FIRM: Final = 0.5
_LARGE: Final = 0.01


def remove_small_objects(alpha: Levels, specks: float) -> Levels:
    """Remove small parts that lie apart from the subject.

    What is thin but connected to the subject, such as spokes, straps and antlers, stays: only the
    area of whole parts counts. A haze connects nothing.

    Parameters
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1], uint8 or uint16
    specks : float
        Parts of less than this percentage of the subject's area become background.

    Returns
    -------
    (H, W) ndarray of the same dtype
        The array itself where there is nothing to do.
    """
    if specks <= 0:
        return alpha
    gone = _small(alpha, specks / 100, np.zeros((1, 1), np.bool_))
    return _painted(alpha.copy(), gone, 0) if gone.any() else alpha


def remove_uncertain_objects(alpha: Levels, matte: Matte) -> Levels:
    """Remove small parts that lie apart from the subject and that the network did not see.

    What it saw stays, however small: a ball in the air, a letter. All else are colours of the
    background that resemble the subject's.

    Parameters
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1], uint8 or uint16
        At the photo's size; changed in place.
    matte : Matte
        What alpha was made of.

    Returns
    -------
    (H, W) ndarray of the same dtype
        The array itself.
    """
    step = _cell(alpha)
    firm = np.zeros((-(-len(alpha) // step), -(-alpha.shape[1] // step)), np.bool_)
    (rows, down), (columns, across) = (
        _seen_at(count, step, first, length, samples)
        for count, first, length, samples in (
            (firm.shape[0], matte.box.top, matte.box.height, matte.alpha.shape[0]),
            (firm.shape[1], matte.box.left, matte.box.width, matte.alpha.shape[1]),
        )
    )
    firm[rows, columns] = (matte.alpha >= _FIRM).take(down, 0).take(across, 1)
    return _painted(alpha, _small(alpha, _LARGE, firm), 0)


def _seen_at(
    count: int, step: int, first: int, length: int, samples: int
) -> tuple[slice, NDArray[np.intp]]:
    """Return which of `count` cells along one axis have their middle in a matte, and at what.

    The matte's `samples` cover `length` pixels from `first` on.
    """
    at = ((np.arange(count) + 0.5) * step - first) * (samples / length)
    inside = np.flatnonzero((at >= 0) & (at < samples))
    part = slice(inside[0], inside[-1] + 1) if inside.size else slice(0, 0)
    return part, at[part].astype(np.intp)


def _small(alpha: Levels, share: float, firm: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the cells of parts below a share of the subject, but for those that are firm.

    `firm` says for each cell whether a part that is visible there stays.
    """
    # The largest of a cell: a thread that is thinner than a cell must not break.
    most = as_shares(block_reduce(alpha, _cell(alpha), np.maximum))
    least = share * np.count_nonzero(most >= 0.5)
    kept = most > _JOINS
    parts = components(kept)
    stays = parts.sums(most) >= least
    if firm.any():
        stays |= parts.sums(firm & (most >= _FIRM)) > 0
    gone = parts.painted(~stays, most.shape)
    kept &= ~gone
    # Its own haze goes with a part, and so does a small one that is nobody's.
    hazes = components((most > _VISIBLE) & ~kept)
    lone = (hazes.sums(dilation(kept, 1)) == 0) & (hazes.sums(most) < least)
    if gone.any():
        gone |= dilation(gone, 1) & ~kept
    gone |= hazes.painted(lone, most.shape)
    return np.asarray(gone & (most > 0))


def remove_small_holes(alpha: Levels, holes: float) -> Levels:
    """Close small holes in the subject, with their soft rims.

    Parameters
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1], uint8 or uint16
    holes : float
        Background that the subject encloses becomes subject where it is smaller than this
        percentage of the subject's area, its holes counted in: 100 closes them all, those in a
        drawing of thin lines as well.

    Returns
    -------
    (H, W) ndarray of the same dtype
        The array itself where there is nothing to do.
    """
    if holes <= 0:
        return alpha
    empty = alpha < _HOLE * opaque(alpha)
    # Of the picture's own pixels: a narrow way out, as in a C, is one all the same.
    found = components(empty, diagonal=False)
    enclosed = ~found.at_border(len(alpha))
    area = found.areas()
    filled = alpha.size - empty.sum() + area[enclosed].sum()
    small = enclosed & (area < holes / 100 * filled)
    if not small.any():
        return alpha
    closed = found.painted(small, alpha.shape)
    result = alpha.copy()
    result[closed | (dilation(closed, 2 * _cell(alpha)) & ~empty)] = opaque(alpha)
    return result


def _cell(alpha: Levels) -> int:
    return max(1, -(-int(max(alpha.shape)) // _CELLS))


def _painted(alpha: Levels, cells: NDArray[np.bool_], value: int) -> Levels:
    """Set some cells of alpha to a value, in place, and return it."""
    step, width = _cell(alpha), alpha.shape[1]
    for row in np.flatnonzero(cells.any(axis=1)):
        inside = np.repeat(cells[row], step)[:width]
        alpha[row * step : (row + 1) * step, inside] = value
    return alpha
