"""Which subjects a matte has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mattekit.subjects import separate

planes = arrays(np.float32, (30, 44), elements=st.sampled_from([0, 0, 0, 0.25, 0.625, 1, 1]))


def scene(*boxes, size=(200, 300)):
    plane = np.zeros(size, np.float32)
    for left, top, right, bottom in boxes:
        plane[top:bottom, left:right] = 1
    return plane


THREE = [(20, 20, 60, 120), (100, 30, 180, 150), (220, 60, 260, 130)]


@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.uint16])
@pytest.mark.parametrize("scale", [1, 6])
def test_what_does_not_touch_is_told_apart_the_largest_first(dtype, scale):
    plane = np.kron(scene(*THREE), np.ones((scale, scale), np.float32))
    if dtype != np.float32:
        plane = (plane * np.iinfo(dtype).max).astype(dtype)
    found = separate(plane)
    assert found.number == 3
    assert [found.at(x * scale, y * scale) for x, y in ((140, 90), (40, 60), (240, 100))] == [
        1,
        2,
        3,
    ]
    assert found.at(80 * scale, 60 * scale) == 0
    alone = found.alone(plane, {2})
    assert alone.dtype == dtype
    left, top, right, bottom = (edge * scale for edge in THREE[0])
    assert (alone[top:bottom, left:right] == plane.max()).all()
    assert alone.sum(dtype=np.float64) == plane[:, : 80 * scale].sum(dtype=np.float64)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(planes)
def test_subjects_one_by_one_make_up_the_whole(plane):
    found = separate(plane)
    if found is None:
        assert (plane < 0.5).all()
        return
    parts = [found.alone(plane, {number}) for number in range(1, found.number + 1)]
    assert (np.sum(parts, axis=0) == plane).all()
    assert (found.alone(plane, set(range(1, found.number + 1))) == plane).all()
    assert not found.alone(plane, set()).any()
    areas = [np.count_nonzero(part >= 0.5) for part in parts]
    assert all(areas)
    for y, x in np.argwhere(plane >= 0.5)[::37].tolist():
        assert parts[found.at(x, y) - 1][y, x] == plane[y, x]


def test_nothing_firm_is_no_subject():
    assert separate(scene((20, 20, 60, 120)) * np.float32(0.4)) is None


def test_a_small_piece_goes_whole_with_what_it_is_near_to():
    # A ball of less than 2 % of the largest, nearer to the second.
    plane = scene(*THREE[:2], (200, 100, 208, 108), (280, 60, 299, 140))
    found = separate(plane)
    assert found.number == 3
    assert found.at(204, 104) == found.at(140, 90) == 1


def test_soft_parts_go_with_the_nearest():
    plane = scene(*THREE[:2])
    plane[60:70, 60:100] = 0.3  # a haze from one to the other
    found = separate(plane)
    left, right = (found.alone(plane, {number}) for number in (2, 1))
    assert left[65, 70] > 0
    assert right[65, 90] > 0
    assert left[65, 90] == right[65, 70] == 0


def test_what_touches_is_one():
    assert separate(scene((20, 20, 60, 120), (60, 40, 120, 100))).number == 1


def test_a_gap_below_a_cell_parts_nothing():
    plane = np.ones((2000, 3000), np.float32)
    plane[:, 1500:1504] = 0
    assert separate(plane).number == 1
    plane[:, 1490:1530] = 0
    assert separate(plane).number == 2


def test_no_more_than_can_be_handled():
    plane = np.zeros((400, 400), np.float32)
    plane[::10, ::10] = 1
    plane[1::10, ::10] = 1
    found = separate(plane)
    assert found.number == 64
    parts = [found.alone(plane, {number}) for number in range(1, 65)]
    assert (np.sum(parts, axis=0) == plane).all()
