"""Arithmetic on rows of cut-outs, exact to the last bit, without whole-picture temporaries."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mattekit.photo import Pixels

__all__ = ["eight_bits", "masked", "on_white"]

_ROWS = 128


def eight_bits(samples: Pixels) -> NDArray[np.uint8]:
    """Return samples at 8 bits, rounded to nearest; uint8 is returned as it is."""
    if samples.dtype == np.uint8:
        return samples.view(np.uint8)
    result = np.empty(samples.shape, np.uint8)
    for top in range(0, len(samples), _ROWS):
        wide = samples[top : top + _ROWS].astype(np.uint32)
        # 65535 / 255 is 257; the constant makes this equal to rounding x / 257.
        result[top : top + _ROWS] = (wide * 255 + 32895) >> 16
    return result


def masked(color: Pixels, alpha: Pixels) -> Any:
    """Return (H, W, 4) samples, black where alpha is 0."""
    result = np.empty((*alpha.shape, 4), color.dtype)
    result[..., 3] = alpha
    np.multiply(color, (alpha > 0)[..., None], out=result[..., :3])
    return result


def on_white(color: Pixels, alpha: Pixels) -> NDArray[np.uint8]:
    """Return (H, W, 3) samples of 8 bits: the cut-out over white, rounded to nearest."""
    result = np.empty(color.shape, np.uint8)
    full = int(np.iinfo(alpha.dtype).max)
    for top in range(0, len(alpha), _ROWS):
        part = slice(top, top + _ROWS)
        a = alpha[part].astype(np.uint32)[..., None]
        mixed = color[part] * a + full * (full - a)
        result[part] = eight_bits(((mixed + full // 2) // full).astype(color.dtype))
    return result
