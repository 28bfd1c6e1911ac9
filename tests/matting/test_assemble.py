"""From alpha to a cut-out at the photo's depth."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit import matting
from mattekit.geometry import Box
from mattekit.matting.matte import Matte
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
