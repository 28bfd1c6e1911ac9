"""Hints on a photo's matte: what every correction starts from, and the networks that it asks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mattekit import matting
from mattekit.geometry import Box
from mattekit.hints import Hints
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime

__all__ = ["Ready", "correct"]


class Ready(NamedTuple):
    """What every correction of a photo starts from.

    Attributes
    ----------
    overview : Overview
    prior : Matte or None
        What a flat graphic is, whose matte of a network is not used.
    """

    overview: matting.Overview
    prior: matting.Matte | None

    @classmethod
    def of(cls, photo: Photo, matte: matting.Matte, options: Options) -> Ready:
        """Return what corrections of a photo and its matte start from."""
        alpha = None if matte.mask else matting.color_key(photo, matte, enclosed=options.enclosed)
        prior = None
        if alpha is not None:
            levels = np.asarray(alpha * 255 + 0.5).astype(np.uint8)
            prior = matting.matte_from_mask(photo, levels, roi=options.roi)
        return cls(matting.Overview.of(photo), prior)


def correct(
    photo: Photo,
    matte: matting.Matte,
    hints: Hints,
    options: Options,
    runtime: Runtime,
    *,
    ready: Ready | None = None,
) -> matting.Matte:
    """Let hints correct a matte: networks say what they mean, and look again into boxes."""
    overview, prior = ready or Ready.of(photo, matte, options)

    def search(box: Box) -> matting.Matte:
        session = runtime.session("builtin", device=options.device)
        return matting.segment_box(photo, session, box, box)

    def corrector() -> matting.Corrector:
        session = runtime.session("correcting", device=options.device)
        return matting.prompted(session, photo.metadata.icc_profile)

    return matting.correct(overview, matte, hints, search=search, corrector=corrector, prior=prior)
