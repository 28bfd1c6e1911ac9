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
from mattekit.tasks import checkpoint

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
    """

    def __init__(self, image: Planes, epsilon: float) -> None:
        # Far from 0 the differences of means would drown in rounding.
        self._image = np.ascontiguousarray(image - image.mean((1, 2), keepdims=True), np.float32)
        height, width = image.shape[1:]
        self._mean = np.empty((3, height - 2, width - 2), np.float32)
        self._factors = np.empty((6, height - 2, width - 2), np.float32)
        kernels.call(
            "factor_windows", self._image, height, width, epsilon, self._mean, self._factors
        )
        self._room = np.empty(4 * width + 13 * (width + 2), np.float32)

    def __call__(self, x: Planes) -> Planes:
        """Return L x, ``(h, w)``."""
        height, width = x.shape
        result = np.empty_like(x)
        kernels.call(
            "apply_laplacian",
            self._image,
            self._mean,
            self._factors,
            x,
            height,
            width,
            self._room,
            result,
        )
        return result


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
    center, half = (1 + smallest) / 2, (1 - smallest) / 2
    x, step, alpha = start.copy(), np.zeros_like(start), 0.0
    target, weight, unknown = map(np.ascontiguousarray, (target, weight, free.view(np.uint8)))
    for index in range(steps):
        checkpoint()
        # The three-term recurrence of Chebyshev polynomials on [smallest, 1].
        if index == 0:
            beta, alpha = 0.0, 1 / center
        else:
            beta = (half * alpha / 2) ** 2 * (2 if index == 1 else 1)
            alpha = 1 / (center - beta / alpha)
        applied = laplacian(x)
        kernels.call(
            "chebyshev_step", applied, target, weight, unknown, x.size, beta, alpha, step, x
        )
    return x
