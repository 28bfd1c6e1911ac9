"""What colours say about where a subject is, as far as a network is sure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.matting.guided import box_mean

__all__ = ["CLEAR", "alternating", "color_evidence"]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

#: Levels of each channel in which colours are counted, and the share of a side's pixels that is
#: nothing to go by.
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
    codes = np.zeros(front.shape, np.intp)
    for channel in range(3):
        codes = codes * _LEVELS + colors[..., channel] // (256 // _LEVELS)

    def shares(side: Mask) -> Floats:
        counts = np.bincount(codes[side], minlength=_LEVELS**3).astype(np.float32)
        cube = counts.reshape(_LEVELS, _LEVELS, _LEVELS)
        # Neighbouring colours count as well.
        for _ in range(3):
            spread = 2 * cube
            spread[1:] += cube[:-1]
            spread[:-1] += cube[1:]
            cube = np.moveaxis(spread, 0, -1)
        return np.asarray(cube / max(float(cube.sum()), 1.0)).ravel()

    ratio = np.log((shares(front) + _RARE) / (shares(back) + _RARE))
    return np.asarray(np.clip(ratio, -_MOST, _MOST)[codes], np.float32)


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
    evidence = color_evidence(colors, alpha >= high, alpha <= low)
    clear = np.stack([evidence > CLEAR, evidence < -CLEAR]).astype(np.float32)
    return np.asarray(box_mean(clear, _RADIUS).min(0) >= _LEAST)
