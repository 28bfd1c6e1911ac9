"""Shadows: where a subject keeps the light from what is behind and below it.

All of them are drawn on a reduced copy (a shadow has no detail), cost the same however soft they
are, and come back as one plane of alpha that is put behind the subject in black.

Lengths below are shares of the subject, so that a shadow looks the same at every size.
"""

from __future__ import annotations

import itertools
import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mattekit.compositing.gaussian import gaussian_blur, upsample_strips
from mattekit.cutout import Cutout
from mattekit.geometry import Box, Size
from mattekit.imaging.samples import Pixels, eight_bits

__all__ = ["cast", "reach", "room"]

Plane = NDArray[np.float32]

#: Shadows are drawn on copies whose longer side has at most this many pixels.
_DRAWN: Final = 900

#: A shadow of less alpha than this is not seen.
_SEEN: Final = 0.008

#: drop: offset and softness, as shares of the subject's geometric mean side.
_DROP_X: Final = 0.015
_DROP_Y: Final = 0.03
_DROP_SIGMA: Final = 0.028
#: 3D: how far the shadow of a point lies to the right of and above its foot, as shares of the
#: point's height. The light comes from the front, from the left, and from above.
_CAST_X: Final = 0.5
_CAST_Y: Final = 0.2
#: 3D: slopes of the ground beyond this would tilt the shadow implausibly.
_STEEPEST: Final = 0.2
#: 3D: standard deviation at the foot, and what each unit of height adds.
_CAST_SIGMA: Final = 0.006
_CAST_SOFTENING: Final = 0.045
#: 3D: share of its darkness that the shadow of the highest point has lost.
_CAST_FADING: Final = 0.6
#: car: room at both ends, as a share of the car's width.
_CAR_ENDS: Final = 0.1
#: Contact: room below the ground line, as a share of the subject's smaller side.
_CONTACT: Final = 0.16


def cast(cutout: Cutout, name: str, opacity: float) -> Pixels:
    """Return the alpha of a shadow.

    Parameters
    ----------
    cutout : Cutout
        With its `box`.
    name : {"drop", "3D", "car"}
    opacity : float
        Darkness of the shadow where it is darkest, in [0, 1].

    Returns
    -------
    (H, W) ndarray of the cut-out's dtype
        The shadow's alpha on the cut-out's canvas, the part behind the subject included.
    """
    assert cutout.box is not None
    result = np.zeros_like(cutout.alpha)
    area = reach(name, cutout.box).intersection(cutout.size.box)
    plane = _drawn(name, _Scene.of(cutout.alpha, cutout.box, area))
    strength = opacity * cutout.opaque
    part = result[area.slices]
    for rows, strip in upsample_strips(plane, area.size):
        part[rows] = np.clip(strip, 0, 1) * np.float32(strength) + np.float32(0.5)
    return result


def room(alpha: Pixels, box: Box, name: str, opacity: float) -> Box:
    """Return the box of a subject and of all of its shadow that can be seen.

    Parameters
    ----------
    alpha : (H, W) ndarray of uint8 or uint16
    box : Box
        The subject's.
    name, opacity
        As for `cast`.

    Returns
    -------
    Box
        It may reach outside the picture.
    """
    area = reach(name, box)
    scene = _Scene.of(alpha, box, area)
    seen = _drawn(name, scene) * opacity > _SEEN
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return box
    x_scale, y_scale = area.width / seen.shape[1], area.height / seen.shape[0]
    shadow = Box.covering(
        columns[0] * x_scale,
        rows[0] * y_scale,
        (columns[-1] + 1) * x_scale,
        (rows[-1] + 1) * y_scale,
    )
    return box.union(shadow.moved(area.left, area.top).intersection(area))


def _drawn(name: str, scene: _Scene) -> Plane:
    return {"drop": _drop, "3D": _cast_on_ground, "car": _under_car}[name](scene)


def reach(name: str, box: Box) -> Box:
    """Return a box that holds a subject's box and its shadow whatever the subject's outline."""
    side = math.sqrt(box.width * box.height)
    below = math.ceil(_CONTACT * min(box.size))
    if name == "drop":
        soft = 2.6 * _DROP_SIGMA * side
        return box.padded(
            math.ceil(max(below, soft - _DROP_X * side)),
            math.ceil(max(0.0, soft - _DROP_Y * side)),
            math.ceil(max(below, soft + _DROP_X * side)),
            math.ceil(max(below, soft + _DROP_Y * side)),
        )
    if name == "3D":
        right = math.ceil((_CAST_X + 2 * _CAST_SOFTENING) * box.height)
        lower = math.ceil(_STEEPEST * (_CAST_X + 2 * _CAST_SOFTENING) * box.height)
        return box.padded(below, 0, max(right, below), below + lower)
    ends = math.ceil(_CAR_ENDS * box.width)
    return box.padded(ends, 0, ends, below)


