"""What a photo may be made of."""

from __future__ import annotations

import numpy as np
import pytest

import mattekit
from mattekit import FakeSession, ModelCard, Runtime
from mattekit.geometry import Size
from mattekit.models import InputSpec
from mattekit.photo import Photo
from support.helpers import disc


@pytest.mark.parametrize(
    "view", [np.s_[:, :, :3], np.s_[:, ::-1, :3], np.s_[::-2, ::2, :3], np.s_[..., 2::-1]]
)
def test_a_photo_may_be_made_of_a_view(view):
    runtime = Runtime()
    card = ModelCard("dark", input=InputSpec(size=Size(64, 64)))
    runtime.use("auto", FakeSession(lambda batch: (batch[:, :1] < 0.5).astype(np.float32), card))
    samples = np.dstack([disc(192, 256).image, np.full((192, 256), 255, np.uint8)])
    color = samples[view]
    expected = mattekit.remove_background(color.copy(), runtime=runtime)
    cutout = mattekit.remove_background(Photo(color), runtime=runtime)
    assert 0 < expected.alpha.mean() < 255
    assert np.array_equal(cutout.rgba(), expected.rgba())
