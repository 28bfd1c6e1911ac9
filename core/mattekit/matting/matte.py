"""`Matte`: what a network made of a picture, before it is brought to full size."""

from __future__ import annotations

import dataclasses
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Size
from mattekit.hints import Hints

__all__ = ["Correction", "Mask", "Matte"]


class Mask(NamedTuple):
    """Somebody's mask of a photo, at its size.

    Attributes
    ----------
    levels : (H, W) ndarray of uint8
        0 background, 255 subject; between them soft, or unknown in a trimap.
    trimap : bool
        Whether what lies between is unknown, and all else certain.
    """

    levels: NDArray[np.uint8]
    trimap: bool


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
    confidence : float or None
        See `mattekit.Cutout`.
    kind : str
        The most probable kind of subject, ``"other"`` where unsure.
    kind_scores : dict of str to float
        Probability of each kind that the network tells apart; empty where it tells none.
    partial : {"transparency", "uncertainty"}
        What values between 0 and 1 deep inside the subject mean; see `OutputSpec.partial`.
    mask : Mask or None
        The mask at full size from which this matte was made, if it was.
    correction : Correction or None
        What hints changed in it.
    """

    alpha: NDArray[np.float32]
    box: Box
    roi: Box
    guide: NDArray[np.uint8]
    found: bool = True
    confidence: float | None = None
    kind: str = "other"
    kind_scores: dict[str, float] = dataclasses.field(default_factory=dict)
    partial: Literal["transparency", "uncertainty"] = "transparency"
    mask: Mask | None = None
    correction: Correction | None = None

    @property
    def size(self) -> Size:
        """Columns and rows of alpha, which has fewer samples than the photo has pixels."""
        return Size(self.alpha.shape[1], self.alpha.shape[0])


class Correction(NamedTuple):
    """What hints changed in a matte.

    Attributes
    ----------
    before : Matte
        As it was.
    hints : Hints
        What was marked.
    weight : (h, w) ndarray of float32 in [0, 1]
        How much of the change is to be seen where, over `Matte.box`; everything stays as it was
        where it is 0.
    """

    before: Matte
    hints: Hints
    weight: NDArray[np.float32]