class _Ground(NamedTuple):
    """Where a subject stands: for each column its lowest row, and the row of the ground."""

    left: int
    lowest: Plane  # of the columns from `left` on
    level: Plane
    slope: float  # of the ground from end to end
    at: tuple[float, float]  # a point on it


class _Scene(NamedTuple):
    """A reduced copy of a subject, with room for its shadow."""

    alpha: Plane
    width: float  # of the subject, in reduced pixels
    height: float
    ground: _Ground

    @classmethod
    def of(cls, alpha: Pixels, box: Box, area: Box) -> _Scene:
        """Return what `area`, which may reach outside the picture, shows of the subject."""
        ratio = min(1.0, _DRAWN / max(area.size))
        size = Size(max(1, round(area.width * ratio)), max(1, round(area.height * ratio)))
        plane = np.zeros((size.height, size.width), np.float32)
        part = box.intersection(Size(alpha.shape[1], alpha.shape[0]).box)
        seen = part.moved(-area.left, -area.top)
        at = Box(
            math.floor(seen.left * ratio),
            math.floor(seen.top * ratio),
            min(size.width, max(1, math.ceil(seen.right * ratio))),
            min(size.height, max(1, math.ceil(seen.bottom * ratio))),
        )
        picture = Image.fromarray(np.ascontiguousarray(eight_bits(alpha[part.slices])))
        small = picture.resize(at.size, Image.Resampling.HAMMING, reducing_gap=3.0)
        plane[at.slices] = np.asarray(small, np.float32) * np.float32(1 / 255)
        return cls(plane, box.width * ratio, box.height * ratio, _find_ground(plane))


