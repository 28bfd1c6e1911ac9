"""What of a coarse matte is certain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mattekit.matting.sampling import nearest

__all__ = ["certain"]

Mask = NDArray[np.bool_]

#: Coarse alpha strictly between these is uncertain.
_LOW, _HIGH = 0.03, 0.97


def certain(alpha: NDArray[np.float32], reach: float) -> tuple[Mask, Mask]:
    """Return where a matte is certainly foreground and where certainly background.

    The unknown part is where the matte itself wavers, and what lies within `reach` of that or of
    its outline: the network's own uncertainty decides how wide the band is.

    Parameters
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]
    reach : float
        In pixels of `alpha`.
    """
    wavering = (alpha > _LOW) & (alpha < _HIGH)
    subject = alpha >= 0.5
    wavering[1:] |= subject[1:] != subject[:-1]
    wavering[:, 1:] |= subject[:, 1:] != subject[:, :-1]
    if not wavering.any():
        return subject, ~subject
    unknown = nearest(wavering)[0] <= reach
    return subject & ~unknown, ~subject & ~unknown
