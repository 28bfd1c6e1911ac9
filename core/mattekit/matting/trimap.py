"""What of a coarse matte is certain."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mattekit.matting.sampling import widened

__all__ = ["certain"]

Mask = NDArray[np.bool_]

#: Coarse alpha strictly between these is uncertain.
_LOW, _HIGH = 0.03, 0.97


def certain(
    alpha: NDArray[np.float32], reach: float, inside: float = math.inf
) -> tuple[Mask, Mask]:
    """Return where a matte is certainly foreground and where certainly background.

    The unknown part is where the matte itself wavers, and what lies within `reach` of that or of
    its outline: the network's own uncertainty decides how wide the band is. With `inside` it is
    not believed deep inside the subject: networks trained on masks hesitate over eyes, stains and
    reflections, and a search for similar colours would open holes there.

    Parameters
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]
    reach : float
        In pixels of `alpha`.
    inside : float
        So far from its outline the subject is certain, in pixels of `alpha`.
    """
    subject = alpha >= 0.5
    outline = np.zeros(alpha.shape, np.bool_)
    outline[1:] |= subject[1:] != subject[:-1]
    outline[:, 1:] |= subject[:, 1:] != subject[:, :-1]
    wavering = outline | ((alpha > _LOW) & (alpha < _HIGH))
    if not wavering.any():
        return subject, ~subject
    unknown = widened(wavering, math.floor(reach))
    if math.isfinite(inside) and outline.any():
        unknown &= ~subject | widened(outline, math.ceil(inside) - 1)
    return subject & ~unknown, ~subject & ~unknown
