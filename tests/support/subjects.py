"""Subjects for shadows to fall from."""

from __future__ import annotations

import numpy as np

from mattekit.compositing import composite, plan_shadow
from mattekit.cutout import Cutout
from mattekit.photo import Photo
from mattekit.subject import subject_box


def standing(kind="product", factor=1, dtype=np.uint8):
    """A bottle-like subject that stands in the middle of its photo."""
    opaque = np.iinfo(dtype).max
    alpha = np.zeros((300 * factor, 400 * factor), dtype)
    alpha[60 * factor : 220 * factor, 150 * factor : 230 * factor] = opaque
    color = np.full((*alpha.shape, 3), opaque // 2, dtype)
    return Cutout(color, alpha, kind=kind, box=subject_box(alpha))


def shadowed(cutout, options):
    """A cut-out with its shadow, and the background of the options, behind it."""
    return composite(cutout, Photo(cutout.color), plan_shadow(cutout, options), options)
