"""Alpha that only rises on the way into a hard-edged subject."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels

__all__ = ["make_monotone"]

Alpha = NDArray[np.float32]


def make_monotone(
    alpha: Alpha, hard: NDArray[np.bool_], reach: int, *, in_place: bool = False
) -> Alpha:
    """Return alpha that rises inwards and falls outwards near a hard edge.

    A subject's hard edge is crossed once. What dips behind it or comes up before it are colours of
    the one side that resemble those of the other.

    Parameters
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]
    hard : (h, w) ndarray of bool
        Where edges are hard; elsewhere nothing changes.
    reach : int
        How far from the outline, in steps across edges of pixels, at most 254.
    in_place : bool
        Whether `alpha` itself may become the result.

    Returns
    -------
    (h, w) ndarray of float32
        Inside (alpha of at least one half) no pixel is below a neighbour that is nearer to the
        outline, outside none above one. The outline stays where it is. The array itself where
        no edge is hard.
    """
    if not hard.any():
        return alpha
    height, width = alpha.shape
    result = alpha if in_place else np.array(alpha, np.float32, order="C")
    with kernels.room(alpha.size + alpha.size // 4 + 1) as memory:
        source = np.ascontiguousarray(hard), height, width, reach
        kernels.call("make_monotone", *source, memory, result)
    return result
