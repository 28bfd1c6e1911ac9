"""Alpha as a function of colour, found at a small size and evaluated at a large one."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.geometry import Box
from mattekit.imaging.morphology import diamond_dilation
from mattekit.imaging.samples import Pixels, strips
from mattekit.matting.guided import linear_model
from mattekit.matting.planes import sample_positions
from mattekit.threads import for_each

__all__ = ["Small", "cells", "evaluate", "fitted"]

Floats = NDArray[np.float32]

#: Half the side of the windows in which colour and alpha are compared.
_RADIUS: Final = 2
#: Variance of colour that counts as noise.
_NOISE: Final = 1e-3


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
    # Interpolation asks the neighbours too, across corners.
    needed = diamond_dilation(unknown, 2)
    return Small(alpha, linear_model(image, alpha, _RADIUS, _NOISE, needed), box)


def evaluate(
    small: Small,
    part: Box,
    color: Pixels,
    trimap: NDArray[np.uint8],
    alpha: Floats | Pixels,
    *,
    haze: tuple[float, float] = (0.0, 1.0),
) -> None:
    """Fill alpha of a part of the large picture: 1 in front, from colours where it is unknown.

    Parameters
    ----------
    small : Small
    part : Box
        Inside `small.box`.
    color : (H, W, 3) ndarray of uint8 or uint16
        The large picture's colours in the part.
    trimap : (h, w) ndarray of uint8
        Of the small picture: 255 is front, 0 is back, all else unknown.
    alpha : (H, W) ndarray of float32, uint8 or uint16
        Is filled; what is back is left as it is.
    haze : tuple of float
        Alpha closer to 0 or 1 than the first is taken for it, between the two it is spread.
    """
    box, (height, width) = small.box, small.alpha.shape
    inside = part.moved(-box.left, -box.top)
    fx, fy = width / box.width, height / box.height
    rows, down = sample_positions(inside.top * fy, inside.bottom * fy, part.height, height)
    columns, across = sample_positions(inside.left * fx, inside.right * fx, part.width, width)
    cell_rows = cells(box.height, height)[inside.top : inside.bottom]
    edges = np.searchsorted(
        cells(box.width, width)[inside.left : inside.right], np.arange(width + 1)
    ).astype(np.int32)
    least, end = haze
    slope = least / (end - least)

    def fill(there: slice) -> None:
        kernels.call(
            "fill_alpha",
            *kernels.rows(color[there]),
            color.itemsize,
            there.stop - there.start,
            trimap,
            small.model,
            height,
            width,
            cell_rows[there],
            edges,
            rows[there],
            down[there],
            columns,
            across,
            1 / np.iinfo(color.dtype).max,
            end,
            1 - end,
            slope,
            np.empty(4 * (width + 1) + part.width, np.float32),
            *kernels.rows(alpha[there]),
            alpha.itemsize,
        )

    for_each(fill, list(strips(color.shape, kernels.STRIP)))


def cells(length: int, count: int) -> NDArray[np.int32]:
    """Return in which of `count` cells each of `length` pixels lies.

    Whole numbers, so that a pixel's cell does not depend on the part that is asked for.
    """
    return ((2 * np.arange(length, dtype=np.int64) + 1) * count // (2 * length)).astype(np.int32)
