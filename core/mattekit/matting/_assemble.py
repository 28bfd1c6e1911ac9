"""The last step of matting: a `Cutout` at the photo's own depth."""

from __future__ import annotations

import numpy as np

from mattekit.cutout import Cutout
from mattekit.imaging.samples import Levels, Pixels
from mattekit.matting._foreground import quantize
from mattekit.matting.matte import Matte
from mattekit.photo import Photo
from mattekit.subject import subject_box
from mattekit.tasks import checkpoint

__all__ = ["assemble"]


def assemble(photo: Photo, color: Pixels, alpha: Levels, matte: Matte) -> Cutout:
    """Put colours and alpha together.

    Parameters
    ----------
    photo : Photo
        The picture; its own transparency is multiplied in.
    color : (H, W, 3) ndarray of uint8 or uint16
        The subject's colours.
    alpha : (H, W) ndarray of float32 in [0, 1], or of the photo's dtype
    matte : Matte
        What is known about the subject.

    Returns
    -------
    Cutout
    """
    level = quantize(alpha, photo.color.dtype)
    if photo.alpha is not None:
        level = _product(level, photo.alpha)
    box = subject_box(level)
    return Cutout(
        color=color,
        alpha=level,
        metadata=photo.metadata,
        found=matte.found and box is not None,
        kind=matte.kind,
        kind_scores=matte.kind_scores,
        confidence=matte.confidence,
        box=box,
        source=photo.source,
    )


def _product(first: Pixels, second: Pixels) -> Pixels:
    """Multiply two alphas of one depth, rounded to nearest."""
    top = int(np.iinfo(first.dtype).max)
    result = np.empty_like(first)
    step = max(1, (1 << 18) // max(1, first.shape[1]))
    for y in range(0, first.shape[0], step):
        checkpoint()
        product = np.multiply(first[y : y + step], second[y : y + step], dtype=np.uint32) + top // 2
        result[y : y + step] = product // top
    return result
