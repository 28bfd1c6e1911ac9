"""The subject's edge moved outwards or inwards, and made softer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Length, Size
from mattekit.imaging.labels import bounding_box
from mattekit.imaging.samples import Levels, as_shares
from mattekit.matting._foreground import quantize
from mattekit.matting.tiling import pad_box, tiles
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.subject import subject_box

__all__ = ["EdgeChange", "shift_edge", "soften_edge"]

Alpha = NDArray[np.float32]

#: Side of the squares in which the picture is worked on.
_TILE: Final = 256
#: Shortest steps along a quarter of a circle.
_STEPS: Final = 4
#: Errors of sums of doubles, well below what any file holds.
_ROUNDING: Final = 1e-7
#: Box blurs that make one soft edge, each of a third of its reach.
_PASSES: Final = 3


class EdgeChange(NamedTuple):
    """What options ask of edges, in pixels.

    Attributes
    ----------
    shift, soften : float
        As `shift_edge` and `soften_edge` take them.
    """

    shift: float
    soften: float

    @classmethod
    def of(cls, alpha: Levels, options: Options, scale: float = 1.0) -> EdgeChange:
        """Return what `edge_shift` and `edge_soften` ask for.

        Parameters
        ----------
        alpha : (H, W) ndarray of float32 in [0, 1], uint8 or uint16
            The subject, of the shorter side of whose box per cent are.
        options : Options
        scale : float
            Pixels of `alpha` per pixel of the photo that it was made of.
        """
        wanted = options.edge_shift, options.edge_soften
        box = None
        if any(length.unit == "%" for length in wanted):
            box = subject_box(quantize(as_shares(alpha), np.uint8))
        side = 0 if box is None else min(box.size)

        def pixels(length: Length) -> float:
            return length.pixels(side) * (scale if length.unit == "px" else 1)

        return cls(*map(pixels, wanted))

    def apply(self, alpha: Alpha, photo: Photo, roi: Box) -> Alpha:
        """Return alpha with its edges moved, then softened.

        What the roi cuts off stays cut off. Where the photo has transparency, edges are those of
        what can be seen, and nothing is made visible that the photo hides.
        """
        if photo.alpha is None:
            return self._inside(alpha, roi)
        own = photo.alpha * np.float32(1 / photo.opaque)
        visible = self._inside(alpha * own, roi)
        # The photo's own transparency is multiplied in later.
        share = np.divide(visible, own, out=np.zeros_like(visible), where=own > 0)
        return np.asarray(np.minimum(share, 1), np.float32)

    def _inside(self, alpha: Alpha, roi: Box) -> Alpha:
        result = alpha.copy()
        inside = shift_edge(alpha[roi.slices], self.shift)
        result[roi.slices] = soften_edge(inside, self.soften)
        return result


def shift_edge(alpha: Alpha, distance: float) -> Alpha:
    """Move every edge of the subject along its normal.

    Parameters
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1]
    distance : float
        In pixels, fractions included: outwards where positive, inwards where negative.

    Returns
    -------
    (H, W) ndarray of float32
        The array itself where the distance is 0. What the border of the picture cuts off stays cut
        off there.

    Notes
    -----
    Each level of alpha moves by the same distance, so that an edge keeps its softness: grey-scale
    dilation or erosion by a disc (Sternberg, "Grayscale morphology", 1986), with alpha interpolated
    linearly between pixels. What is thinner than twice the distance vanishes when moved inwards.
    """
    if not distance:
        return alpha
    radius = abs(distance)
    if distance > 0:
        return _in_tiles(alpha, math.ceil(radius) + 1, lambda part: _dilation(part, radius))
    return _in_tiles(alpha, math.ceil(radius) + 1, lambda part: -_dilation(-part, radius))


def soften_edge(alpha: Alpha, reach: float) -> Alpha:
    """Make every edge of the subject softer.

    Parameters
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1]
    reach : float
        How far a sharp edge fades to each side, in pixels.

    Returns
    -------
    (H, W) ndarray of float32
        The array itself where `reach` is 0. The outline (alpha of one half) of straight edges stays
        where it is, and so does what the border of the picture cuts off.

    Notes
    -----
    Three box blurs of fractional size, which come close to a Gaussian of a third of the reach
    (Gwosdek et al., "Theoretical foundations of Gaussian convolution by extended box filtering",
    2011).
    """
    if not reach:
        return alpha
    whole, share = _box_of(reach**2 / _PASSES**3)
    apron = _PASSES * (whole + 1)
    return _in_tiles(alpha, apron, lambda part: _blurred(part, whole, share))


def _in_tiles(alpha: Alpha, apron: int, change: Callable[[Alpha], Alpha]) -> Alpha:
    """Return alpha with a change made wherever it is not the same all around.

    `change` takes a part with an apron and returns it without.
    """
    height, width = alpha.shape
    whole = Size(width, height).box
    result = alpha.copy()
    for tile in tiles(whole, max(_TILE, 2 * apron)):
        part = _uneven(alpha, tile, apron, whole)
        if part.empty:
            continue
        around = part.padded(apron, apron, apron, apron)
        inside = around.intersection(whole)
        missing = (
            (inside.top - around.top, around.bottom - inside.bottom),
            (inside.left - around.left, around.right - inside.right),
        )
        result[part.slices] = change(np.pad(alpha[inside.slices], missing, "edge"))
    return result


def _uneven(alpha: Alpha, tile: Box, apron: int, whole: Box) -> Box:
    """Return the part of a tile that may change: what lies within `apron` of different values."""
    outer = pad_box(tile, apron, whole)
    plane = alpha[outer.slices]
    part = tile
    for value in (plane.min(), plane.max()):
        other = bounding_box(plane != value)
        if other is None:
            return Box(0, 0, 0, 0)
        part = pad_box(other.moved(outer.left, outer.top), apron, part)
    return part


def _dilation(padded: Alpha, radius: float) -> Alpha:
    """Return the largest value within `radius` of each pixel, less an apron of ceil(radius) + 1."""
    apron = math.ceil(radius) + 1
    height, width = (side - 2 * apron for side in padded.shape)
    windows = _Windows(padded, apron, width)
    result = padded[apron : apron + height, apron : apron + width].copy()
    for down in _offsets(radius):
        rows = windows.largest(math.sqrt(max(0.0, radius**2 - down**2)))
        whole = math.floor(down)
        share = np.float32(down - whole)
        for sign in (1, -1):
            start = apron + sign * whole
            value = rows[start : start + height]
            if share:
                further = rows[start + sign : start + sign + height]
                value = value + share * (further - value)
            np.maximum(result, value, out=result)
    return result


def _offsets(radius: float) -> list[float]:
    """Return distances from the middle at which a disc is cut: all rows, and dense at its end."""
    rows = [float(row) for row in range(math.floor(radius) + 1)]
    steps = max(_STEPS, math.ceil(radius * math.pi / 2))
    angles = (math.pi / 2 * step / steps for step in range(steps // 2, steps + 1))
    return rows + [radius * math.sin(angle) for angle in angles]


class _Windows:
    """Largest values in windows of any length along rows, without the apron at their ends."""

    def __init__(self, plane: Alpha, apron: int, width: int) -> None:
        self._apron, self._width = apron, width
        #: Of 1, 2, 4, … pixels to the right.
        self._tables = [plane]

    def largest(self, reach: float) -> Alpha:
        """Return for each pixel the largest value at most `reach` to the left or right."""
        whole = math.floor(reach)
        power = (2 * whole + 1).bit_length() - 1
        while len(self._tables) <= power:
            last, step = self._tables[-1], 1 << (len(self._tables) - 1)
            self._tables.append(np.maximum(last[:, :-step], last[:, step:]))
        table, length = self._tables[power], 1 << power
        value = np.maximum(self._at(table, -whole), self._at(table, whole - length + 1))
        share = np.float32(reach - whole)
        if share:
            plane = self._tables[0]
            for sign in (1, -1):
                near = self._at(plane, sign * whole)
                further = self._at(plane, sign * (whole + 1))
                np.maximum(value, near + share * (further - near), out=value)
        return value

    def _at(self, table: Alpha, offset: int) -> Alpha:
        start = self._apron + offset
        return table[:, start : start + self._width]


def _box_of(variance: float) -> tuple[int, float]:
    """Return the pixels on either side of a box of a variance, and the weight of the next one."""
    # Of 2n + 1 pixels it is n (n + 1) / 3.
    whole = math.floor((math.sqrt(1 + 12 * variance) - 1) / 2)
    rest = variance - whole * (whole + 1) / 3
    return whole, (2 * whole + 1) * rest / (2 * ((whole + 1) ** 2 - variance))


def _blurred(padded: Alpha, whole: int, share: float) -> Alpha:
    """Return the plane after box blurs, less the apron."""
    length = 2 * (whole + share) + 1
    plane: NDArray[np.float64] = padded.astype(np.float64)
    for _ in range(_PASSES):
        for _axis in range(2):
            sums = np.cumsum(np.pad(plane, ((0, 0), (1, 0))), axis=1)
            size = plane.shape[1] - 2 * (whole + 1)
            inner = sums[:, 2 * whole + 2 :][:, :size] - sums[:, 1 : 1 + size]
            ends = plane[:, :size] + plane[:, 2 * whole + 2 :][:, :size]
            plane = ((inner + share * ends) / length).T
    # Sums are rounded: what is opaque, or nothing, must stay so by the bit.
    plane[plane < _ROUNDING] = 0
    plane[plane > 1 - _ROUNDING] = 1
    return plane.astype(np.float32)
