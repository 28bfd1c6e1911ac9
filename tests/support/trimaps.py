"""Trimaps with known truth."""

from __future__ import annotations

import numpy as np

from mattekit.matting.sampling import nearest


def trimap_of(alpha, reach=6):
    unknown = nearest((alpha > 0) & (alpha < 1))[0] <= reach
    return np.where(unknown, 128, np.where(alpha > 0.5, 255, 0)).astype(np.uint8)
