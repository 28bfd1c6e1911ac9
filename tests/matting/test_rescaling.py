from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit.geometry import Box, Size
from mattekit.hints import Hints, Marked
from mattekit.matting import Matte, rescale
from mattekit.matting.matte import Correction
from mattekit.matting.rescaling import overlay
from mattekit.photo import Photo

sides = st.integers(20, 400)


def ramp(box, size, photo):
    """Alpha that grows with x and y over a picture, sampled on a grid over a box."""
    left, top, right, bottom = box
    x = left + (np.arange(size.width) + 0.5) * (right - left) / size.width
    y = top + (np.arange(size.height) + 0.5) * (bottom - top) / size.height
    return np.float32((x[None] / photo.width + y[:, None] / photo.height) / 2)


@st.composite
def boxes(draw, size):
    left = draw(st.integers(0, size.width - 10))
    top = draw(st.integers(0, size.height - 10))
    right = draw(st.integers(left + 10, size.width))
    bottom = draw(st.integers(top + 10, size.height))
    return Box(left, top, right, bottom)


@pytest.mark.slow
@given(st.data(), sides, sides, sides, sides)
def test_nothing_moves_when_the_picture_changes_its_size(data, width, height, across, down):
    before, after = Size(width, height), Size(across, down)
    box, samples = data.draw(boxes(before)), Size(32, 24)
    guide = np.zeros((24, 32, 3), np.uint8)
    matte = Matte(ramp(box, samples, before), box, before.box, guide)
    result = rescale(matte, before, Photo(np.full((down, across, 3), 9, np.uint8)))
    fx, fy = across / width, down / height
    edges = (box.left * fx, box.top * fy, box.right * fx, box.bottom * fy)
    outward = [edges[0] - result.box[0], edges[1] - result.box[1]]
    outward += [result.box[2] - edges[2], result.box[3] - edges[3]]
    assert all(-1e-3 <= each < 1 for each in outward)
    assert result.roi == after.box
    assert result.alpha.shape == (24, 32)
    assert result.guide.shape == (24, 32, 3)
    assert result.guide.mean() == 9
    expected = ramp(result.box, samples, after)
    # Where the new box is larger, by less than a pixel, and in its outermost samples alpha goes on.
    slack = max(1 / across, 1 / down) + max(box.width / width / 32, box.height / height / 24)
    assert np.abs(result.alpha - expected).max() <= slack


def test_a_whole_matte_keeps_its_samples():
    alpha = np.random.default_rng(1).random((16, 16), np.float32)
    matte = Matte(alpha, Box(0, 0, 90, 70), Box(9, 7, 45, 35), np.zeros((16, 16, 3), np.uint8))
    result = rescale(matte, Size(90, 70), Photo(np.zeros((35, 30, 3), np.uint8)))
    assert result.alpha is alpha
    assert (result.box, result.roi) == (Box(0, 0, 30, 35), Box(3, 3, 15, 18))


def test_what_two_mattes_have_in_common_is_brought_over_once():
    rng = np.random.default_rng(2)
    photo = Photo(rng.integers(0, 256, (35, 30, 3), np.uint8))
    size, box = Size(90, 70), Box(9, 7, 45, 35)
    guide = np.zeros((16, 16, 3), np.uint8)
    first = Matte(np.ones((16, 16), np.float32), box, size.box, guide)
    hints = Hints(size, Marked(((20, 20),)), Marked())

    def corrected(value):
        alpha = np.full((16, 16), value, np.float32)
        fix = Correction(first, hints, np.ones((16, 16), np.float32))
        return dataclasses.replace(first, alpha=alpha, correction=fix)

    before = rescale(first, size, photo)
    known = first, before
    for value in (0.25, 0.5):
        matte = corrected(value)
        plain, made = rescale(matte, size, photo), rescale(matte, size, photo, known=known)
        assert made.guide is known[1].guide
        assert made.correction.before is before
        np.testing.assert_array_equal(made.guide, plain.guide)
        np.testing.assert_array_equal(made.alpha, plain.alpha)
        np.testing.assert_array_equal(made.correction.before.alpha, plain.correction.before.alpha)
        known = matte, made


@pytest.mark.parametrize("size", [Size(40, 30), Size(37, 91), Size(11, 64)])
def test_an_overlay_stays_within_its_plane(size):
    plane, whole = np.ones((33, 47), np.float32), Size(300, 200).box
    values, _ = overlay(plane, whole, whole, size)
    assert (values == 1).all()


@given(st.data())
def test_an_overlay_lies_where_it_should(data):
    photo = Size(300, 200)
    source, target = data.draw(boxes(photo)), data.draw(boxes(photo))
    size = Size(40, 30)
    values, cells = overlay(ramp(source, Size(50, 50), photo), source, target, size)
    x = target.left + (np.arange(40) + 0.5) * target.width / 40
    y = target.top + (np.arange(30) + 0.5) * target.height / 30
    columns = np.flatnonzero((x >= source.left) & (x <= source.right))
    rows = np.flatnonzero((y >= source.top) & (y <= source.bottom))
    if not len(columns) or not len(rows):
        assert cells.empty
        assert values.size == 0
        return
    assert cells == Box(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    expected = ramp(target, size, photo)[cells.slices]
    rim = (target.width / 40 + source.width / 50) / 300 + (
        target.height / 30 + source.height / 50
    ) / 200
    assert np.abs(values - expected).max() <= rim
    assert np.abs(values - expected).mean() <= rim / 2
