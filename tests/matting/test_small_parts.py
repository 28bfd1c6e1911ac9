"""Specks go, holes close, thin structures stay."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.geometry import Box
from mattekit.matting.matte import Matte
from mattekit.matting.small_parts import (
    remove_small_holes,
    remove_small_objects,
    remove_uncertain_objects,
)


def wheel(scale):
    """A disc on a thin stalk, with a small and a large hole, and two specks beside it."""
    side = 200 * scale
    y, x = np.mgrid[0:side, 0:side] / scale

    def disc(cx, cy, radius):
        return np.hypot(x - cx, y - cy) < radius

    alpha = np.zeros((side, side), np.float32)
    alpha[disc(100, 80, 50)] = 1
    parts = {
        "stalk": (abs(x - 100) < 0.6) & (y > 125) & (y < 195),
        "small hole": disc(80, 80, 3),
        "large hole": disc(120, 80, 15),
        "speck": disc(20, 20, 3),
        "companion": disc(180, 180, 15),
    }
    for name, part in parts.items():
        alpha[part] = 0 if "hole" in name else 1
    return alpha, parts


@pytest.mark.parametrize("scale", [1, 3, 11])
def test_by_area(scale):
    alpha, parts = wheel(scale)
    result = remove_small_holes(remove_small_objects(alpha, 2), 2)
    assert not result[parts["speck"]].any()
    assert result[parts["companion"]].all()
    assert result[parts["small hole"]].all()
    assert not result[parts["large hole"]].any()
    np.testing.assert_array_equal(result[parts["stalk"]], alpha[parts["stalk"]])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_same_of_integers(dtype):
    alpha, _ = wheel(6)
    top = np.iinfo(dtype).max
    levels = (alpha * top).astype(dtype)
    result = remove_small_holes(remove_small_objects(levels, 2), 2)
    expected = remove_small_holes(remove_small_objects(alpha, 2), 2)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, (expected * top).astype(dtype))


def test_off_by_default_and_input_untouched():
    alpha, parts = wheel(1)
    assert remove_small_objects(alpha, 0) is alpha
    assert remove_small_holes(alpha, 0) is alpha
    before = alpha.copy()
    assert not remove_small_objects(alpha, 2)[parts["small hole"]].any()
    assert remove_small_holes(alpha, 2)[parts["speck"]].all()
    np.testing.assert_array_equal(alpha, before)


def test_faint_specks_go_with_their_halo():
    alpha = np.zeros((50, 50), np.float32)
    alpha[10:40, 10:40] = 1
    alpha[2:5, 2:5] = 0.1
    alpha[3, 3] = 0.6
    assert remove_small_objects(alpha, 1)[:8, :8].max() == 0


def test_a_haze_joins_nothing():
    alpha = np.zeros((50, 50), np.float32)
    alpha[10:40, 10:30] = 1
    alpha[10:40, 30:40] = 0.1
    alpha[20:23, 40:43] = 0.9
    result = remove_small_objects(alpha, 2)
    assert not result[20:23, 39:].any()
    np.testing.assert_array_equal(result[:, :39], alpha[:, :39])


@pytest.mark.parametrize("scale", [1, 3, 11])
def test_what_no_network_saw_goes(scale):
    alpha, parts = wheel(scale)
    side = len(alpha)
    alpha[parts["small hole"]] = 0.4
    other = parts["speck"][::-1]
    alpha[other] = 0.8
    haze = (slice(80 * scale, 110 * scale), slice(150 * scale, 180 * scale))
    alpha[haze] = 0.12
    y, x = np.mgrid[0:50, 0:50]
    seen = (np.hypot(x - 25, y - 20) < 13) | (np.hypot(x - 5, y - 5) < 2)
    whole = Box(0, 0, side, side)
    matte = Matte(seen.astype(np.float32), whole, whole, np.zeros((50, 50, 3), np.uint8))
    expected = alpha.copy()
    expected[other] = 0
    assert remove_uncertain_objects(alpha, matte) is alpha
    # The speck was seen, the companion is large, the haze larger still.
    np.testing.assert_array_equal(alpha, expected)


def test_a_network_that_saw_a_part_of_the_photo_only():
    alpha = np.zeros((100, 200), np.float32)
    alpha[20:80, 120:180] = 1
    alpha[10:13, 110:113] = alpha[10:13, 30:33] = 1
    box = Box(100, 0, 200, 100)
    small = np.ones((20, 20), np.float32)
    matte = Matte(small, box, box, np.zeros((20, 20, 3), np.uint8))
    result = remove_uncertain_objects(alpha, matte)
    assert result[11, 111] == 1
    assert not result[:, :100].any()


@pytest.mark.parametrize("value", [0, 1])
def test_empty_and_full(value):
    alpha = np.full((9, 9), value, np.float32)
    np.testing.assert_array_equal(remove_small_objects(alpha, 5), alpha)
    np.testing.assert_array_equal(remove_small_holes(alpha, 5), alpha)


@pytest.mark.parametrize("side", [200, 2200])
def test_all_holes_close_in_an_outline_as_well(side):
    # The outline's own area is a small part of what it encloses.
    y, x = np.mgrid[0:side, 0:side] / side
    distance = np.hypot(x - 0.5, y - 0.5)
    alpha = ((distance < 0.4) & (distance > 0.38)).astype(np.float32)
    alpha[:, side // 2] = distance[:, side // 2] < 0.4
    closed = remove_small_holes(alpha, 100)
    assert (closed[distance < 0.4] == 1).all()
    assert not closed[distance > 0.42].any()
    assert remove_small_holes(alpha, 40)[side // 2, side // 4] == 0


def test_a_narrow_way_out_is_one():
    alpha = np.zeros((2200, 2200), np.float32)
    alpha[300:1900, 300:1900] = 1
    alpha[700:1500, 700:1500] = 0
    alpha[1100:1102, 1500:1900] = 0
    assert remove_small_holes(alpha, 100) is alpha
    alpha[1100:1102, 1700] = 1
    assert remove_small_holes(alpha, 100)[1000, 1000] == 1


def test_what_lies_in_a_corner_of_much_nothing_is_the_same() -> None:
    alpha, _ = wheel(2)
    alone = remove_small_objects(alpha, 2)
    assert (alone != alpha).any()
    for padding in (((0, 70), (90, 0)), ((5, 0), (0, 3)), ((40, 40), (40, 40))):
        whole = remove_small_objects(np.pad(alpha, padding), 2)
        np.testing.assert_array_equal(whole, np.pad(alone, padding))
