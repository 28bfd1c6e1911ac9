"""From a photo to a subject: segment, zoom in, then extract: refine, foreground, assemble.

>>> from mattekit import matting
>>> sorted(matting.__all__) == matting.__all__
True
"""

from __future__ import annotations

from mattekit.matting._assemble import assemble
from mattekit.matting._foreground import foreground
from mattekit.matting._refine import refine
from mattekit.matting._segment import segment, segment_box
from mattekit.matting._solve import solve
from mattekit.matting.cleaning import clean
from mattekit.matting.closer import look_closer
from mattekit.matting.correcting import correct, refined
from mattekit.matting.extraction import Extraction, extract, uncorrected
from mattekit.matting.geodesic import FLOOD
from mattekit.matting.graphic import color_key
from mattekit.matting.marks import Corrector
from mattekit.matting.masking import matte_from_mask
from mattekit.matting.matte import Matte
from mattekit.matting.naming import kind_of, mixed_scores, named
from mattekit.matting.outlines import fill_outlines
from mattekit.matting.prompting import prompted
from mattekit.matting.replaying import Trail
from mattekit.matting.rescaling import rescale
from mattekit.matting.restricting import restrict
from mattekit.matting.selecting import select
from mattekit.matting.undecided import decide
from mattekit.matting.views import Overview
from mattekit.matting.zooming import zoom_box, zoom_in

__all__ = [
    "FLOOD",
    "Corrector",
    "Extraction",
    "Matte",
    "Overview",
    "Trail",
    "assemble",
    "clean",
    "color_key",
    "correct",
    "decide",
    "extract",
    "fill_outlines",
    "foreground",
    "kind_of",
    "look_closer",
    "matte_from_mask",
    "mixed_scores",
    "named",
    "prompted",
    "refine",
    "refined",
    "rescale",
    "restrict",
    "segment",
    "segment_box",
    "select",
    "solve",
    "uncorrected",
    "zoom_box",
    "zoom_in",
]
