"""What lies under alpha 0."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mattekit.cutout import Cutout


@pytest.mark.parametrize("name", ["png", "tiff"])
def test_hidden_colours_are_black_unless_kept(name):
    rng = np.random.default_rng(0)
    color = rng.integers(1, 255, (40, 50, 3), dtype=np.uint8)
    alpha = np.zeros((40, 50), np.uint8)
    alpha[10:20, 10:30], alpha[20:25, 10:30] = 255, 9
    cutout = Cutout(color, alpha)
    plain = np.asarray(Image.open(io.BytesIO(cutout.encode(format=name).data)))
    kept = np.asarray(Image.open(io.BytesIO(cutout.encode(format=name, keep_color=True).data)))
    assert np.array_equal(plain[..., 3], alpha)
    assert np.array_equal(kept, np.dstack([color, alpha]))
    assert np.array_equal(plain[alpha > 0], kept[alpha > 0])
    assert not plain[alpha == 0].any()
