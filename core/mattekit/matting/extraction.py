"""From a coarse matte to a subject at full size: the steps and their order."""

from __future__ import annotations

import dataclasses

from mattekit.cutout import Cutout
from mattekit.matting._assemble import assemble
from mattekit.matting._foreground import foreground
from mattekit.matting._refine import refine
from mattekit.matting.cleaning import clean
from mattekit.matting.graphic import color_key
from mattekit.matting.matte import Matte
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.tasks import stage

__all__ = ["extract"]


@stage("matting")
def extract(photo: Photo, matte: Matte, options: Options) -> Cutout:
    """Bring a coarse matte to full size and free the subject's edges of the old background.

    Parameters
    ----------
    photo : Photo
    matte : Matte
        Of this photo.
    options : Options
        `type`, `refine`, `specks`, `holes`, `semitransparency`, `decontaminate`.

    Returns
    -------
    Cutout
        On the photo's canvas, nothing behind it.
    """
    alpha = color_key(photo, matte, enclosed=options.enclosed)
    if alpha is None:
        alpha = refine(photo, matte, quality=options.refine)
    else:
        kind = "graphic" if options.type == "auto" else options.type
        matte = dataclasses.replace(matte, found=True, kind=kind)
    alpha = clean(alpha, photo, matte, options)
    color = foreground(photo.color, alpha) if options.decontaminate else photo.color
    return assemble(photo, color, alpha, matte)
