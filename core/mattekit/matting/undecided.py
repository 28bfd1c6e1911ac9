"""Large parts of a picture of which a network says neither yes nor no."""

from __future__ import annotations

import dataclasses
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.imaging.labels import label
from mattekit.imaging.morphology import dilation
from mattekit.matting.evidence import CLEAR, color_evidence
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
#: Of 928 such parts in held-back pictures and composites, whose truth is known, a logistic
#: regression: the network calls too much half a subject (39 % of them are), and what its logarithm
#: of odds, colours (up to how many nats) and neighbours count besides.
_TOO_MUCH: Final = 0.6
_NETWORK: Final = 0.7
_COLOR: Final = 0.3
_COLOR_MOST: Final = 3.0
_BESIDE: Final = 0.3
#: How likely a part is subject from where on it is taken for it. What is called less than this
#: much of a subject by the network is taken away where it is less likely than that. Between them it
#: stays open: what refines it looks for edges inside.
_KEPT: Final = 0.4
_DROPPED: Final = ((0.4, 0.3), (0.5, 0.24))
#: The share of a part taken for subject that may speak clearly for the background: a part with the
#: colours of both is two things, and stays open.
_MIXED: Final = 0.15


def decide(matte: Matte) -> Matte:
    """Make up the network's mind about large parts: each is subject, or not, as a whole.

    What a network that was trained on masks calls half a subject is not half there: a white chest
    before a white wall, a flag behind a shoulder. How likely each such part is subject follows from
    the network's mean, from whether its colours are those of the subject or of the background, and
    from what it lies beside; where that says little, or what is likely subject has some colours
    that are clearly the background's, it stays open. Hair, fur and veils narrower than a
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
    evidence = color_evidence(matte.guide, front, back)
    kept, dropped = np.zeros(alpha.shape, np.bool_), np.zeros(alpha.shape, np.bool_)
    for number in np.flatnonzero(area[1:] >= _LARGE * alpha.size) + 1:
        part = parts == number
        mean = float(alpha[part].mean())
        beside = dilation(part, 3) & (parts == 0)
        share = float((alpha[beside] >= 0.5).mean()) if beside.any() else 0.5
        speaks = evidence[part]
        color = min(max(float(speaks.mean()), -_COLOR_MOST), _COLOR_MOST)
        odds = _NETWORK * math.log(mean / (1 - mean)) + _COLOR * color + _BESIDE * (share - 0.5)
        likely = 1 / (1 + math.exp(_TOO_MUCH - odds))
        if likely > _KEPT:
            kept[part] |= float((speaks < -CLEAR).mean()) <= _MIXED
        elif any(mean < called and likely < least for called, least in _DROPPED):
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
