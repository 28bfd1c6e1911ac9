"""The subject's box, and the parts that it is found by."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.geometry import Box
from mattekit.subject import subject_box


def test_box_of_nothing():
    assert subject_box(np.zeros((20, 30), np.uint8)) is None
    assert subject_box(np.full((20, 30), 12, np.uint8)) is None  # noise of a network
    assert subject_box(np.zeros((0, 0), np.uint8)) is None


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("factor", [1, 3, 11])
def test_box_is_exact_and_specks_do_not_move_it(dtype, factor):
    opaque = np.iinfo(dtype).max
    alpha = np.zeros((300 * factor, 400 * factor), dtype)
    box = Box(101 * factor + 1, 50 * factor + 2, 300 * factor - 1, 251 * factor)
    alpha[box.slices] = opaque
    alpha[2, 3] = opaque  # a bright speck
    alpha[5:8, -3:] = opaque // 2  # a small one
    alpha[-20:, :] = opaque // 100  # alpha of 1 or 2, as networks leave behind
    assert subject_box(alpha) == box


def test_parts_that_matter_count():
    alpha = np.zeros((400, 600), np.uint8)
    alpha[100:300, 100:300] = 255
    alpha[350:370, 500:530] = 255  # a ball, 1.5 % of the subject
    assert subject_box(alpha) == Box(100, 100, 530, 370)


def test_touching_by_a_corner_is_touching():
    alpha = np.zeros((64, 64), np.uint8)
    alpha[10:40, 10:40] = 255
    alpha[40, 40] = 255
    assert subject_box(alpha) == Box(10, 10, 41, 41)


def test_a_tiny_subject_is_one():
    alpha = np.zeros((2000, 3000), np.uint8)
    alpha[1000, 1500] = 255
    assert subject_box(alpha) == Box(1500, 1000, 1501, 1001)


def test_soft_edges_count_from_five_per_cent_on():
    alpha = np.zeros((50, 50), np.uint8)
    alpha[20:30, 10:40] = np.linspace(0, 255, 30).astype(np.uint8)
    first = int(np.argmax(alpha[20] >= 13))
    assert subject_box(alpha) == Box(first, 20, 40, 30)
