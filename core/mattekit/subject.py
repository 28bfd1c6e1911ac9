"""Where the subject of a matte lies, specks not counted."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box
from mattekit.imaging.labels import components
from mattekit.imaging.resize import block_reduce
from mattekit.imaging.samples import Pixels

__all__ = ["subject_box"]

#: Alpha below this share of opaque is no subject: 5 %, well above the noise of a network and below
#: the hair that a viewer sees.
_VISIBLE: Final = 0.05
#: Parts below this share of the largest part are specks.
_PART: Final = 0.005
#: Parts are found on a copy whose longer side has about this many cells.
_CELLS: Final = 512


def subject_box(alpha: Pixels) -> Box | None:
    """Return the subject's box: all parts of it that matter, and no specks.

    Parameters
    ----------
    alpha : (H, W) ndarray of uint8 or uint16
        Straight alpha.

    Returns
    -------
    Box or None
        Its edges are exact to the pixel: the outermost columns and rows of the kept parts where
        alpha reaches 5 % of opaque. None where alpha reaches that nowhere.

    Notes
    -----
    Parts are found on a copy of at most 512 cells a side, each cell holding the largest alpha of
    its block, so that the cost is one pass over the picture. Cells that touch, corners included,
    belong together. A part is kept where it has at least 0.5 % of the largest part's weight, the
    weight being the sum of its cells.
    """
    height, width = alpha.shape
    if not height or not width:
        return None
    threshold = max(1, math.ceil(_VISIBLE * int(np.iinfo(alpha.dtype).max)))
    step = max(1, -(-max(height, width) // _CELLS))
    cells: Any = block_reduce(alpha, step, np.maximum)
    parts = components(cells >= threshold)
    if not parts.count:
        return None
    weights = parts.sums(cells)
    cell_counts = np.bincount(parts.label, parts.end - parts.start)
    kept = weights >= _PART * weights.max()
    if step > 1 or cell_counts.max() >= 64:
        kept &= cell_counts >= 2
    kept[weights.argmax()] = True
    return _exact_box(alpha, parts.painted(kept, cells.shape), threshold, step)


def _exact_box(alpha: Pixels, keep: NDArray[np.bool_], threshold: int, step: int) -> Box:
    """Return the box of the pixels in kept cells that reach `threshold`."""
    columns, rows = np.flatnonzero(keep.any(axis=0)), np.flatnonzero(keep.any(axis=1))

    def edge(cell: int, axis: int, last: bool) -> int:
        """Return the first or last index along `axis` inside the kept cells at `cell`."""
        part = alpha if axis == 0 else alpha.T
        cells = keep[cell] if axis == 0 else keep[:, cell]
        block = part[cell * step : (cell + 1) * step]
        inside = np.repeat(cells, step)[: block.shape[1]]
        hits = np.flatnonzero(((block >= threshold) & inside).any(axis=1))
        return cell * step + int(hits[-1 if last else 0])

    return Box(
        edge(int(columns[0]), 1, False),
        edge(int(rows[0]), 0, False),
        edge(int(columns[-1]), 1, True) + 1,
        edge(int(rows[-1]), 0, True) + 1,
    )
