"""From a photo to a subject: segment, then extract: refine, foreground, assemble.

>>> from mattekit import matting
>>> sorted(matting.__all__) == matting.__all__
True
"""

from __future__ import annotations

from mattekit.matting.assemble import assemble
from mattekit.matting.extraction import extract
from mattekit.matting.foreground import foreground
from mattekit.matting.graphic import color_key
from mattekit.matting.matte import Matte
from mattekit.matting.refine import refine
from mattekit.matting.segment import segment
from mattekit.matting.settle import settle
from mattekit.matting.solve import solve

__all__ = [
    "Matte",
    "assemble",
    "color_key",
    "extract",
    "foreground",
    "refine",
    "segment",
    "settle",
    "solve",
]
