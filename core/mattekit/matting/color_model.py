"""Alpha as a function of colour, found at a small size and evaluated at a large one."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Size
from mattekit.imaging.labels import bounding_box
from mattekit.imaging.morphology import diamond_dilation
from mattekit.matting.guided import linear_model
from mattekit.matting.planes import upsample
from mattekit.matting.tiling import pad_box, tiles

__all__ = ["Small", "evaluate", "fitted"]

Floats = NDArray[np.float32]

#: Half the side of the windows in which colour and alpha are compared.
_RADIUS: Final = 2
#: Variance of colour that counts as noise.
_NOISE: Final = 1e-3
#: Side of the squares of the small picture in which that is done.
_TILE: Final = 128


class Small(NamedTuple):
    """Alpha at a small size, and how it depends on colour around each pixel there.

    Attributes
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1]
    model : (4, h, w) ndarray of float32
        What red, green and blue are multiplied by, and what is added; 0 where nobody asked.
    box : Box
        The part of the large picture that they cover. It may reach beyond the picture by a part
        of a small pixel.
    """

    alpha: Floats
    model: Floats
    box: Box


def fitted(image: Floats, alpha: Floats, unknown: NDArray[np.bool_], box: Box) -> Small:
    """Return how alpha depends on colour where it is unknown.

    Around each pixel alpha is a linear function of colour, found by least squares and shifted so
    that it gives the pixel's own alpha back.

    Parameters
    ----------
    image : (3, h, w) ndarray of float32 in [0, 1]
    alpha : (h, w) ndarray of float32 in [0, 1]
    unknown : (h, w) ndarray of bool
    box : Box
        The part of the large picture that all of them cover.
    """
    whole = Size(alpha.shape[1], alpha.shape[0]).box
    # Interpolation asks the neighbours too, across corners.
    needed = diamond_dilation(unknown, 2)
    model = np.zeros((4, *alpha.shape), np.float32)

    def fit(tile: Box) -> None:
        inner = bounding_box(needed[tile.slices])
        if inner is None:
            return
        inner = inner.moved(tile.left, tile.top)
        # The model is a mean over windows of what was found in windows.
        outer = pad_box(inner, 2 * _RADIUS, whole)
        rows, columns = outer.slices
        near = image[:, rows, columns]
        found = linear_model(near, alpha[rows, columns], _RADIUS, _NOISE)
        found[3] = alpha[rows, columns] - (found[:3] * near).sum(0)
        there, here = inner.slices, inner.moved(-outer.left, -outer.top).slices
        model[:, there[0], there[1]] = found[:, here[0], here[1]]

    for tile in tiles(whole, _TILE):
        fit(tile)
    return Small(alpha, model, box)


def evaluate(small: Small, tile: Box, image: Floats) -> Floats:
    """Return alpha of a tile of the large picture from its colours.

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
    large = upsample(small.model, tile.size, (left, top, right, bottom))
    large[:3] *= image
    result: Floats = large.sum(0)
    return np.clip(result, 0, 1, out=result)
