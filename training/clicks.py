"""Simulated marks: where a user would click or stroke next, and the maps the network is shown.

The protocol is the usual one (Sofiiuk, Petrov and Konushin 2021, arXiv:2102.06583): the next click
stands in the middle of the largest error, which is the place farthest from the error's border.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage

Rng = np.random.Generator
Bools = npt.NDArray[np.bool_]
F32 = npt.NDArray[np.float32]

RADIUS = 5 / 256
"""Radius of a point's disk, as a share of the side of the network's input."""


class Click(NamedTuple):
    """A point (row and column, in pixels) and whether what is there is wanted."""

    y: int
    x: int
    keep: bool


def depth(region: Bools) -> F32:
    """Return the distance in pixels of every place of a region (H x W) from outside of it.

    The picture's border counts as outside.
    """
    inner = ndimage.distance_transform_edt(np.pad(region, 1))
    return np.asarray(inner[1:-1, 1:-1], np.float32)


def next_click(wanted: Bools, got: Bools, rng: Rng | None = None) -> Click | None:
    """Return the click that corrects most, or None where nothing is wrong.

    Parameters
    ----------
    wanted, got
        What is wanted and what the last answer holds, H x W.
    rng
        Chooses a place near the middle instead of the middle itself, as people do.
    """
    missing, wrong = depth(wanted & ~got), depth(got & ~wanted)
    keep = bool(missing.max() >= wrong.max())
    far = missing if keep else wrong
    if far.max() <= 0:
        return None
    return _inside(far, keep, rng)


def click_in(region: Bools, keep: bool, rng: Rng) -> Click | None:
    """Return a click somewhere in a region, rather in its middle; None where it is empty."""
    far = depth(region)
    return _inside(far, keep, rng) if far.max() > 0 else None


def _inside(far: F32, keep: bool, rng: Rng | None) -> Click:
    if rng is None:
        y, x = np.unravel_index(int(far.argmax()), far.shape)
    else:
        places = np.flatnonzero(far >= far.max() * rng.uniform(0.25, 1))
        y, x = np.unravel_index(int(rng.choice(places)), far.shape)
    return Click(int(y), int(x), keep)


def add_disk(marks: F32, y: float, x: float) -> None:
    """Draw a point into a map (S x S, in place): a filled disk of 1."""
    side = marks.shape[-1]
    r = RADIUS * side
    y0, y1 = max(int(y - r), 0), min(int(y + r) + 2, side)
    x0, x1 = max(int(x - r), 0), min(int(x + r) + 2, side)
    yy, xx = np.ogrid[y0:y1, x0:x1]
    marks[y0:y1, x0:x1][(yy - y) ** 2 + (xx - x) ** 2 <= r * r] = 1


def stroke(region: Bools, rng: Rng) -> Bools:
    """Return a stroke drawn by hand within a region (H x W): a bent line between its places."""
    far = depth(region)
    places = np.flatnonzero(far >= min(3, far.max()))
    if not far.max() > 0:
        return np.zeros_like(region)
    count = int(rng.integers(2, 5))
    chosen = np.array(np.unravel_index(rng.choice(places, count), region.shape)).T
    side = max(region.shape)
    near = chosen[0] + (chosen - chosen[0]) * rng.uniform(0.2, 1)
    line = [(float(x), float(y)) for y, x in near]
    picture = Image.new("L", region.shape[::-1])
    width = max(1, round(side * rng.uniform(0.006, 0.03)))
    ImageDraw.Draw(picture).line(line, 255, width, "curve")
    return (np.asarray(picture) > 0) & region
