"""What of a coarse matte is certain."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.imaging.morphology import diamond_dilation
from mattekit.matting.evidence import alternating

__all__ = [
    "edge_softness",
    "gaps_inside",
    "outline_of",
    "still_certain",
    "trimap_from_alpha",
]

Mask = NDArray[np.bool_]
Alpha = NDArray[np.float32]

#: Coarse alpha strictly between these is uncertain.
_LOW, _HIGH = 0.03, 0.97
#: Far from the outline it is certain up to this.
_FAINT = 0.1
#: Alpha up to which a network wavers over gaps inside a subject, and how many times farther inside
#: than other doubt they are believed.
_FIRM = 0.98
_DEEP = 5
#: Half the side of the windows in which the width of edges is measured, what wavers there, and
#: widths up to which an edge is hard and from which on it is soft, in pixels of the matte.
_RADIUS = 4
_WAVERING = (0.05, 0.95)
_WIDTHS = (1.8, 3.5)
#: So near to what was held for certain a solution that says the opposite touches it, in pixels.
_TOUCH = 2


def edge_softness(alpha: Alpha) -> Alpha:
    """Return how soft a network believes edges to be: 0 hard, 1 hair, fur or veils.

    A network that is trained on mattes answers with a step where an edge is hard, and wavers where
    single hairs are finer than what it sees, or where it does not know.

    Parameters
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]

    Returns
    -------
    (h, w) ndarray of float32 in [0, 1]
        What is true around each pixel; 0 far from the outline, where nothing wavers.
    """
    height, width = alpha.shape
    result = np.empty(alpha.shape, np.float32)
    room = np.empty(2 * alpha.size + 2 * width, np.uint8)
    lines = np.empty(3 * (width + 2 * _RADIUS), np.float32)
    source = np.ascontiguousarray(alpha), height, width, _RADIUS, *_WAVERING, *_WIDTHS
    kernels.call("edge_softness", *source, room, lines, result)
    return result


def outline_of(subject: Mask) -> Mask:
    """Return the pixels of a mask that differ from the one above or to the left of them."""
    outline = np.zeros(subject.shape, np.bool_)
    outline[1:] |= subject[1:] != subject[:-1]
    outline[:, 1:] |= subject[:, 1:] != subject[:, :-1]
    return outline


def gaps_inside(alpha: Alpha, colors: NDArray[np.uint8], near: float) -> Mask | None:
    """Return where a subject may have gaps that a network sees as doubt alone.

    The sky between leaves, the wall between strands: farther from the outline than `near`, but not
    much farther, the network wavers, and colours of both sides lie side by side.

    Parameters
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]
    colors : (h, w, 3) ndarray of uint8
    near : float
        In pixels of `alpha`.

    Returns
    -------
    (h, w) ndarray of bool, or None
        None where there is none.
    """
    outline = outline_of(alpha >= 0.5)
    if not math.isfinite(near) or not outline.any():
        return None
    wavering = (alpha >= 0.5) & (alpha < _FIRM)
    if not (wavering & ~diamond_dilation(outline, math.ceil(near) - 1)).any():
        return None
    return wavering & alternating(colors, alpha) & diamond_dilation(outline, _DEEP * near - 1)


def trimap_from_alpha(
    alpha: Alpha, reach: float | Alpha, near: float = math.inf, gaps: Mask | None = None
) -> tuple[Mask, Mask]:
    """Return where a matte is certainly foreground and where certainly background.

    The unknown part is where the matte itself wavers, and what lies within `reach` of that or of
    its outline: the network's own uncertainty decides how wide the band is. Networks trained on
    masks also waver farther from the outline than `near`, and mean no transparency by it: over
    eyes, stains and reflections of the subject, and faintly over things behind it. A search for
    similar colours would open holes in the one and find islands among the other, so neither is
    believed there, but for `gaps`.

    Parameters
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]
    reach : float or (h, w) ndarray of float32
        In pixels of `alpha`; for all of it, or from each pixel.
    near : float
        In pixels of `alpha`; infinite where partial values are transparency.
    gaps : (h, w) ndarray of bool, optional
        Where the subject may have gaps farther inside.
    """
    subject = alpha >= 0.5
    outline = outline_of(subject)
    far = np.zeros(alpha.shape, np.bool_)
    if math.isfinite(near) and outline.any():
        far = ~diamond_dilation(outline, math.ceil(near) - 1)
    faint = far & (alpha <= _FAINT)
    if gaps is not None:
        far &= ~gaps
    wavering = outline | ((alpha > _LOW) & (alpha < _HIGH) & ~faint)
    if not wavering.any():
        return subject, ~subject
    unknown = diamond_dilation(wavering, reach) & ~(far & subject)
    return subject & ~unknown, ~subject & ~unknown


def still_certain(alpha: Alpha, front: Mask, back: Mask, reach: float) -> tuple[Mask, Mask]:
    """Return what stays certain where a solution meets no outline before its band ends.

    What is subject up to the known background, or background up to the known subject, goes on
    beyond: the band ended before the edge did. It grows there, and nowhere else.

    Parameters
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]
        The solution.
    front, back : (h, w) ndarray of bool
        What was held for certainly foreground and certainly background.
    reach : float
        How far the band grows from such places, in pixels.

    Returns
    -------
    front, back : (h, w) ndarray of bool
        As they were given where no such place is.
    """
    subject, open_ = alpha >= 0.5, ~(front | back)

    def kept(side: Mask, against: Mask) -> Mask:
        touching = open_ & against & diamond_dilation(side, _TOUCH)
        return side & ~diamond_dilation(touching, reach) if touching.any() else side

    return kept(front, ~subject), kept(back, subject)
