"""How much of a picture a network has seen: all of it where its matte has as many pixels."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from mattekit.matting.matte import Matte

__all__ = ["fineness"]

#: Pixels of the picture to one of its matte, a side, up to which the network has seen everything,
#: and from which on the picture says much more.
_PIXELS: Final = (1.0, 1.5)


def fineness(matte: Matte) -> float:
    """Return how far a matte knows a picture's edges as well as the picture itself does, 0 to 1.

    A solution finds edges that a matte is too coarse to show. Where both have the same pixels,
    there are none: the network has seen every colour that is compared, and what surrounds it.

    Parameters
    ----------
    matte : Matte

    Returns
    -------
    float
        Falls steadily with the size of the picture. 0 where partial values mean transparency,
        where somebody's mask is at the picture's own size, and as far as the subject is a graphic:
        its colours are flat, and say exactly what it is.
    """
    if matte.partial != "uncertainty" or matte.mask is not None:
        return 0.0
    full, none = _PIXELS
    pixels = math.sqrt(matte.box.size.area / matte.size.area)
    share = np.clip((none - pixels) / (none - full), 0, 1)
    return float(share) * (1 - min(1.0, matte.kind_scores.get("graphic", 0.0)))
