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

from mattekit.tasks import checkpoint

__all__ = ["REACH", "MattingLaplacian", "chebyshev"]

Planes = NDArray[np.float32]

#: How much further one application of L sees, in pixels.
REACH: Final = 2

_WINDOW: Final = np.float32(9)
_PAIRS: Final = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))


def _sums(planes: Planes) -> Planes:
    """Return sums over the 3 × 3 windows that lie inside: ``(..., h - 2, w - 2)``."""
    rows = planes[..., :-2, :] + planes[..., 1:-1, :]
    rows += planes[..., 2:, :]
    result = rows[..., :-2] + rows[..., 1:-1]
    result += rows[..., 2:]
    return result


def _spread(planes: Planes) -> Planes:
    """Return for each pixel the sum over the windows that hold it, the adjoint of `_sums`."""
    *front, height, width = planes.shape
    padded = np.zeros((*front, height + 4, width + 4), np.float32)
    padded[..., 2:-2, 2:-2] = planes
    return _sums(padded)


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
        # Far from 0 the differences of means below would drown in rounding.
        self._image = image - image.mean((1, 2), keepdims=True)
        mean = _sums(self._image) / _WINDOW
        center = self._image[:, 1:-1, 1:-1]
        height, width = center.shape[1:]
        cov = np.zeros((6, height, width), np.float32)
        for dy in range(3):
            for dx in range(3):
                offset = self._image[:, dy : dy + height, dx : dx + width] - mean
                for entry, (i, j) in enumerate(_PAIRS):
                    cov[entry] += offset[i] * offset[j]
        cov /= _WINDOW
        cov[[0, 3, 5]] += np.float32(epsilon)
        self._mean = mean
        self._factors = _factors(cov, epsilon)
        self._count = _spread(np.ones((height, width), np.float32))

    def __call__(self, x: Planes) -> Planes:
        """Return L x, ``(h, w)``."""
        image, mean = self._image, self._mean
        products = np.empty((4, *x.shape), np.float32)
        products[0] = x
        np.multiply(image, x, out=products[1:])
        products = _sums(products)
        products /= _WINDOW
        products[1:] -= mean * products[0]
        slope = _solved(self._factors, products[1:])
        products[0] -= (slope * mean).sum(0)
        fit = _spread(products)
        fit[1:] *= image
        return np.asarray(self._count * x - fit.sum(0))


def _factors(m: Planes, least: float) -> tuple[Planes, Planes]:
    """Factor symmetric 3 × 3 matrices, given as their six upper entries, into L D Lᵀ.

    An inverse written out would be lost in rounding where a window has but two colours.

    Returns
    -------
    lower : (3, h, w) ndarray
        Entries 21, 31 and 32 of L.
    diagonal : (3, h, w) ndarray
        One over the entries of D, which are at least `least`.
    """
    rr, rg, rb, gg, gb, bb = m
    lower, diagonal = np.empty_like(m[:3]), np.empty_like(m[:3])
    np.divide(1, np.maximum(rr, least), out=diagonal[0])
    np.multiply(rg, diagonal[0], out=lower[0])
    np.multiply(rb, diagonal[0], out=lower[1])
    np.divide(1, np.maximum(gg - lower[0] * rg, least), out=diagonal[1])
    rest = gb - lower[0] * rb
    np.multiply(rest, diagonal[1], out=lower[2])
    np.divide(1, np.maximum(bb - lower[1] * rb - lower[2] * rest, least), out=diagonal[2])
    return lower, diagonal


def _solved(factors: tuple[Planes, Planes], v: Planes) -> Planes:
    """Return ``(L D Lᵀ)⁻¹ v``; `v` is overwritten."""
    (a, b, c), diagonal = factors
    v[1] -= a * v[0]
    v[2] -= b * v[0]
    v[2] -= c * v[1]
    v *= diagonal
    v[1] -= c * v[2]
    v[0] -= a * v[1]
    v[0] -= b * v[2]
    return v


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
    scale = np.where(free, 1 / (_WINDOW + weight), np.float32(0)).astype(np.float32)
    center, half = (1 + smallest) / 2, (1 - smallest) / 2
    x, step, alpha = start.copy(), np.zeros_like(start), 0.0
    for index in range(steps):
        checkpoint()
        residual = weight * (target - x)
        residual -= laplacian(x)
        residual *= scale
        # The three-term recurrence of Chebyshev polynomials on [smallest, 1].
        if index == 0:
            beta, alpha = 0.0, 1 / center
        else:
            beta = (half * alpha / 2) ** 2 * (2 if index == 1 else 1)
            alpha = 1 / (center - beta / alpha)
        step *= np.float32(beta)
        step += residual
        x += np.float32(alpha) * step
    return x
