"""Alpha as a function of colour, found at a small size and evaluated at a large one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box
from mattekit.matting.guided import linear_model
from mattekit.matting.shrink import resize_plane

__all__ = ["Model", "evaluate", "fit"]

Floats = NDArray[np.float32]


class Model(NamedTuple):
    """``alpha = slope · colour + base`` at a small size."""

    slope: Floats  # (3, h, w)
    base: Floats  # (h, w)


def fit(image: Floats, alpha: Floats, *, radius: int = 2, epsilon: float = 1e-3) -> Model:
    """Find how alpha changes with colour around each pixel.

    At its own size the model gives `alpha` back exactly; between the pixels it follows the colours
    of the larger picture.

    Parameters
    ----------
    image : (3, h, w) ndarray of float32 in [0, 1]
    alpha : (h, w) ndarray of float32 in [0, 1]
    radius : int
        Half the side of the windows in which colour and alpha are compared.
    epsilon : float
        Variance of colour that counts as noise.
    """
    slope = linear_model(image, alpha, radius, epsilon)[:3]
    return Model(slope, alpha - (slope * image).sum(0))


def evaluate(model: Model, box: Box, tile: Box, image: Floats) -> Floats:
    """Return alpha of a tile.

    Parameters
    ----------
    model : Model
        Covers `box`.
    box : Box
        In the large picture's pixels.
    tile : Box
        Inside `box`.
    image : (3, h, w) ndarray of float32 in [0, 1]
        The large picture's colours in the tile.
    """
    fx = model.base.shape[1] / box.width
    fy = model.base.shape[0] / box.height
    local = tile.moved(-box.left, -box.top)
    source = (local.left * fx, local.top * fy, local.right * fx, local.bottom * fy)
    alpha = resize_plane(model.base, tile.size, source).copy()
    for slope, channel in zip(model.slope, image, strict=True):
        alpha += resize_plane(slope, tile.size, source) * channel
    return np.clip(alpha, 0, 1, out=alpha)
