"""How hard the edge of a subject is as a whole, whatever a network wavers about here and there."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.matting.matte import Matte
from mattekit.matting.trimap import outline_of

__all__ = ["hardness"]

#: Softness along the whole outline up to which a subject is hard, and from which on it is not.
_SOFTNESS: Final = (0.1, 0.4)
#: How much softer the outline of a means of transport may be: it has no hair at all.
_VEHICLE: Final = 0.3
#: Kinds with hair: most of their outline may be hard, and the hair is what people look at.
_HAIRY: Final = ("person", "animal")


def hardness(matte: Matte, softness: NDArray[np.float32]) -> float:
    """Return how sure it is that a subject has hard edges everywhere, 0 to 1.

    A network wavers at the edges of hair, and where it does not know: at a tyre before asphalt, a
    mirror before a hedge. Where nearly all of the outline is hard and the subject is neither a
    person nor an animal, the few places that waver are doubt, and colours that resemble the other
    side's are no proof against what the network is sure of beside them.

    Parameters
    ----------
    matte : Matte
    softness : (h, w) ndarray of float32 in [0, 1]
        Of `matte.alpha`, as `mattekit.matting.trimap.edge_softness` returns it.

    Returns
    -------
    float
        0 where the network tells no kinds, and where partial values mean transparency.
    """
    scores = matte.kind_scores
    if matte.partial != "uncertainty" or not scores:
        return 0.0
    edge = outline_of(matte.alpha >= 0.5)
    if not edge.any():
        return 0.0
    hard, soft = (each + _VEHICLE * scores.get("transportation", 0.0) for each in _SOFTNESS)
    share = np.clip((soft - float(softness[edge].mean())) / (soft - hard), 0, 1)
    return float(share) * (1 - min(1.0, sum(scores.get(kind, 0.0) for kind in _HAIRY)))
