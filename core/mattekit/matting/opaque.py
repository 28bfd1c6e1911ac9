"""Subjects that nothing shines through."""

from __future__ import annotations

from typing import Final

import numpy as np

from mattekit.imaging.labels import at_border, label
from mattekit.imaging.morphology import dilation
from mattekit.imaging.resize import block_reduce
from mattekit.imaging.samples import Levels, as_shares, opaque

__all__ = ["fill_semitransparent"]

#: Alpha from which on a pixel lets nothing through, and up to which it is a hole.
_SOLID: Final = 0.95
_HOLE: Final = 0.05
#: Parts are found on a copy whose longer side has about this many cells.
_CELLS: Final = 1024
#: What is this near to the outside, as a share of the longer side, belongs to the edge.
_EDGE: Final = 0.004


def fill_semitransparent(alpha: Levels) -> Levels:
    """Make the inside of a subject opaque, its edges and real holes left as they are.

    Parameters
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1], uint8 or uint16

    Returns
    -------
    (H, W) ndarray of the same dtype
        Panes and veils, that is partly transparent parts that opaque ones enclose, are 1. Parts
        that reach the border of the picture, that come near to such a part (hair, fur, blurred
        edges), or of which more than half is entirely transparent (the room below a handle) keep
        their alpha. The array itself where there is nothing to do.
    """
    height, width = alpha.shape
    step = max(1, -(-max(height, width) // _CELLS))
    least = as_shares(block_reduce(alpha, step, np.minimum))
    labels, count = label(least < _SOLID)
    if not count:
        return alpha
    near = dilation(at_border(labels), max(1, round(_EDGE * max(labels.shape))))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    empty = np.bincount(labels[least < _HOLE], minlength=count + 1)
    keep = empty > 0.5 * sizes
    keep[labels[near]] = True
    keep[0] = True
    pane = ~keep[labels]
    if not pane.any():
        return alpha
    result = alpha.copy()
    for row in np.flatnonzero(pane.any(axis=1)):
        inside = np.repeat(pane[row], step)[:width]
        result[row * step : (row + 1) * step, inside] = opaque(alpha)
    return result
