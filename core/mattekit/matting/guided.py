"""The guided filter: a matte as a locally linear function of the colours under it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["box_mean", "linear_model"]

Planes = NDArray[np.float32]


def box_mean(planes: Planes, radius: int) -> Planes:
    """Return the mean over ``(2 radius + 1)²`` windows, cut off at the borders.

    Parameters
    ----------
    planes : (..., h, w) ndarray of float32
    radius : int
        At least 1.
    """
    for axis in (-2, -1):
        last = planes.shape[axis] - 1
        reach = min(radius, last)
        index = np.arange(last + 1)
        count = np.minimum(index, reach) + np.minimum(last - index, reach) + 1
        sums, ahead = planes.copy(), np.moveaxis(planes, axis, 0)
        total = np.moveaxis(sums, axis, 0)
        for step in range(1, reach + 1):
            total[step:] += ahead[:-step]
            total[:-step] += ahead[step:]
        sums /= (count[:, None] if axis == -2 else count).astype(np.float32)
        planes = sums
    return planes


def linear_model(guide: Planes, alpha: Planes, radius: int, epsilon: float) -> Planes:
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

    Returns
    -------
    (4, h, w) ndarray of float32
        The three components of a, then b, averaged over the windows that hold a pixel.

    References
    ----------
    He, Sun, Tang, "Guided Image Filtering", 2013, doi:10.1109/TPAMI.2012.213.
    """
    center = guide.mean((1, 2), keepdims=True)
    offset = guide - center
    products = np.stack(
        [offset[i] * offset[j] for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))]
    )
    means = box_mean(np.concatenate([offset, alpha[None], products, offset * alpha]), radius)
    m, p, squares, cross = means[:3], means[3], means[4:10], means[10:13]
    rr = squares[0] - m[0] * m[0] + epsilon
    rg = squares[1] - m[0] * m[1]
    rb = squares[2] - m[0] * m[2]
    gg = squares[3] - m[1] * m[1] + epsilon
    gb = squares[4] - m[1] * m[2]
    bb = squares[5] - m[2] * m[2] + epsilon
    cov = cross - m * p
    # The inverse of a symmetric 3 × 3 matrix, written out.
    irr, irg, irb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    igg, igb, ibb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    determinant = rr * irr + rg * irg + rb * irb
    a = np.stack(
        [
            irr * cov[0] + irg * cov[1] + irb * cov[2],
            irg * cov[0] + igg * cov[1] + igb * cov[2],
            irb * cov[0] + igb * cov[1] + ibb * cov[2],
        ]
    )
    a /= determinant
    b = p - (a * m).sum(0)
    model = box_mean(np.concatenate([a, b[None]]), radius)
    model[3] -= (model[:3] * center).sum(0)
    return model
