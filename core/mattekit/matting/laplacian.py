"""The matting Laplacian, applied without ever being written down.

Closed-form matting asks for alpha that is a linear function of colour in every 3 × 3 window. The
sum of squared deviations from the best such functions is the quadratic form of a sparse matrix L.
Each window contributes a projection, so the eigenvalues of L lie between 0 and 9, the number of
windows that hold a pixel. That bound is all that Chebyshev iteration needs: no inner products, and
hence a result that does not depend on how the picture is cut into tiles, as long as a tile sees
two pixels further per step than it keeps.

References
----------
Levin, Lischinski, Weiss, "A Closed-Form Solution to Natural Image Matting", 2008,
doi:10.1109/TPAMI.2007.1177.
He, Sun, Tang, "Fast Matting Using Large Kernel Matting Laplacian Matrices", 2010,
doi:10.1109/CVPR.2010.5539896 (L applied through means over windows).
Saad, "Iterative Methods for Sparse Linear Systems", 2003, doi:10.1137/1.9780898718003, chapter 12.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels

__all__ = ["REACH", "MattingLaplacian", "chebyshev"]

Planes = NDArray[np.float32]

#: How much further one application of L sees, in pixels.
REACH: Final = 2


class MattingLaplacian:
    """L of one tile.

    Parameters
    ----------
    image : (3, h, w) ndarray of float32 in [0, 1]
        Colours; at least 3 × 3 pixels.
    epsilon : float
        Variance of colour that counts as noise.

    Attributes
    ----------
    image : (3, h, w) ndarray of float32
        Colours without their mean.
    mean : (3, h - 2, w - 2) ndarray of float32
        Mean colours of the windows.
    factors : (6, h - 2, w - 2) ndarray of float32
        Of the windows' covariances as L D Lᵀ: entries 21, 31, 32 of L, one over those of D.
    """

    def __init__(self, image: Planes, epsilon: float) -> None:
        # Far from 0 the differences of means would drown in rounding.
        self.image = np.ascontiguousarray(image - image.mean((1, 2), keepdims=True), np.float32)
        height, width = image.shape[1:]
        self.mean = np.empty((3, height - 2, width - 2), np.float32)
        self.factors = np.empty((6, height - 2, width - 2), np.float32)
        kernels.call("factor_windows", self.image, height, width, epsilon, self.mean, self.factors)


def _room(width: int) -> int:
    """Return how many floats one application needs besides its planes."""
    return 4 * width + 13 * (width + 2)


def chebyshev(
    laplacian: MattingLaplacian,
    start: Planes,
    target: Planes,
    weight: Planes,
    free: NDArray[np.bool_],
    steps: int,
    *,
    smallest: float = 0.01,
) -> Planes:
    """Bring alpha closer to the minimum of ``xᵀ L x + Σ weight (x - target)²``.

    Parameters
    ----------
    laplacian : MattingLaplacian
    start, target, weight : (h, w) ndarray of float32
    free : (h, w) ndarray of bool
        Pixels that may change.
    steps : int
        Applications of L.
    smallest : float
        Where the part of the spectrum begins (as a share of its end) that is to be solved for;
        smoother errors shrink more slowly, none grows.

    Returns
    -------
    (h, w) ndarray of float32
    """
    height, width = start.shape
    x = np.array(start, np.float32, order="C")
    kernels.call(
        "chebyshev",
        laplacian.image,
        laplacian.mean,
        laplacian.factors,
        np.ascontiguousarray(target),
        np.ascontiguousarray(weight),
        np.ascontiguousarray(free),
        height,
        width,
        steps,
        smallest,
        np.empty(2 * x.size + _room(width), np.float32),
        x,
    )
    return x
