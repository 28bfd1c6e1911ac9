"""Colours as planes, and planes made larger."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.geometry import Box, Size
from mattekit.matting.planes import as_planes, upsample
from mattekit.matting.tiling import tiles


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


def test_a_box_of_what_is_enlarged_is_the_same_by_the_bit() -> None:
    planes = np.random.default_rng(3).random((2, 9, 7), np.float32)
    source = 0.0, 0.0, 6.5, 8.5  # of an odd size's half
    whole = upsample(planes, Size(13, 17), source)
    for box in tiles(Box(0, 0, 13, 17), 5):
        part = upsample(planes, Size(13, 17), source, box)
        np.testing.assert_array_equal(part, whole[:, box.top : box.bottom, box.left : box.right])
