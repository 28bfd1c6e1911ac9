"""What several looks at one subject say together: how much they agree, and their mean."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["CUT_OFF", "agreement", "alpha_of_odds", "odds_of_alpha"]

Alpha = NDArray[np.float32]

#: Certainty beyond which logarithms of odds are cut off.
CUT_OFF: Final = 1e-4


def agreement(first: Alpha, second: Alpha) -> float:
    """Return the fuzzy intersection over union of two mattes of equal shape, 0..1."""
    union = float(np.maximum(first, second).sum())
    return float(np.minimum(first, second).sum()) / union if union else 0.0


def odds_of_alpha(alpha: Alpha, cut_off: float = CUT_OFF) -> Alpha:
    """Return logarithms of odds, cut off `cut_off` away from 0 and 1."""
    inside = np.clip(alpha, cut_off, 1 - cut_off)
    return np.asarray(np.log(inside / (1 - inside)), np.float32)


def alpha_of_odds(odds: Alpha, cut_off: float = CUT_OFF) -> Alpha:
    """Return the alpha of logarithms of odds; what was cut off is 0 or 1 again."""
    mean = (1 / (1 + np.exp(-odds)) - cut_off) / (1 - 2 * cut_off)
    return np.asarray(np.clip(mean, 0, 1), np.float32)
