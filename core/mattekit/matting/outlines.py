"""Drawings: what an outline encloses belongs to what is drawn."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Size
from mattekit.imaging.labels import at_border, bounding_box, label
from mattekit.imaging.morphology import dilation
from mattekit.matting.matte import Matte
from mattekit.matting.tiling import pad_box

__all__ = ["fill_outlines"]

Mask = NDArray[np.bool_]

#: Alpha from which on a line closes, from which on nothing is missing, and up to which there is
#: nothing but ground.
_CLOSES: Final = 0.3
_WHOLE: Final = 0.95
_GROUND: Final = 0.05
#: Half the width of gaps in a line that close it all the same, in pixels of the matte.
_GAP: Final = 2
#: How far edges reach from the ground, in pixels of the matte, and the least area of a part.
_EDGE: Final = 2
_LEAST: Final = 12
#: How far around a part ground is looked for, in pixels of the matte.
_AROUND: Final = 32
#: Levels by which one colour varies, the share of the ground that has a part's colour where it is
#: seen through that part, and that where the ground varies and the part does not.
_SAME: Final = 24
_SEEN: Final = 0.05
_SEEN_FLAT: Final = 0.15
#: A part is flat where it varies less than this share of how the ground does. One that is not,
#: before a ground that varies by so many levels, is that ground, whatever its colours.
_FLAT: Final = 1 / 3
_VARIED: Final = 25


def fill_outlines(matte: Matte) -> Matte:
    """Fill what the outlines of a drawing enclose.

    A network sees a drawing's lines, and takes plain areas between them for paper. What a closed
    line encloses is subject, unless the ground is seen there: then it has the colours of the
    ground around the subject, and varies as that does.

    Parameters
    ----------
    matte : Matte

    Returns
    -------
    Matte
        `matte` itself where it shows no drawing, where partial values mean transparency, and where
        nothing is missing. Flat graphics on a plain ground are keyed instead; see `color_key`.
    """
    if matte.kind != "graphic" or matte.partial != "uncertainty" or not matte.found:
        return matte
    alpha = matte.alpha
    # The ground goes on beyond the border: what comes near to it closes nothing there.
    rim = _GAP + 1
    empty = np.pad(alpha < _CLOSES, rim, constant_values=True)
    open_, _ = label(~dilation(~empty, _GAP), diagonal=False)
    outside = (dilation(at_border(open_), _GAP) & empty)[rim:-rim, rim:-rim]
    enclosed = ~dilation(outside, _EDGE)
    missing, count = label((alpha < _WHOLE) & enclosed, diagonal=False)
    if not count:
        return matte
    area = np.bincount(missing.ravel(), minlength=count + 1)
    ground = outside & (alpha <= _GROUND)
    result = alpha
    for number in np.flatnonzero(area[1:] >= _LEAST) + 1:
        part = missing == number
        if not _is_ground(matte.guide, part, ground):
            whole = dilation(part, _EDGE) & enclosed
            result = np.where(whole, np.float32(1), result)
    return matte if result is alpha else dataclasses.replace(matte, alpha=result)


def _is_ground(colors: NDArray[np.uint8], part: Mask, ground: Mask) -> bool:
    """Whether the ground is seen through a part."""
    box = bounding_box(part)
    assert box is not None
    near = pad_box(box, _AROUND, Size(part.shape[1], part.shape[0]).box).slices
    around = colors[near][ground[near]]
    if not len(around):
        around = colors[ground]
    if not len(around):
        return False
    own = colors[part].astype(np.float32)
    varies = float(around.astype(np.float32).std(0).mean())
    flat = own.std(0).mean() < _FLAT * varies
    if varies >= _VARIED and not flat:
        return True
    apart = np.abs(around - np.median(own, axis=0)).max(-1)
    return float((apart <= _SAME).mean()) >= (_SEEN_FLAT if flat else _SEEN)
