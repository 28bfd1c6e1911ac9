"""Binary morphology."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels

__all__ = ["diamond_dilation", "dilation"]


def dilation(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Return a mask grown by `reach` pixels along rows and columns."""
    result = np.pad(mask, reach)
    covered = 1
    while covered < 2 * reach + 1:
        step = min(covered, 2 * reach + 1 - covered)
        result[:-step] |= result[step:]
        result[:, :-step] |= result[:, step:]
        covered += step
    return result[: mask.shape[0], : mask.shape[1]]


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
        np.empty(mask.shape, np.int16),
        result,
    )
    return result
