"""Mattes brought over other pixels: of the picture at another size, or of another part of it."""

from __future__ import annotations

import dataclasses
import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Size
from mattekit.imaging.resize import downsample, resize_plane
from mattekit.matting.matte import Correction, Mask, Matte
from mattekit.photo import Photo

__all__ = ["overlay", "rescale"]

Alpha: TypeAlias = NDArray[np.float32]
#: Left, top, right and bottom; fractions allowed.
Edges: TypeAlias = tuple[float, float, float, float]


def rescale(
    matte: Matte, size: Size, photo: Photo, *, known: tuple[Matte, Matte] | None = None
) -> Matte:
    """Return a matte as one of the same picture at another size.

    Parameters
    ----------
    matte : Matte
    size : Size
        Of the picture that `matte` was made of.
    photo : Photo
        The same picture; width and height may have changed by different factors.
    known : tuple of Matte, optional
        Another matte, and what came out for it and the same photo: what `matte` has in common
        with it is taken from there.

    Returns
    -------
    Matte
        With as many samples. Its boxes are whole pixels that cover the old ones; where they cover
        more than that, by less than a pixel, alpha is continued.
    """
    fx, fy = photo.size.width / size.width, photo.size.height / size.height

    def scaled(box: Box) -> tuple[Edges, Box]:
        edges = (box.left * fx, box.top * fy, box.right * fx, box.bottom * fy)
        return edges, Box.covering(*edges).intersection(photo.size.box)

    edges, box = scaled(matte.box)
    samples = matte.size

    def continued(plane: Alpha) -> Alpha:
        if edges != box:
            part, cells = overlay(plane, edges, box, samples)
            around = (
                (cells.top, samples.height - cells.bottom),
                (cells.left, samples.width - cells.right),
            )
            plane = np.pad(part, around, "edge")
        return plane

    fix = matte.correction
    if fix is not None:
        before = _same_before(fix, known) or rescale(fix.before, size, photo)
        fix = Correction(before, fix.hints.scaled(photo.size), continued(fix.weight))
    mask = matte.mask
    if mask is not None:
        mask = Mask(downsample(mask.levels, size.box, photo.size), mask.trimap)
    if known is not None and known[0].guide is matte.guide and known[1].box == box:
        guide = known[1].guide
    else:
        guide = downsample(photo.color, box, samples)
    return dataclasses.replace(
        matte,
        alpha=continued(matte.alpha),
        box=box,
        roi=scaled(matte.roi)[1],
        guide=guide,
        mask=mask,
        correction=fix,
    )


def _same_before(fix: Correction, known: tuple[Matte, Matte] | None) -> Matte | None:
    """Return what was corrected, brought over, where it is that of another matte."""
    if known is None:
        return None
    matte, made = known
    if matte is fix.before:
        return made
    if matte.correction is not None and matte.correction.before is fix.before:
        return made.correction and made.correction.before
    return None


def overlay(plane: Alpha, source: Edges, target: Edges, size: Size) -> tuple[Alpha, Box]:
    """Resample a plane that covers one box of a picture to a grid that covers another.

    Parameters
    ----------
    plane : (h, w) ndarray of float32
    source : Box or tuple of float
        What `plane` covers.
    target : Box or tuple of float
        What the grid covers.
    size : Size
        The grid's columns and rows.

    Returns
    -------
    values : (h', w') ndarray of float32
        For the cells of the grid whose centers lie inside `source`.
    cells : Box
        Where on the grid these are; empty where there are none.
    """
    height, width = plane.shape
    left, right, x0, x1 = _covered(source[0], source[2], target[0], target[2], size.width, width)
    top, bottom, y0, y1 = _covered(source[1], source[3], target[1], target[3], size.height, height)
    cells = Box(left, top, right, bottom)
    if cells.empty:
        return np.empty((0, 0), np.float32), Box(0, 0, 0, 0)
    # The outermost cells may reach beyond the plane by half their size.
    rim = math.ceil(max(0.0, -x0, -y0, x1 - width, y1 - height))
    if rim:
        plane = np.pad(plane, rim, "edge")
    values = resize_plane(plane, cells.size, (x0 + rim, y0 + rim, x1 + rim, y1 + rim))
    # Weights add up to one but for rounding.
    return np.clip(values, plane.min(), plane.max(), out=values), cells


def _covered(
    low: float, high: float, start: float, end: float, cells: int, samples: int
) -> tuple[int, int, float, float]:
    """Return which cells have their center inside, and their edges in samples, along one axis."""
    step = (end - start) / cells
    first = max(0, math.ceil((low - start) / step - 0.5))
    last = min(cells, math.floor((high - start) / step - 0.5) + 1)
    scale = samples / (high - low)
    return first, last, (start + first * step - low) * scale, (start + last * step - low) * scale
