"""How much of a picture a network has seen: by pixels, and by what the subject is."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from mattekit.geometry import Box
from mattekit.matting._fineness import fineness
from mattekit.matting.matte import Mask, Matte


def matte(width: int, height: int, **scores: float) -> Matte:
    """One of 100 by 100 cells over a part of a picture."""
    box = Box(20, 10, 20 + width, 10 + height)
    alpha, guide = np.zeros((100, 100), np.float32), np.zeros((100, 100, 3), np.uint8)
    return Matte(alpha, box, box, guide, kind_scores=scores, partial="uncertainty")


@pytest.mark.parametrize(
    ("size", "expected"),
    [((40, 40), 1), ((100, 100), 1), ((50, 200), 1), ((125, 125), 0.5), ((150, 150), 0)],
)
def test_by_pixels_of_the_part_that_the_matte_covers(size, expected):
    assert fineness(matte(*size)) == pytest.approx(expected)


def test_falls_steadily_with_the_size():
    values = [fineness(matte(side, side)) for side in range(90, 260)]
    assert all(0 <= one - two < 0.03 for one, two in itertools.pairwise(values))
    assert values[0] == 1
    assert values[-1] == 0


def test_the_colours_of_a_graphic_say_more():
    assert fineness(matte(90, 90, graphic=0.25, other=0.75)) == pytest.approx(0.75)
    assert fineness(matte(90, 90, graphic=1.0)) == 0


def test_nothing_is_fine_where_values_are_transparency_or_somebody_drew_a_mask():
    seen = matte(90, 90)
    assert fineness(dataclasses.replace(seen, partial="transparency")) == 0
    mask = Mask(np.zeros((100, 110), np.uint8), False)
    assert fineness(dataclasses.replace(seen, mask=mask)) == 0
