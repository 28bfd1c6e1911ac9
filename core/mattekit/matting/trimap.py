"""What of a coarse matte is certain."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mattekit.imaging.morphology import diamond_dilation

__all__ = ["trimap_from_alpha"]

Mask = NDArray[np.bool_]

#: Coarse alpha strictly between these is uncertain.
_LOW, _HIGH = 0.03, 0.97
#: Far from the outline it is certain up to this.
_FAINT = 0.1


def trimap_from_alpha(
    alpha: NDArray[np.float32], reach: float, near: float = math.inf
) -> tuple[Mask, Mask]:
    """Return where a matte is certainly foreground and where certainly background.

    The unknown part is where the matte itself wavers, and what lies within `reach` of that or of
    its outline: the network's own uncertainty decides how wide the band is. Networks trained on
    masks also waver farther from the outline than `near`, and mean no transparency by it: over
    eyes, stains and reflections of the subject, and faintly over things behind it. A search for
    similar colours would open holes in the one and find islands among the other, so neither is
    believed there.

    Parameters
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]
    reach : float
        In pixels of `alpha`.
    near : float
        In pixels of `alpha`; infinite where partial values are transparency.
    """
    subject = alpha >= 0.5
    outline = np.zeros(alpha.shape, np.bool_)
    outline[1:] |= subject[1:] != subject[:-1]
    outline[:, 1:] |= subject[:, 1:] != subject[:, :-1]
    far = np.zeros(alpha.shape, np.bool_)
    if math.isfinite(near) and outline.any():
        far = ~diamond_dilation(outline, math.ceil(near) - 1)
    faint = far & (alpha <= _FAINT)
    wavering = outline | ((alpha > _LOW) & (alpha < _HIGH) & ~faint)
    if not wavering.any():
        return subject, ~subject
    unknown = diamond_dilation(wavering, math.floor(reach)) & ~(far & subject)
    return subject & ~unknown, ~subject & ~unknown
