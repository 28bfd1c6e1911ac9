from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mattekit.geometry import Box
from mattekit.matting.tiling import pad_box, tiles


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 90), st.integers(1, 90))
def test_tiles_cover_a_box_once(left: int, top: int, width: int, height: int) -> None:
    count = np.zeros((140, 140), int)
    for tile in tiles(Box(left, top, left + width, top + height), 32):
        assert 0 < tile.width <= 32
        count[tile.slices] += 1
    assert (count[top : top + height, left : left + width] == 1).all()
    assert count.sum() == width * height


def test_grown_stays_inside() -> None:
    assert pad_box(Box(2, 10, 12, 20), 4, Box(0, 0, 20, 22)) == Box(0, 6, 16, 22)
