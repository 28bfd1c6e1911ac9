"""The errors that the quality tables report."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from PIL import Image

from support.helpers import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import truth


def test_no_error_against_itself():
    alpha = truth.synthetic_disc(64, 6)["alpha"]
    assert truth.errors(alpha, alpha) == (1, 0, 0, 0, 0, 0)


def test_errors_of_a_shift():
    alpha = truth.synthetic_disc(64, 6)["alpha"]
    near, far = (truth.errors(np.roll(alpha, shift, 1), alpha) for shift in (1, 4))
    assert 1 > near.iou > far.iou > 0.5
    assert 0 < near.mae < far.mae
    assert 0 < near.band_mse < far.band_mse
    assert 0 < near.band_gradient < far.band_gradient
    assert near.sad == pytest.approx(near.mae * alpha.size / 1000, rel=1e-4)


def test_gradient_of_a_ramp():
    ramp = np.tile(np.arange(40, dtype=np.float32) / 40, (30, 1))
    np.testing.assert_allclose(truth.gradient(ramp)[10:20, 10:30], 1 / 40, rtol=0.02)


def test_band_follows_the_edge():
    alpha = np.zeros((100, 100), np.float32)
    alpha[:, 50:] = 1
    near = truth.band(alpha)
    assert near[:, 45:55].all()
    assert not near[:, :44].any()


def test_reading_a_folder(tmp_path):
    Image.new("L", (4, 4), 51).save(tmp_path / "a.gt.png")
    entries = [
        {"id": "a", "file": "a.png", "gt_file": "a.gt.png", "gt_kind": "alpha"},
        {"id": "b", "file": "b.png", "gt_kind": None},
    ]
    (tmp_path / "manifest.json").write_text(json.dumps({"images": entries}))
    (found,) = truth.read(tmp_path)
    assert (found.name, found.kind, found.trimap) == ("a", "alpha", None)
    np.testing.assert_allclose(truth.plane(found.alpha), 0.2)


def test_the_disc_is_what_its_parts_make():
    disc = truth.synthetic_disc(50, 5)
    weight = disc["alpha"][..., None]
    mixed = weight * disc["front"] + (1 - weight) * disc["back"]
    assert np.abs(mixed * 255 - disc["image"]).max() <= 0.51