def _find_ground(alpha: Plane) -> _Ground:
    """Find the ground below a subject.

    The subject's lowest rows, column by column, form its underside. The hull of the underside from
    below touches it at the points on which it stands: feet, wheels, edges. Stretches of the hull
    that are steeper than a floor seen from a usual height are the subject's sides; what remains is
    the ground, continued to both ends of the subject.
    """
    solid = alpha > 0.5
    columns = np.flatnonzero(solid.any(axis=0))
    if not columns.size:
        columns = np.arange(alpha.shape[1])
        solid = np.ones_like(solid)
    left, right = int(columns[0]), int(columns[-1]) + 1
    part = solid[:, left:right]
    found = part.any(axis=0)
    underside = np.where(found, alpha.shape[0] - np.argmax(part[::-1], axis=0), 0)
    x = np.flatnonzero(found)
    y = underside[x]
    hull: list[tuple[float, float]] = []
    for point in zip(x.tolist(), y.tolist(), strict=True):
        while len(hull) >= 2 and _turns_down(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    slopes = [(q[1] - p[1]) / max(1.0, q[0] - p[0]) for p, q in itertools.pairwise(hull)]
    flat = [index for index, slope in enumerate(slopes) if abs(slope) <= 0.55]
    grid = np.arange(right - left, dtype=np.float32)
    slope = 0.0
    if flat:
        points = hull[flat[0] : flat[-1] + 2]
        level = np.interp(grid, [p[0] for p in points], [p[1] for p in points])
        lowest = max(points, key=lambda point: point[1])
        # Round bottoms have gentle slopes too; a subject stands on what is nearly lowest.
        tall = alpha.shape[0] - int(np.argmax(solid.any(axis=1)))
        feet = [p for p in points if p[1] >= lowest[1] - 0.08 * tall]
        width = feet[-1][0] - feet[0][0]
        if width >= 0.25 * (right - left):
            slope = (feet[-1][1] - feet[0][1]) / width
        mean = sum(p[1] for p in feet) / len(feet)
        at = (feet[0][0] + width / 2, (mean + lowest[1]) / 2)
    else:
        at = max(hull, key=lambda point: point[1])
        level = np.full(grid.shape, at[1])
    at = (at[0] + left, at[1])
    return _Ground(left, underside.astype(np.float32), level.astype(np.float32), slope, at)


def _turns_down(
    first: tuple[float, float], second: tuple[float, float], third: tuple[float, float]
) -> bool:
    """Return whether `second` lies on or above the line from `first` to `third` (y grows down)."""
    cross = (second[0] - first[0]) * (third[1] - first[1])
    cross -= (second[1] - first[1]) * (third[0] - first[0])
    return cross >= 0


def _footprint(scene: _Scene, thickness: float, tolerance: float) -> Plane:
    """Return the ground that the subject covers, as a mask.

    It reaches `thickness` rows up from the ground line; columns count by how near to the ground
    their underside is, `tolerance` being the distance at which that has fallen to a third.
    """
    ground = scene.ground
    height, width = scene.alpha.shape
    y = np.arange(height, dtype=np.float32)[:, None]
    gap = np.where(ground.lowest > 0, np.maximum(0, ground.level - ground.lowest), 1e6)
    near = np.exp(-gap / max(1e-3, tolerance))
    inside = np.clip(ground.level - y, 0, 1) * np.clip(y - (ground.level - thickness), 0, 1)
    result = np.zeros((height, width), np.float32)
    columns = slice(ground.left, ground.left + len(near))
    result[:, columns] = inside * near
    return result


def _contact(scene: _Scene) -> Plane:
    """Return the dark rim where a subject touches the ground, and the soft pool around it."""
    side = min(scene.width, scene.height)
    tight = gaussian_blur(_footprint(scene, 0.03 * side, 0.02 * side), 0.012 * side, 0.008 * side)
    pool = gaussian_blur(_footprint(scene, 0.06 * side, 0.08 * side), 0.05 * side, 0.03 * side)
    return _together(0.8 * tight, 0.9 * pool)


def _drop(scene: _Scene) -> Plane:
    side = math.sqrt(scene.width * scene.height)
    moved = _moved(scene.alpha, _DROP_X * side, _DROP_Y * side)
    sigma = _DROP_SIGMA * side
    shadow = gaussian_blur(moved, sigma, sigma)
    return _together(0.75 * shadow, 0.7 * _contact(scene))


def _cast_on_ground(scene: _Scene) -> Plane:
    """Return the shadow that light from the front left throws onto the ground.

    A point at the height h above its foot (x, y) shades (x + _CAST_X h, y - _CAST_Y h). Its foot
    lies on the ground line y = at_y + slope (x - at_x), so the map is affine both ways.
    """
    height, width = scene.alpha.shape
    slope = max(-_STEEPEST, min(_STEEPEST, scene.ground.slope))
    at_x, at_y = scene.ground.at
    # Height of what shades (X, Y), as a X + b Y + c.
    b = -1 / (_CAST_Y + slope * _CAST_X)
    a = -slope * b
    c = -(at_y - slope * at_x) * b
    # It is the pixel (X - _CAST_X h, ground at that column - h).
    x_row = (1 - _CAST_X * a, -_CAST_X * b, -_CAST_X * c)
    y_row = tuple(slope * x_part - h_part for x_part, h_part in zip(x_row, (a, b, c), strict=True))
    offset = at_y - slope * at_x
    # The shadow is flatter than the subject, so its source is first smoothed by that much.
    source = Image.fromarray(np.ascontiguousarray(gaussian_blur(scene.alpha, 0.3, 0.4 / _CAST_Y)))
    thrown = np.asarray(
        source.transform(
            (width, height),
            Image.Transform.AFFINE,
            (*x_row, *y_row[:2], y_row[2] + offset),
            Image.Resampling.BILINEAR,
        )
    )
    x = np.arange(width, dtype=np.float32)[None]
    y = np.arange(height, dtype=np.float32)[:, None]
    share = np.clip((a * x + b * y + c) / scene.height, 0, 1).astype(np.float32)
    thrown = thrown * (1 - _CAST_FADING * share)
    result = np.zeros_like(thrown)
    steps = np.linspace(0, 1, 6)
    for index, step in enumerate(steps):
        sigma = (_CAST_SIGMA + _CAST_SOFTENING * float(step)) * scene.height
        weight = np.clip(1 - np.abs(share * (len(steps) - 1) - index), 0, 1)
        result += weight * gaussian_blur(thrown, sigma, sigma * 0.6)
    return _together(result, 0.8 * _contact(scene))


def _under_car(scene: _Scene) -> Plane:
    """Return the shadow on the ground below a car, darkest at the wheels and between them."""
    height = scene.height
    ground = scene.ground
    below = np.zeros_like(scene.alpha)
    y = np.arange(scene.alpha.shape[0], dtype=np.float32)[:, None]
    roof = np.minimum(ground.lowest, ground.level - 0.1 * height)
    columns = slice(ground.left, ground.left + len(roof))
    below[:, columns] = np.clip(ground.level - y, 0, 1) * np.clip(y - roof, 0, 1)
    core = gaussian_blur(below, 0.03 * scene.width, 0.022 * height)
    wide = gaussian_blur(below, 0.04 * scene.width, 0.055 * height)
    wheels = gaussian_blur(
        _footprint(scene, 0.03 * height, 0.015 * height), 0.012 * scene.width, 0.012 * height
    )
    return _together(_together(1.15 * core, 0.35 * wide), 0.9 * wheels)


def _together(first: Plane, second: Plane) -> Plane:
    """Return the darkness where two shadows fall onto each other: each keeps its share of light."""
    result: Plane = 1 - (1 - np.minimum(1, first)) * (1 - np.minimum(1, second))
    return result


def _moved(plane: Plane, dx: float, dy: float) -> Plane:
    """Return the plane moved right and down by whole pixels, zeros coming in."""
    x, y = round(dx), round(dy)
    height, width = plane.shape
    result = np.zeros_like(plane)
    result[min(y, height) :, min(x, width) :] = plane[: max(0, height - y), : max(0, width - x)]
    return result
