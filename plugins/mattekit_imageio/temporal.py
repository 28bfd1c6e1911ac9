"""Keeping mattes steady from frame to frame.

A network that sees every frame for the first time wavers: an edge moves by a pixel, a hole opens
and closes. `TemporalFilter` brings the last coarse matte over the new frame along the estimated
motion and mixes the two wherever the picture there is what was expected. Where it is not (something
new comes into sight, a cut, motion that was not understood) the new matte counts alone, so that
nothing trails behind. Only the coarse matte is touched: the edges of each frame are found anew, in
that frame, when the matte is refined.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.errors import OptionError
from mattekit.geometry import Size
from mattekit.matting import Matte, kind_of, mixed_scores
from mattekit.matting.guided import box_mean
from mattekit.matting.rescaling import overlay
from mattekit_imageio.motion import optical_flow, warp

__all__ = ["TemporalFilter"]

#: Share of the last matte where the picture is as expected, at full strength.
_MOST: Final = 0.85
#: Differences of colour, in 8-bit levels, that noise alone makes in a clean video.
_NOISE: Final = 4.0
#: From this share of a matte on, what is more than half opaque is a subject.
_LEAST_AREA: Final = 0.0005
#: How much of the last frame's kinds is kept.
_KINDS: Final = 0.9


class TemporalFilter:
    """A filter of coarse mattes with a memory of one frame.

    Parameters
    ----------
    strength : float
        0 (every frame for itself) to 1.
    """

    def __init__(self, strength: float = 0.8) -> None:
        if not 0 <= strength <= 1:
            raise OptionError("temporal", strength, "a number from 0 to 1")
        self.strength = float(strength)
        self._last: Matte | None = None

    def __call__(self, matte: Matte) -> Matte:
        """Return the matte of the next frame, made steady."""
        last, steady = self._last, matte
        if last is not None and self.strength > 0 and last.box.intersection(matte.box).size.area:
            steady = self._mixed(_over(last, matte), matte)
        self._last = steady
        return steady

    def _mixed(self, last: Matte, matte: Matte) -> Matte:
        flow = optical_flow(last.guide, matte.guide)
        before = np.concatenate(
            [last.guide.transpose(2, 0, 1).astype(np.float32), last.alpha[None]]
        )
        moved = warp(before, flow)
        weight = self.strength * _MOST * _trust(moved[:3], matte.guide)
        alpha = matte.alpha + weight * (moved[3] - matte.alpha)
        found = matte.found or bool((alpha > 0.5).mean() >= _LEAST_AREA)
        scores = mixed_scores(matte.kind_scores, last.kind_scores, _KINDS)
        return dataclasses.replace(
            matte,
            alpha=alpha.astype(np.float32),
            found=found,
            kind=kind_of(scores),
            kind_scores=scores,
        )


def _over(last: Matte, matte: Matte) -> Matte:
    """Return the last matte with the samples of a new one; where it said nothing, the new one."""
    if last.box == matte.box and last.alpha.shape == matte.alpha.shape:
        return last
    alpha, guide = matte.alpha.copy(), matte.guide.copy()
    height, width = alpha.shape
    size = Size(width, height)
    part, cells = overlay(last.alpha, last.box, matte.box, size)
    alpha[cells.slices] = part
    for channel in range(guide.shape[2]):
        plane = last.guide[..., channel].astype(np.float32)
        part, _ = overlay(plane, last.box, matte.box, size)
        guide[cells.slices][..., channel] = part + 0.5
    return dataclasses.replace(last, alpha=alpha, guide=guide, box=matte.box)


def _trust(expected: NDArray[np.float32], guide: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return, in [0, 1], how much each neighbourhood looks as expected."""
    difference = np.abs(expected - guide.transpose(2, 0, 1)).max(0)
    difference = box_mean(difference, 1)
    # The noise of this very clip: what half of its pixels do not exceed.
    scale = max(_NOISE, min(4 * _NOISE, 2 * float(np.median(difference[::2, ::2]))))
    return np.asarray(np.exp(-np.square(difference / (2 * scale))), np.float32)
