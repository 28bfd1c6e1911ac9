"""Specks around a subject and holes in it, by their area and by what speaks for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.geometry import Box, Size
from mattekit.imaging.labels import Components, bounding_box, components
from mattekit.imaging.morphology import dilation
from mattekit.imaging.resize import block_reduce
from mattekit.imaging.samples import Levels, opaque
from mattekit.matting.matte import Matte
from mattekit.matting.tiling import pad_box

__all__ = ["remove_small_holes", "remove_small_objects", "remove_uncertain_objects"]

#: Parts are found on a copy whose longer side has about this many cells.
_CELLS: Final = 1024
#: Alpha from which on a pixel counts as visible, from which on it joins what is beside it, and
#: below which it is a hole.
_VISIBLE: Final = 0.02
_JOINS: Final = 0.15
_HOLE: Final = 0.5
#: Alpha from which on a network speaks for a part where that is as visible, and the share of the
#: subject's area from which on it needs nobody to.
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
    gone = _small(alpha, specks / 100)
    return alpha if gone is None else _cleared(alpha.copy(), gone)


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
    gone = _small(alpha, _LARGE, matte)
    return alpha if gone is None else _cleared(alpha, gone)


def _seen_at(
    begin: int, end: int, step: int, first: int, length: int, samples: int
) -> NDArray[np.int32]:
    """Return at which sample of a matte the cells of a range along one axis have their middle.

    The matte's `samples` cover `length` pixels from `first` on; -1 stands for what is outside.
    """
    at = ((np.arange(begin, end) + 0.5) * step - first) * (samples / length)
    return np.where((at >= 0) & (at < samples), at, -1).astype(np.int32)


def _seen(
    parts: Components, firm: NDArray[np.bool_], step: int, matte: Matte, cells: Box
) -> NDArray[np.bool_]:
    """Return by label which parts have firm cells where a network speaks for a subject.

    `cells` is the box of the cells that are looked at.
    """
    samples = matte.alpha.shape
    found = np.zeros(parts.count + 1, np.bool_)
    kernels.call(
        *("seen_runs", firm, cells.width, parts.row, parts.start, parts.end, parts.label),
        *(len(parts.row), np.ascontiguousarray(matte.alpha), samples[1]),
        _seen_at(cells.top, cells.bottom, step, matte.box.top, matte.box.height, samples[0]),
        _seen_at(cells.left, cells.right, step, matte.box.left, matte.box.width, samples[1]),
        *(_FIRM, found),
    )
    return found


def _small(alpha: Levels, share: float, matte: Matte | None = None) -> NDArray[np.bool_] | None:
    """Return the cells of parts below a share of the subject, None where there is none.

    Where a matte is given, parts stay for which its network speaks.
    """
    # The largest of a cell: a thread that is thinner than a cell must not break.
    step = _cell(alpha)
    cells: Any = block_reduce(alpha, step, np.maximum)
    whole = Size(cells.shape[1], cells.shape[0]).box
    around = bounding_box(cells > _line(_VISIBLE, alpha, math.floor))
    if around is None:
        return None
    around = pad_box(around, 1, whole)
    most = np.ascontiguousarray(cells[around.slices])
    top = opaque(alpha)
    firm = most >= _line(_FIRM, alpha, math.ceil)
    least = share * top * np.count_nonzero(firm)
    kept = most > _line(_JOINS, alpha, math.floor)
    parts = components(kept)
    stays = parts.sums(most) >= least
    if matte is not None:
        stays |= _seen(parts, firm, step, matte, around)
    stays[0] = True
    gone = None if stays.all() else parts.painted(~stays, most.shape)
    if gone is not None:
        kept &= ~gone
    # Its own haze goes with a part, and so does a small one that is nobody's.
    hazes = components((most > _line(_VISIBLE, alpha, math.floor)) & ~kept)
    lone = (hazes.sums(dilation(kept, 1)) == 0) & (hazes.sums(most) < least)
    lone[0] = False
    if gone is not None:
        gone |= dilation(gone, 1) & ~kept
    if lone.any():
        alone = hazes.painted(lone, most.shape)
        gone = alone if gone is None else gone | alone
    if gone is None or around == whole:
        return gone
    result = np.zeros(cells.shape, np.bool_)
    result[around.slices] = gone
    return result


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
    empty = alpha < _line(_HOLE, alpha, math.ceil)
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


def _line(share: float, alpha: Levels, whole: Callable[[float], int]) -> float:
    """Return a share of opaque, for integers as one: numpy compares those several times as fast."""
    line = share * opaque(alpha)
    return line if alpha.dtype.kind == "f" else whole(line)


def _cell(alpha: Levels) -> int:
    return max(1, -(-int(max(alpha.shape)) // _CELLS))


def _cleared(alpha: Levels, cells: NDArray[np.bool_]) -> Levels:
    """Set some cells of alpha to 0, in place, and return it."""
    rows, pitch = kernels.rows(alpha)
    kernels.call("clear_cells", cells, _cell(alpha), alpha.itemsize, *alpha.shape, rows, pitch)
    return alpha
