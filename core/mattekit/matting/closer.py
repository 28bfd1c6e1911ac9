"""Looking closer: the network sees parts of a subject, each as large as it can.

Where exactly a subject ends is a question of resolution; what the subject is, is one of context. So
the parts overlap, and speak only where the look at the whole wavers, and only where they agree with
it about everything else: as a whole, and around each place. A line that lies a pixel beside the
other differs little over a wider area; a tyre that one takes for ground differs much.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Size
from mattekit.imaging.labels import bounding_box
from mattekit.imaging.morphology import dilation
from mattekit.matting._odds import agreement, alpha_of_odds, odds_of_alpha
from mattekit.matting._segment import segment_box
from mattekit.matting.guided import box_mean
from mattekit.matting.matte import Matte
from mattekit.matting.rescaling import overlay
from mattekit.photo import Photo
from mattekit.runtime.session import Session

__all__ = ["look_closer"]

Alpha = NDArray[np.float32]

#: Longer side of mattes above which a network sees edges well enough.
_FINE: Final = 512
#: Alpha from which on a pixel may belong to the subject.
_POSSIBLE: Final = 0.3
#: Context around the subject, as a share of its sides, and the share of each side that one of two
#: looks along it shows.
_CONTEXT: Final = 0.08
_SHARE: Final = 0.62
#: How much a look must agree with what is known: their fuzzy intersection over union.
_AGREEMENT: Final = 0.9
#: Half the side of the windows in which a look must agree once more, in pixels of the first matte,
#: and the mean difference of alpha up to which it does and from which on it does not.
_WINDOW: Final = 14
_DIFFERENCE: Final = (0.12, 0.22)
#: How many times a look counts as much as the one at the whole.
_WEIGHT: Final = 1.5
#: What counts less near the border of a look, as a share of its sides: there it lacks context.
_RIM: Final = 0.12
#: Alpha between which the look at the whole wavers, and how far around that it may be wrong, in
#: pixels of its matte.
_WAVERING: Final = (0.03, 0.97)
_REACH: Final = 3
#: Certainty beyond which logarithms of odds are cut off.
_CERTAIN: Final = 1e-3


def look_closer(photo: Photo, session: Session, matte: Matte) -> Matte:
    """Let the network look at the four quarters of its subject, for where its edge is.

    Parameters
    ----------
    photo : Photo
    session : Session
        The network that made `matte`.
    matte : Matte
        Of this photo.

    Returns
    -------
    Matte
        Near its edges alpha is the mean, in logarithms of odds, of all looks that agree around
        there; all else is as it was. `matte` itself where nothing is found, where partial values
        mean transparency, where it is as fine as the photo or the network's are fine anyway, and
        where no look agrees with it (an intersection over union of 0.9).

    Raises
    ------
    ModelCardError
        The network answered with something that its card does not describe.
    """
    height, width = matte.alpha.shape
    subject = bounding_box(matte.alpha >= _POSSIBLE)
    if (
        subject is None
        or not matte.found
        or matte.partial != "uncertainty"
        or not max(matte.box.size) > max(height, width) <= _FINE
    ):
        return matte
    size, known = Size(width, height), matte.alpha
    odds, weight = odds_of_alpha(known, _CERTAIN), np.ones_like(known)
    agreed = False
    for view in _quarters(subject, matte):
        look = segment_box(photo, session, view, matte.roi, rated=False)
        if not look.found:
            continue
        seen, cells = overlay(look.alpha, view, matte.box, size)
        seen, before = np.clip(seen, 0, 1), known[cells.slices]
        if agreement(seen, before) < _AGREEMENT:
            continue
        agreed = True
        counts = _counted(seen.shape) * _trusted(seen, before)
        odds[cells.slices] += counts * odds_of_alpha(seen, _CERTAIN)
        weight[cells.slices] += counts
    if not agreed:
        return matte
    mean = alpha_of_odds(odds / weight, _CERTAIN)
    low, high = _WAVERING
    open_ = dilation((known > low) & (known < high), _REACH)
    alpha = np.where(open_, mean, known).astype(np.float32)
    return dataclasses.replace(matte, alpha=alpha)


def _quarters(subject: Box, matte: Matte) -> list[Box]:
    """Return four overlapping parts of a subject in the matte, in pixels of the photo."""
    fx, fy = matte.box.width / matte.alpha.shape[1], matte.box.height / matte.alpha.shape[0]
    edges = subject.left * fx, subject.top * fy, subject.right * fx, subject.bottom * fy
    box = Box.covering(*edges).moved(matte.box.left, matte.box.top)
    across, down = round(box.width * _CONTEXT), round(box.height * _CONTEXT)
    left, top, right, bottom = box.padded(across, down, across, down).intersection(matte.box)
    width, height = max(1, round((right - left) * _SHARE)), max(1, round((bottom - top) * _SHARE))
    return [
        Box(x, y, x + width, y + height)
        for x in (left, right - width)
        for y in (top, bottom - height)
    ]


def _trusted(seen: Alpha, known: Alpha) -> Alpha:
    """Return how much each pixel of a look counts, as far as it agrees around there."""
    agrees, differs = _DIFFERENCE
    apart = box_mean(np.abs(seen - known), _WINDOW)
    trusted = np.clip((differs - apart) / (differs - agrees), 0, 1)
    return np.asarray(_WEIGHT * trusted, np.float32)


def _counted(shape: tuple[int, ...]) -> Alpha:
    """Return how much each pixel of a look counts."""
    down, across = (
        (np.minimum(np.arange(side), np.arange(side)[::-1]) + 0.5) / (_RIM * side) for side in shape
    )
    return np.asarray(np.clip(np.minimum.outer(down, across), 0, 1), np.float32)
