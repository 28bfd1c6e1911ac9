"""Depth of samples, and the strips in which large pictures are worked on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mattekit.tasks import checkpoint

__all__ = [
    "Levels",
    "Pixels",
    "as_depth",
    "as_shares",
    "eight_bits",
    "full_range",
    "opaque",
    "strips",
]

#: Integer samples: uint8 in 0..255 or uint16 in 0..65535.
Pixels: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]

#: Alpha at full size: float32 in [0, 1], or integer samples as above.
Levels: TypeAlias = NDArray[np.float32] | Pixels

#: Samples in a strip: about what a core's second-level cache holds.
_SAMPLES: Final = 1 << 18


def strips(
    shape: tuple[int, ...], samples: int = _SAMPLES, *, multiple: int = 1
) -> Iterator[slice]:
    """Yield slices of rows that cover a picture of `shape`, a cache full at a time.

    Each but the last has about `samples` samples and a multiple of `multiple` rows.
    """
    row = math.prod(shape[1:]) or 1
    step = max(1, samples // row // multiple) * multiple
    for top in range(0, shape[0], step):
        checkpoint()
        yield slice(top, min(top + step, shape[0]))


def opaque(alpha: NDArray[Any]) -> int:
    """Return the value of alpha that lets nothing through: 1, or the largest integer."""
    return 1 if alpha.dtype.kind == "f" else int(np.iinfo(alpha.dtype).max)


def as_shares(alpha: NDArray[Any]) -> NDArray[np.float32]:
    """Return alpha in [0, 1]; floats are returned as they are."""
    if alpha.dtype == np.float32:
        return alpha.view(np.float32)
    shares: NDArray[np.float32] = alpha * np.float32(1 / opaque(alpha))
    return shares


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


def as_depth(samples: Pixels, dtype: DTypeLike) -> Pixels:
    """Return samples as uint8 or uint16; those of that depth are returned as they are."""
    if samples.dtype == dtype:
        return samples
    if dtype == np.uint8:
        return eight_bits(samples)
    return samples.astype(np.uint16) * np.uint16(257)


def full_range(samples: NDArray[Any], top: int, bits: int) -> Pixels:
    """Return a new array of samples over the whole range of 8 or 16 bits, rounded to nearest.

    Parameters
    ----------
    samples : ndarray of unsigned integers
        In any byte order.
    top : int
        The value that means full, below 2 ** 32; what is above it counts as that.
    bits : {8, 16}
        Of the result.
    """
    full = (1 << bits) - 1
    result: Pixels = np.empty(samples.shape, np.uint8 if bits == 8 else np.uint16)
    # The product of two 16-bit numbers and the half fit into 32 bits.
    wide = np.uint32 if top <= 65535 else np.uint64
    for part in strips(samples.shape):
        if top == full:
            # Nothing of that many bits is above.
            deeper = samples.itemsize > result.itemsize
            result[part] = np.minimum(samples[part], top) if deeper else samples[part]
        else:
            result[part] = (np.minimum(samples[part], top).astype(wide) * full + top // 2) // top
    return result
