"""Depth of samples, and the strips in which large pictures are worked on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pixels", "eight_bits", "strips"]

#: Integer samples: uint8 in 0..255 or uint16 in 0..65535.
Pixels: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]

#: Samples in a strip: about what a core's second-level cache holds.
_SAMPLES: Final = 1 << 18


def strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """Yield slices of rows that cover a picture of `shape`, a cache full at a time."""
    row = int(np.prod(shape[1:])) or 1
    step = max(1, _SAMPLES // row)
    for top in range(0, shape[0], step):
        yield slice(top, top + step)


def eight_bits(samples: Pixels) -> NDArray[np.uint8]:
    """Return samples at 8 bits, rounded to nearest; uint8 is returned as it is."""
    if samples.dtype == np.uint8:
        return samples.view(np.uint8)
    result = np.empty(samples.shape, np.uint8)
    for part in strips(samples.shape):
        # 65535 / 255 is 257. No multiple of 1/257 is nearer to a half than float32 can tell.
        scaled = np.multiply(samples[part], np.float32(1 / 257))
        scaled += np.float32(0.5)
        result[part] = scaled
    return result
