"""Hints on a photo's matte: what every correction starts from, and the networks that it asks."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from mattekit import matting
from mattekit.geometry import Box
from mattekit.hints import Hints
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime

__all__ = ["Ready", "correct"]


@dataclasses.dataclass(frozen=True, eq=False)
class Ready:
    """What every correction of a photo starts from.

    Attributes
    ----------
    matte : Matte
        What is to be corrected.
    overview : Overview
        The photo.
    graphic : Matte or None
        What a flat graphic is, whose matte of a network is not used.
    trail : Trail
        What the last correction did.
    """

    matte: matting.Matte
    overview: matting.Overview
    graphic: matting.Matte | None
    trail: matting.Trail

    @classmethod
    def of(cls, photo: Photo, matte: matting.Matte, options: Options) -> Ready:
        """Return what corrections of a photo and its matte start from."""
        alpha = None if matte.mask else matting.color_key(photo, matte, enclosed=options.enclosed)
        graphic = None
        if alpha is not None:
            levels = np.asarray(alpha * 255 + 0.5).astype(np.uint8)
            graphic = matting.matte_from_mask(photo, levels, roi=options.roi)
        return cls(matte, matting.Overview.of(photo), graphic, matting.Trail())

    @functools.cached_property
    def prior(self) -> matting.Matte:
        """What is seen before anything is corrected: edges are where the picture has them."""
        return self.graphic or matting.refined(self.overview, self.matte)


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
    ready = ready or Ready.of(photo, matte, options)

    def search(box: Box) -> matting.Matte:
        session = runtime.session("builtin", device=options.device)
        return matting.segment_box(photo, session, box, box)

    def corrector() -> matting.Corrector:
        session = runtime.session("correcting", device=options.device)
        return matting.prompted(session, photo.metadata.icc_profile)

    return matting.correct(
        ready.overview,
        matte,
        hints,
        search=search,
        corrector=corrector,
        prior=ready.prior,
        trail=ready.trail,
    )
