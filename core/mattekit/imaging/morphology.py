"""Binary morphology."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels

__all__ = ["diamond_dilation", "dilation"]


def dilation(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Return a mask grown by `reach` pixels along rows and columns."""
    height, width = mask.shape
    result = np.empty(mask.shape, np.bool_)
    room = np.empty((height + 2 * reach, width + 2 * reach), np.bool_)
    kernels.call("dilation", np.ascontiguousarray(mask), height, width, reach, room, result)
    return result


def diamond_dilation(
    mask: NDArray[np.bool_], reach: float | NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Return the pixels at most `reach` steps across edges from what is true.

    Parameters
    ----------
    mask : (h, w) ndarray of bool
    reach : float or (h, w) ndarray of float32
        From all pixels, or from each; at least 0, fractions do not count.
    """
    height, width = mask.shape
    result = np.empty(mask.shape, np.bool_)
    each = np.ascontiguousarray(reach, np.float32) if isinstance(reach, np.ndarray) else None
    same = 0.0 if isinstance(reach, np.ndarray) else float(reach)
    kernels.call(
        "diamond_dilation",
        np.ascontiguousarray(mask),
        each,
        same,
        height,
        width,
        np.empty((height + 1, width), np.int16),
        result,
    )
    return result
