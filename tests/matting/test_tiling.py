from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit.geometry import Box, Size
from mattekit.matting.planes import as_planes, upsample
from mattekit.matting.tiling import filled, pad_box, tiles


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


def test_filled_is_the_smallest_box() -> None:
    mask = np.zeros((7, 9), bool)
    assert filled(mask) is None
    mask[2, 5] = mask[4, 3] = True
    assert filled(mask) == Box(3, 2, 6, 5)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_planes_are_in_order(dtype: type) -> None:
    color = np.arange(4 * 5 * 3).reshape(4, 5, 3).astype(dtype)
    planes = as_planes(color)
    assert planes.flags.c_contiguous
    expected = color.transpose(2, 0, 1) / np.iinfo(dtype).max
    np.testing.assert_allclose(planes, expected, rtol=1e-6)


def test_enlarging_a_ramp_gives_a_ramp_whatever_the_tile() -> None:
    y, x = np.mgrid[0:6, 0:8].astype(np.float32)
    planes = np.stack([x, y, 2 * x - y])
    whole = upsample(planes, Size(40, 30), (0, 0, 8, 6))
    centres = (np.arange(40) + 0.5) / 5 - 0.5
    np.testing.assert_allclose(whole[0, 3], np.clip(centres, 0, 7), atol=1e-6)
    for tile in tiles(Box(0, 0, 40, 30), 13):
        left, top, right, bottom = (edge / 5 for edge in tile)
        part = upsample(planes, tile.size, (left, top, right, bottom))
        np.testing.assert_allclose(part, whole[:, tile.slices[0], tile.slices[1]], atol=1e-5)
