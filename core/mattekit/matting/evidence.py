"""What colours say about where a subject is, as far as a network is sure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels

__all__ = ["CLEAR", "alternating", "color_evidence"]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

#: Levels of each channel in which colours are counted, as in ``statistics.c``, and the share of a
#: side's pixels that is nothing to go by.
_LEVELS: Final = 8
_RARE: Final = 1e-4
#: The logarithm of a ratio of likelihoods from which on one more counts no more, and from which on
#: a pixel speaks clearly for one side.
_MOST: Final = 3.0
CLEAR: Final = 0.7
#: Alpha up to which and from which on a network is sure.
_SURE: Final = (0.1, 0.9)
#: Half the side of the windows in which colours of both sides are looked for, and the share of a
#: window that each has at least.
_RADIUS: Final = 4
_LEAST: Final = 0.02


def color_evidence(colors: NDArray[np.uint8], front: Mask, back: Mask) -> Floats:
    """Return how much each pixel's colour speaks for the subject: a logarithm of likelihoods.

    Parameters
    ----------
    colors : (h, w, 3) ndarray of uint8
    front, back : (h, w) ndarray of bool
        Where the colours are those of the subject, and of the background.

    Returns
    -------
    (h, w) ndarray of float32, from -3 to 3
    """
    codes, ratio = _coded(colors, front, back)
    return ratio[codes]


def _coded(colors: NDArray[np.uint8], front: Mask, back: Mask) -> tuple[NDArray[np.uint16], Floats]:
    """Return the code of each pixel's colour, and what each of all codes speaks for."""
    codes = np.empty(front.shape, np.uint16)
    counts = np.empty((2, _LEVELS**3), np.int32)
    source = np.ascontiguousarray(colors), front.size, front, back
    kernels.call("count_colors", *source, counts, codes)

    front_share, back_share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    ratio = np.log((front_share + _RARE) / (back_share + _RARE))
    return codes, np.asarray(np.clip(ratio, -_MOST, _MOST), np.float32)


def alternating(colors: NDArray[np.uint8], alpha: Floats) -> Mask:
    """Return where colours of the subject and of the background lie side by side.

    Parameters
    ----------
    colors : (h, w, 3) ndarray of uint8
    alpha : (h, w) ndarray of float32 in [0, 1]
        What a network says; the colours of each side are those where it is sure.

    Returns
    -------
    (h, w) ndarray of bool
        Between leaves, strands and meshes, and along every edge; not where something is half there
        that has the colours of one side.
    """
    low, high = _SURE
    codes, ratio = _coded(colors, alpha >= high, alpha <= low)
    kinds = (ratio > CLEAR) + 2 * (ratio < -CLEAR).astype(np.uint8)
    height, width = alpha.shape
    result = np.empty(alpha.shape, np.bool_)
    room = np.empty(2 * alpha.size + 2 * width, np.uint8)
    lines = np.empty(3 * (width + 2 * _RADIUS), np.float32)
    size = height, width, _RADIUS, _LEAST
    kernels.call("find_alternating", codes, kinds, *size, room, lines, result)
    return result
