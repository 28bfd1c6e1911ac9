"""`Matte`: what a network made of a picture, before it is brought to full size."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box

__all__ = ["Matte"]


@dataclasses.dataclass(frozen=True, eq=False)
class Matte:
    """A coarse alpha and what is known about the subject.

    Attributes
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]
        Alpha at the network's resolution; padding is already removed.
    box : Box
        The part of the photo that `alpha` covers.
    roi : Box
        The part of the photo in which a subject may lie; alpha is 0 outside.
    guide : (h, w, 3) ndarray of uint8
        The photo's colours under `alpha`, averaged to its size, in the photo's own colour space.
    found : bool
        Whether there is a subject at all.
    confidence : float
        How sure the network is of its subject, 0 to 1.
    kind : str
        The most probable kind of subject, ``"other"`` where unsure.
    kind_scores : dict of str to float
        Probability of each kind that the network tells apart; empty where it tells none.
    partial : {"transparency", "uncertainty"}
        What values between 0 and 1 deep inside the subject mean; see `OutputSpec.partial`.
    """

    alpha: NDArray[np.float32]
    box: Box
    roi: Box
    guide: NDArray[np.uint8]
    found: bool = True
    confidence: float = 1.0
    kind: str = "other"
    kind_scores: dict[str, float] = dataclasses.field(default_factory=dict)
    partial: Literal["transparency", "uncertainty"] = "transparency"
