"""Which of several subjects stays."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Point, Size
from mattekit.matting.matte import Matte
from mattekit.subjects import separate

__all__ = ["select", "selected"]

Alpha = TypeVar("Alpha", bound=NDArray[Any])


def select(matte: Matte, size: Size, subjects: str | int | Point) -> Matte:
    """Keep the subjects of a matte that were asked for.

    Parameters
    ----------
    matte : Matte
    size : Size
        Of the photo.
    subjects : {"all", "each"}, int or Point
        All of them, so many of the largest, or the one at a point of the photo.

    Returns
    -------
    Matte
        The same where all stay. Nothing is found where there is no subject at the point.

    Raises
    ------
    OptionError
        The point lies outside the photo.
    """
    if isinstance(subjects, str) or not matte.found:
        return matte
    alpha = selected(matte.alpha, subjects, matte.box, size)
    return dataclasses.replace(matte, alpha=alpha, found=bool(alpha.any()))


def selected(alpha: Alpha, subjects: str | int | Point, box: Box, size: Size) -> Alpha:
    """Return alpha with the subjects that were asked for; see `select`.

    Parameters
    ----------
    alpha : (h, w) ndarray of float32 in [0, 1], uint8 or uint16
    subjects : {"all", "each"}, int or Point
    box : Box
        The part of the photo that alpha covers.
    size : Size
        Of the photo.
    """
    if isinstance(subjects, str):
        return alpha
    found = separate(alpha)
    if isinstance(subjects, int):
        if found is None or subjects >= found.number:
            return alpha
        return found.alone(alpha, set(range(1, subjects + 1)))
    x, y = subjects.pixel(size, "subjects")
    if found is None:
        nothing: Alpha = np.zeros_like(alpha)
        return nothing
    height, width = alpha.shape
    column = int((x + 0.5 - box.left) * width // box.width)
    row = int((y + 0.5 - box.top) * height // box.height)
    number = found.at(column, row)
    return found.alone(alpha, {number} if number else set())
