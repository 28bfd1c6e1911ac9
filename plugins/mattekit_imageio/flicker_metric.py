"""How much mattes waver, as a number."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mattekit_imageio.motion import optical_flow, warp

__all__ = ["flicker"]


def flicker(mattes: Iterable[NDArray[np.uint8]], frames: Iterable[NDArray[np.uint8]]) -> float:
    """Return how much mattes change that the picture does not account for.

    The matte of each frame is compared with that of the frame before, brought over it along the
    motion that the pictures show.

    Parameters
    ----------
    mattes : iterable of (H, W) ndarray of uint8
        Alpha, frame by frame.
    frames : iterable of (H, W, 3) ndarray of uint8
        The pictures that they belong to.

    Returns
    -------
    float
        Mean absolute difference in [0, 1], per pixel of the subject; 0 for fewer than two frames.
    """
    total, weight = 0.0, 0.0
    last: tuple[NDArray[np.uint8], NDArray[np.float32]] | None = None
    for matte, frame in zip(mattes, frames, strict=True):
        alpha = matte.astype(np.float32) * np.float32(1 / 255)
        if last is not None:
            expected = warp(last[1][None], optical_flow(last[0], frame))[0]
            total += float(np.abs(alpha - expected).sum())
            weight += float(alpha.sum() + expected.sum()) / 2
        last = (frame, alpha)
    return total / weight if weight else 0.0
