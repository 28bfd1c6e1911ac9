"""The guided filter: a matte as a locally linear function of the colours under it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.imaging.morphology import dilation

__all__ = ["box_mean", "linear_model"]

Planes = NDArray[np.float32]

#: How far apart pixels are that tell the middle of a picture's colours.
_SAMPLED: Final = 8


def box_mean(planes: Planes, radius: int) -> Planes:
    """Return the mean over ``(2 radius + 1)²`` windows, cut off at the borders.

    Parameters
    ----------
    planes : (..., h, w) ndarray of float32
    radius : int
        At least 1.
    """
    *count, height, width = planes.shape
    result = np.empty(planes.shape, np.float32)
    kernels.call(
        "box_mean",
        np.ascontiguousarray(planes, np.float32),
        math.prod(count),
        height,
        width,
        radius,
        np.empty(width + 2 * radius, np.float32),
        result,
    )
    return result


def linear_model(
    guide: Planes,
    alpha: Planes,
    radius: int,
    epsilon: float,
    wanted: NDArray[np.bool_] | None = None,
) -> Planes:
    """Fit ``alpha ≈ a · guide + b`` in windows around each pixel.

    Parameters
    ----------
    guide : (3, h, w) ndarray of float32 in [0, 1]
        Colours.
    alpha : (h, w) ndarray of float32 in [0, 1]
    radius : int
        Half the window's side.
    epsilon : float
        Variance of colour below which a window counts as flat.
    wanted : (h, w) ndarray of bool, optional
        Where the model is asked for; b is such there that each pixel's own alpha comes out.

    Returns
    -------
    (4, h, w) ndarray of float32
        The three components of a, then b, averaged over the windows that hold a pixel; 0 where
        nothing is wanted.

    References
    ----------
    He, Sun, Tang, "Guided Image Filtering", 2013, doi:10.1109/TPAMI.2012.213.
    """
    height, width = alpha.shape
    # Far from 0 the differences of means would drown in rounding. Some pixels tell the middle well
    # enough.
    center = np.ascontiguousarray(guide[:, ::_SAMPLED, ::_SAMPLED].mean((1, 2)), np.float32)
    room = np.empty((35 + 17 * (2 * radius + 1)) * (width + 2 * radius), np.float32)
    near = far = None
    if wanted is None:
        model = np.empty((4, height, width), np.float32)
    else:
        model = np.zeros((4, height, width), np.float32)
        near = dilation(wanted, radius)
        far = dilation(near, radius)
    kernels.call(
        "linear_model",
        np.ascontiguousarray(guide, np.float32),
        np.ascontiguousarray(alpha, np.float32),
        center,
        *(wanted, near, far),
        height,
        width,
        radius,
        epsilon,
        room,
        model,
    )
    return model
