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
from mattekit.geometry import Box

__all__ = ["REACH", "SMALLEST", "chebyshev", "iteration_room"]

Planes = NDArray[np.float32]

#: How much further one application of L sees, in pixels.
REACH: Final = 2
#: Where the part of the spectrum begins, as a share of its end, that is solved for.
SMALLEST: Final = 0.01
#: Columns that a span of unknown pixels and the gap behind it have at least, as in ``laplacian.c``.
_SPAN: Final = 17


def iteration_room(height: int, width: int) -> int:
    """Return how many floats an iteration over a part of that size needs besides its planes."""
    spans = 2 * (height + 1) + 3 * 2 * height * (width // _SPAN + 1)
    # The last change of each pixel, sums of rows, and nine numbers of each window.
    return spans + 10 * height * width + 4 * width + 13 * (width + 2)


def chebyshev(
    image: Planes,
    start: Planes,
    target: Planes,
    weight: Planes,
    free: NDArray[np.bool_],
    steps: int,
    *,
    epsilon: float,
    smallest: float = SMALLEST,
    outer: Box | None = None,
    inner: Box | None = None,
    out: Planes | None = None,
) -> Planes:
    """Bring alpha closer to the minimum of ``xᵀ L x + Σ weight (x - target)²``.

    Only windows that hold a free pixel are ever looked at.

    Parameters
    ----------
    image : (3, h, w) ndarray of float32 in [0, 1]
        Colours; at least 3 × 3 pixels.
    start : ndarray of float32
        Of the size of `outer`.
    target, weight : (h, w) ndarray of float32
    free : (h, w) ndarray of bool
        Pixels that may change.
    steps : int
        Applications of L.
    epsilon : float
        Variance of colour that counts as noise.
    smallest : float
        Where the part of the spectrum begins (as a share of its end) that is to be solved for;
        smoother errors shrink more slowly, none grows.
    outer, inner : Box, optional
        The part that is looked at, of at least 3 × 3 pixels, and the part of that in which free
        pixels are written; by default all.
    out : (h, w) ndarray of float32, optional
        What is written to, by default a copy of `start`, which is as large then.

    Returns
    -------
    (h, w) ndarray of float32
    """
    height, width = target.shape
    outer = outer or Box(0, 0, width, height)
    out = np.array(start, np.float32, order="C") if out is None else out
    size = 4 * outer.size.area + iteration_room(outer.height, outer.width)
    with kernels.room(size) as memory:
        kernels.call(
            "chebyshev",
            np.ascontiguousarray(image, np.float32),
            *kernels.rows(start),
            np.ascontiguousarray(target),
            np.ascontiguousarray(weight),
            np.ascontiguousarray(free),
            height,
            width,
            *outer,
            *(inner or outer),
            steps,
            epsilon,
            smallest,
            memory,
            out,
        )
    return out
