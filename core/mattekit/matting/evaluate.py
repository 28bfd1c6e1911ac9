"""Alpha as a function of colour, found at a small size and evaluated at a large one."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box
from mattekit.matting.enlarge import enlarged
from mattekit.matting.guided import linear_model

__all__ = ["Small", "evaluate"]

Floats = NDArray[np.float32]


#: Half the side of the windows in which colour and alpha are compared.
_RADIUS: Final = 2
#: Variance of colour that counts as noise.
_NOISE: Final = 1e-3


class Small(NamedTuple):
    """A picture and its alpha at a small size, and the box of the large picture that they cover."""

    image: Floats  # (3, h, w) in [0, 1]
    alpha: Floats  # (h, w) in [0, 1]
    box: Box


def evaluate(small: Small, tile: Box, image: Floats) -> Floats:
    """Return alpha of a tile of the large picture.

    Around each pixel of the small picture alpha is a linear function of colour, found by least
    squares and shifted so that it gives the small alpha back; its coefficients are interpolated
    and applied to the large picture's colours.

    Parameters
    ----------
    small : Small
    tile : Box
        Inside `small.box`.
    image : (3, h, w) ndarray of float32 in [0, 1]
        The large picture's colours in the tile.
    """
    box, (height, width) = small.box, small.alpha.shape
    fx, fy = width / box.width, height / box.height
    left, right = (tile.left - box.left) * fx, (tile.right - box.left) * fx
    top, bottom = (tile.top - box.top) * fy, (tile.bottom - box.top) * fy
    # Coefficients depend on windows of windows, and are interpolated.
    reach = 2 * _RADIUS + 2
    x, y = max(0, int(left) - reach), max(0, int(top) - reach)
    rows = slice(y, min(height, math.ceil(bottom) + reach))
    columns = slice(x, min(width, math.ceil(right) + reach))
    near, alpha = small.image[:, rows, columns], small.alpha[rows, columns]
    model = linear_model(near, alpha, _RADIUS, _NOISE)
    model[3] = alpha - (model[:3] * near).sum(0)
    source = (left - x, top - y, right - x, bottom - y)
    large = enlarged(model, tile.size, source)
    large[:3] *= image
    result: Floats = large.sum(0)
    return np.clip(result, 0, 1, out=result)
