"""How likely a matte is right, by how firm it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.models.card import Calibration

__all__ = ["confidence", "expected_iou", "log_odds"]

#: Alpha from which on a pixel counts as subject.
_SUBJECT: Final = 0.5
#: Keeps the logarithm of odds finite.
_LEAST: Final = 1e-3


def expected_iou(alpha: NDArray[np.float32]) -> float:
    """Return how well a matte agrees with itself, cut at one half.

    Were alpha the probability that a pixel belongs to the subject, this would be about the
    intersection over union to be expected of the cut matte and the truth.

    Parameters
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]

    Returns
    -------
    float
        From 0 to 1; 1 where every pixel is decided, 0 where none exceeds one half.
    """
    sums = np.empty(3)
    kernels.call("split_sums", np.ascontiguousarray(alpha), alpha.size, _SUBJECT, sums)
    shared, other, count = sums.tolist()
    return shared / (count + other) if shared else 0.0


def log_odds(alpha: NDArray[np.float32]) -> float:
    """Return the logarithm of odds of `expected_iou`, from about -7 to 7."""
    iou = expected_iou(alpha)
    return math.log((iou + _LEAST) / (1 - iou + _LEAST))


def confidence(
    alpha: NDArray[np.float32], calibration: Calibration | None, kinds: Mapping[str, float]
) -> float | None:
    """Return the probability that a matte's subject is the one that people would mark.

    Logistic calibration of a network's score (Platt, "Probabilistic outputs for support vector
    machines", 1999), here of the logarithm of odds of `expected_iou`. What stands out in a picture
    is less certain where it is neither a person nor an animal nor a vehicle, however firm the matte
    is: the line moves with the probability of ``"other"``.

    Parameters
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]
    calibration : Calibration or None
        Of the network that answered; see `mattekit.models.card.OutputSpec`.
    kinds : mapping of str to float
        Probability of each kind of subject; empty where the network knows none.

    Returns
    -------
    float or None
        Probability of an intersection over union of at least 0.9 with the truth. None where the
        network was not calibrated.
    """
    if calibration is None:
        return None
    line, other = calibration, kinds.get("other", 0.0)
    slope = line.slope + other * line.other_slope
    odds = slope * log_odds(alpha) + line.intercept + other * line.other_intercept
    return 1 / (1 + math.exp(-odds))
