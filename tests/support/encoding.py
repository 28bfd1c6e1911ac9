"""A cut-out, and files of it."""

from __future__ import annotations

import numpy as np

from mattekit import codecs
from mattekit.cutout import Cutout
from mattekit.options import Options
from support.helpers import disc


def cutout(dtype: type = np.uint8, *, transparent: bool = True) -> Cutout:
    truth = disc(70, 90)
    full = np.iinfo(dtype).max
    color = np.floor(truth.foreground * full + 0.5).astype(dtype)
    alpha = np.floor(truth.alpha * full + 0.5).astype(dtype)
    return Cutout(color, alpha if transparent else np.full_like(alpha, full))


def encoded(picture: Cutout, **options: object) -> codecs.Encoded:
    return codecs.encode(picture, Options().replace(**options))
