"""From alpha to a cut-out at the photo's depth."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit import matting
from mattekit.geometry import Box
from mattekit.matting.matte import Matte
from mattekit.matting.trimap import trimap_from_alpha
from mattekit.photo import Photo
from mattekit.picture import Metadata


def given(dtype, alpha=None):
    color = np.full((20, 30, 3), np.iinfo(dtype).max // 3, dtype)
    photo = Photo(color, alpha=alpha, metadata=Metadata(dpi=(72, 72)), source="given")
    whole = photo.size.box
    small = np.ones((2, 3), np.float32)
    guide = np.zeros((2, 3, 3), np.uint8)
    return photo, Matte(small, whole, whole, guide, kind="car", kind_scores={"car": 0.9})


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_depth_box_and_facts(dtype):
    photo, matte = given(dtype)
    alpha = np.zeros((20, 30), np.float32)
    alpha[5:15, 10:25] = 1
    alpha[5:15, 9] = 0.5
    cutout = matting.assemble(photo, photo.color, alpha, matte)
    top = np.iinfo(dtype).max
    assert cutout.alpha.dtype == dtype
    assert cutout.alpha[6, 12] == top
    assert cutout.alpha[6, 9] == (top + 1) // 2
    assert cutout.box == Box(9, 5, 25, 15)
    assert (cutout.found, cutout.kind, cutout.source) == (True, "car", "given")
    assert cutout.metadata == photo.metadata
    assert cutout.color is photo.color


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_transparency_of_the_photo_is_multiplied_in(dtype):
    top = int(np.iinfo(dtype).max)
    own = np.linspace(0, top, 600).reshape(20, 30).astype(dtype)
    photo, matte = given(dtype, own)
    same = matting.assemble(photo, photo.color, np.ones((20, 30), np.float32), matte)
    np.testing.assert_array_equal(same.alpha, own)
    half = matting.assemble(photo, photo.color, np.full((20, 30), 0.5, np.float32), matte)
    assert np.abs(half.alpha.astype(float) - own / 2).max() <= 1


def test_no_subject():
    photo, matte = given(np.uint8)
    cutout = matting.assemble(photo, photo.color, np.zeros((20, 30), np.float32), matte)
    assert not cutout.found
    assert cutout.box is None


def test_what_of_a_matte_is_certain():
    alpha = np.zeros((9, 20), np.float32)
    alpha[:, 10:] = 1
    alpha[:, 9] = 0.4
    front, back = trimap_from_alpha(alpha, 2)
    assert not (front & back).any()
    np.testing.assert_array_equal(np.flatnonzero(front[4]), np.arange(13, 20))
    np.testing.assert_array_equal(np.flatnonzero(back[4]), np.arange(7))
    for value in (0, 1):
        front, back = trimap_from_alpha(np.full((4, 4), value, np.float32), 2)
        assert front.all() == bool(value)
        assert back.all() != bool(value)
    front, back = trimap_from_alpha(np.full((4, 4), 0.5, np.float32), 2)
    assert not front.any()
    assert not back.any()


def test_doubt_deep_inside_the_subject_is_not_believed():
    alpha = np.zeros((40, 40), np.float32)
    alpha[5:35, 5:35] = 1
    alpha[15:25, 15:25] = 0.6  # an eye
    front, _ = trimap_from_alpha(alpha, 1)
    assert not front[20, 20]
    front, _ = trimap_from_alpha(alpha, 1, near=4)
    assert front[10:30, 10:30].all()
    assert not front[5, 5:35].any()  # nor does the outline itself become certain


def test_faint_doubt_far_outside_the_subject_is_not_believed():
    alpha = np.zeros((40, 40), np.float32)
    alpha[5:15, 5:15] = 1
    alpha[30, 10], alpha[30, 30], alpha[17, 10] = 0.07, 0.3, 0.07
    _, back = trimap_from_alpha(alpha, 1)
    assert not back[[30, 30, 17], [10, 30, 10]].any()
    _, back = trimap_from_alpha(alpha, 1, near=4)
    assert back[30, 10]
    assert not back[30, 30]  # what is more than faint
    assert not back[17, 10]  # what is near
