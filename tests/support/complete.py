"""Files of which each byte stands for something."""

from __future__ import annotations

import numpy as np
from PIL import Image

import support.codecs as make
from mattekit.photo import Photo

RGB = Image.fromarray(make.ramp(60, 90, 3))
#: Detail everywhere: each byte of a file stands for some of it.
NOISE = Image.fromarray(np.random.default_rng(5).integers(0, 256, (60, 90, 3), np.uint8))
JPEGS = {
    "baseline": make.saved(NOISE, "JPEG"),
    "optimized": make.saved(RGB, "JPEG", optimize=True),
    "progressive": make.saved(NOISE, "JPEG", progressive=True),
    "restarts": make.saved(NOISE, "JPEG", restart_marker_blocks=1),
    "full": make.saved(NOISE, "JPEG", subsampling=0, quality=95),
    "grey": make.saved(NOISE.convert("L"), "JPEG"),
    "cmyk": make.saved(NOISE.convert("CMYK"), "JPEG"),
}


def same(one: Photo, other: Photo) -> bool:
    if (one.alpha is None) != (other.alpha is None) or one.color.shape != other.color.shape:
        return False
    if one.alpha is not None and not np.array_equal(one.alpha, other.alpha):
        return False
    return np.array_equal(one.color, other.color)


RGBA = Image.fromarray(make.ramp(60, 90, 4))
PNGS = {
    "rgb": make.saved(NOISE, "PNG"),
    "small": make.saved(RGBA, "PNG"),
    "palette": make.saved(NOISE.quantize(16), "PNG"),
    "one bit": make.saved(NOISE.convert("1"), "PNG"),
    "interlaced": make.png(make.ramp(21, 33, 4, np.uint16), interlaced=True),
    "16": make.png(make.ramp(21, 33, 3, np.uint16)),
}
