"""From a photo to a subject: segment, zoom in, then extract: refine, foreground, assemble.

>>> from mattekit import matting
>>> sorted(matting.__all__) == matting.__all__
True
"""

from __future__ import annotations

from mattekit.matting._assemble import assemble
from mattekit.matting._foreground import foreground
from mattekit.matting._refine import refine
from mattekit.matting._segment import segment
from mattekit.matting._solve import solve
from mattekit.matting.cleaning import clean
from mattekit.matting.extraction import extract
from mattekit.matting.graphic import color_key
from mattekit.matting.matte import Matte
from mattekit.matting.rescaling import rescale
from mattekit.matting.restricting import restrict
from mattekit.matting.zooming import zoom_box, zoom_in

__all__ = [
    "Matte",
    "assemble",
    "clean",
    "color_key",
    "extract",
    "foreground",
    "refine",
    "rescale",
    "restrict",
    "segment",
    "solve",
    "zoom_box",
    "zoom_in",
]
