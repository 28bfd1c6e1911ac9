"""What every decoded photo keeps to."""

from __future__ import annotations

import numpy as np

import support.codecs as make
from mattekit.photo import Photo

RGB = make.ramp(37, 53)


def stacked(gray: np.ndarray) -> np.ndarray:
    return np.stack([gray] * 3, -1)


FULL = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}


def check_contract(photo: Photo) -> None:
    assert photo.color.ndim == 3
    assert photo.color.shape[2] == 3
    assert photo.color.dtype in FULL
    assert photo.color.flags.c_contiguous
    assert photo.color.flags.writeable
    if photo.alpha is not None:
        assert photo.alpha.shape == photo.color.shape[:2]
        assert photo.alpha.dtype == photo.color.dtype
        assert photo.alpha.flags.c_contiguous
        assert photo.alpha.flags.writeable


RGBA = make.ramp(37, 53, 4)
