"""Binary morphology."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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


def diamond_dilation(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Return the pixels at most `reach` steps across edges from what is true."""
    result = mask.copy()
    for _ in range(reach):
        before = result.copy()
        result[1:] |= before[:-1]
        result[:-1] |= before[1:]
        result[:, 1:] |= before[:, :-1]
        result[:, :-1] |= before[:, 1:]
    return result
