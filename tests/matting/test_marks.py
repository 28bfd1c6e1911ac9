"""Marks as a view shows them."""

from __future__ import annotations

import numpy as np

from mattekit.geometry import Box, Size
from mattekit.hints import Marked, stroke_of
from mattekit.matting.marks import Corrector, View, averaged, drawn, steadied, unheeded


def test_points_are_disks_of_the_view():
    exact, disks = drawn(Marked(((50, 20),)), Box(0, 0, 100, 50), Size(256, 256))
    assert np.argwhere(exact).tolist() == [[104, 129]]
    rows, columns = np.nonzero(disks)
    assert (np.hypot(rows - 104, columns - 129) <= 5).all()
    assert disks.sum() == 81


def test_strokes_are_as_they_are():
    mask = np.zeros((50, 100), bool)
    mask[10:12, 10:90] = True
    exact, disks = drawn(Marked((), (), (stroke_of(mask),)), Box(0, 0, 100, 50), Size(100, 50))
    np.testing.assert_array_equal(exact, mask)
    np.testing.assert_array_equal(disks, mask)


def test_marks_outside_of_a_view_are_not_seen():
    marked = Marked(((50, 20), (5, 5)))
    exact, disks = drawn(marked, Box(10, 0, 40, 50), Size(30, 50))
    assert not exact.any()
    assert not disks.any()
    exact, disks = drawn(Marked(((0, 0),)), Box(0, 0, 300, 300), Size(300, 300))
    assert exact[0, 0]
    assert disks[:4, :4].all()  # cut off at the border


def test_marks_that_are_not_heeded():
    marks = np.zeros((20, 40), bool)
    marks[5:10, 5:10] = marks[5:10, 18:23] = marks[5:10, 30:35] = True
    alpha = np.zeros((20, 40), np.float32)
    alpha[:, :20] = 1
    # The second lies across the edge: three fifths of it are outside.
    assert unheeded(marks, alpha, 1)[7].nonzero()[0].tolist() == [*range(18, 23), *range(30, 35)]
    assert unheeded(marks, alpha, 0)[7].nonzero()[0].tolist() == [*range(5, 10)]
    assert not unheeded(np.zeros_like(marks), alpha, 1).any()


def test_the_mirror_image_is_asked_too():
    rng = np.random.default_rng(6)
    image = rng.integers(0, 256, (8, 10, 3), np.uint8)
    keep = np.zeros((8, 10), bool)
    keep[2, 3] = True
    view = View(image, rng.random((8, 10), np.float32), keep, ~keep)
    asked = []

    def left_half(view):
        asked.append(view)
        alpha = np.zeros((8, 10), np.float32)
        alpha[:, :5] = 0.8
        alpha[:, 5:] = 0.2
        return alpha

    def mean(answer):
        corrector = Corrector(answer)
        return steadied(corrector, view, answer(view))

    # Odds of 4 and of 1 to 4: it is even.
    np.testing.assert_allclose(mean(left_half), 0.5, atol=1e-4)
    for plane, flipped in zip(*asked, strict=True):
        np.testing.assert_array_equal(plane[:, ::-1], flipped)
    certain = mean(lambda view: view.keep.astype(np.float32))
    np.testing.assert_array_equal(certain, keep)
    torn = mean(lambda _: np.repeat([[1.0, 0.0]], 5, 1).repeat(8, 0))
    assert (torn == 0.5).all()


def test_the_mean_of_answers_is_of_their_odds():
    plane = np.float32([[0, 0.5, 0.9, 1]])
    mean = averaged([plane, np.float32([[0, 0.5, 0.1, 0.5]]), np.float32([[0, 0.5, 0.5, 0]])])
    # Where all say the same it is that, by the bit; opposites that are as sure cancel out.
    np.testing.assert_array_equal(mean[0, :2], [0, 0.5])
    np.testing.assert_allclose(mean[0, 2:], 0.5, atol=1e-4)
