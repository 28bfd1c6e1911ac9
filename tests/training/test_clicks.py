from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="training needs the packages of the `train` extra")

from training.clicks import RADIUS, Click, add_disk, click_in, depth, next_click, stroke


def _square(y0, x0, y1, x1, side=40):
    region = np.zeros((side, side), bool)
    region[y0:y1, x0:x1] = True
    return region


def test_next_click_stands_in_the_middle_of_the_largest_error():
    wanted = _square(10, 10, 21, 21) | _square(30, 30, 33, 33)

    assert next_click(wanted, np.zeros_like(wanted)) == Click(15, 15, True)


def test_next_click_removes_what_is_too_much():
    wanted = _square(30, 30, 35, 35)

    assert next_click(wanted, wanted | _square(2, 4, 13, 15)) == Click(7, 9, False)


def test_next_click_is_none_where_nothing_is_wrong():
    wanted = _square(3, 3, 9, 9)

    assert next_click(wanted, wanted) is None


def test_depth_counts_the_border_as_outside():
    far = depth(np.ones((5, 7), bool))

    assert far[0, 3] == 1
    assert far[2, 3] == far.max() == 3


def test_chosen_clicks_lie_within_their_region():
    region = _square(4, 9, 12, 31)
    rng = np.random.default_rng(0)

    clicks = [click_in(region, False, rng) for _ in range(50)]

    assert all(region[c.y, c.x] and not c.keep for c in clicks)
    assert len({(c.y, c.x) for c in clicks}) > 10
    assert click_in(np.zeros_like(region), True, rng) is None


def test_a_point_is_a_filled_disk_of_five_256ths():
    marks = np.zeros((256, 256), np.float32)

    add_disk(marks, 100, 50)

    assert RADIUS == 5 / 256
    assert marks.sum() == pytest.approx(np.pi * 25, rel=0.05)
    assert marks[100, 45] == marks[105, 50] == 1
    assert marks[100, 44] == marks[104, 54] == 0


def test_a_point_at_the_border_is_cut_off():
    marks = np.zeros((64, 64), np.float32)

    add_disk(marks, 0, 63)

    assert marks[0, 63] == 1
    assert marks.sum() < 6


def test_strokes_stay_within_their_region():
    region = _square(4, 4, 30, 12)
    rng = np.random.default_rng(0)

    for _ in range(20):
        line = stroke(region, rng)
        assert line.any()
        assert not (line & ~region).any()
    assert not stroke(np.zeros_like(region), rng).any()
