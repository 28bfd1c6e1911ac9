"""Large parts of a picture of which a network says neither yes nor no."""

from __future__ import annotations

import dataclasses
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.imaging.labels import label
from mattekit.imaging.morphology import dilation
from mattekit.matting.guided import box_mean
from mattekit.matting.matte import Matte

__all__ = ["decide"]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

#: Alpha between which a network has not made up its mind.
_UNDECIDED: Final = (0.1, 0.9)
#: Half the side of the squares that an undecided part holds, as a share of the matte's longer
#: side: hair and soft edges are narrower.
_THICK: Final = 7 / 256
#: The share of the matte that a large part covers at least.
_LARGE: Final = 1 / 200
#: Levels of each channel in which colours are counted, and the share of a side's pixels that is
#: nothing to go by.
_LEVELS: Final = 8
_RARE: Final = 1e-4
#: The logarithm of a ratio of likelihoods from which on one more counts no more.
_MOST: Final = 3.0
#: What colours and neighbours count against the network's own logarithm of odds.
_COLOR: Final = 0.5
_BESIDE: Final = 2.0
#: A part is not taken away where its colours speak so much for the subject, nor where the network
#: calls more than this of it subject. It stays open: what refines it looks for edges inside.
_CONTRARY: Final = 1.0
_AGAINST: Final = 0.4


def decide(matte: Matte) -> Matte:
    """Make up the network's mind about large parts: each is subject, or not, as a whole.

    What a network that was trained on masks calls half a subject is not half there: a white chest
    before a white wall, a flag behind a shoulder. Each such part is judged by the network's mean,
    by whether its colours are those of the subject or of the background, and by what it lies
    beside; where these contradict each other it stays open. Hair, fur and veils narrower than a
    twentieth of the picture keep their alpha.

    Parameters
    ----------
    matte : Matte

    Returns
    -------
    Matte
        `matte` itself where partial values mean transparency, and where nothing is undecided.
    """
    if matte.partial != "uncertainty" or not matte.found:
        return matte
    alpha = matte.alpha
    low, high = _UNDECIDED
    undecided = (alpha > low) & (alpha < high)
    reach = max(1, round(_THICK * max(alpha.shape)))
    thick = ~dilation(~undecided, reach)
    if not thick.any():
        return matte
    parts, count = label(dilation(thick, reach + reach // 2) & undecided)
    area = np.bincount(parts.ravel(), minlength=count + 1)
    front, back = alpha >= high, alpha <= low
    evidence = _color_evidence(matte.guide, front, back)
    kept, dropped = np.zeros(alpha.shape, np.bool_), np.zeros(alpha.shape, np.bool_)
    for number in np.flatnonzero(area[1:] >= _LARGE * alpha.size) + 1:
        part = parts == number
        mean = float(alpha[part].mean())
        beside = dilation(part, 3) & (parts == 0)
        share = float((alpha[beside] >= 0.5).mean()) if beside.any() else 0.5
        votes = math.log(mean / (1 - mean))
        color = float(evidence[part].mean())
        votes += _COLOR * color + _BESIDE * (share - 0.5)
        if votes > 0:
            kept[part] = True
        elif color < _CONTRARY and mean < _AGAINST:
            dropped[part] = True
    result = alpha.copy()
    # Where the part meets the other side it stays open: there is an edge to be found. It ends in a
    # ramp, and none where it meets its own side.
    half = max(1, reach // 2)
    for part, own, other, value in ((kept, front, back, 1), (dropped, back, front, 0)):
        inner = (part & ~dilation(other, reach)) | own
        ramp = box_mean(inner.astype(np.float32), half)
        decided = np.maximum(alpha, ramp) if value else np.minimum(alpha, 1 - ramp)
        result[part] = decided[part]
    return dataclasses.replace(matte, alpha=result)


def _color_evidence(colors: NDArray[np.uint8], front: Mask, back: Mask) -> Floats:
    """Return how much each pixel's colour speaks for the subject: a logarithm of likelihoods."""
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
