"""The built-in model on the sample pictures, through the whole product."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import mattekit
from support.helpers import ROOT
from support.tiers import spread

SAMPLES = sorted((ROOT / "sample_images").glob("*.[!m]*"))


@pytest.mark.parametrize("path", spread(SAMPLES, 3), ids=lambda path: path.stem)
def test_every_sample_picture_has_a_subject(path, tmp_path):
    cutout = mattekit.remove_background(path)
    assert cutout.found
    assert cutout.box is not None
    assert 0.02 < (cutout.alpha > cutout.opaque / 2).mean() < 0.95


def test_orientation_profile_and_resolution_survive(tmp_path):
    upright = tmp_path / "astronaut.png"
    mattekit.remove_background(ROOT / "sample_images/astronaut.jpg").save(upright)
    with Image.open(upright) as image:
        assert image.size == (400, 512)
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert image.getexif().get(0x0112, 1) == 1
    wide = tmp_path / "cat.png"
    mattekit.remove_background(ROOT / "sample_images/cat.jpg").save(wide)
    with Image.open(wide) as image, Image.open(ROOT / "sample_images/cat.jpg") as original:
        assert image.info["icc_profile"] == original.info["icc_profile"]


def test_nobody_is_invented():
    noise = np.random.default_rng(0).normal(128, 30, (300, 400, 3)).clip(0, 255).astype(np.uint8)
    for picture in (noise, np.full((300, 400, 3), 200, np.uint8)):
        assert not mattekit.remove_background(picture).found
