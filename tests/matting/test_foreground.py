from __future__ import annotations

import numpy as np
import pytest

from helpers import disc
from mattekit import matting


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_nothing_changes_where_alpha_is_certain(dtype):
    rng = np.random.default_rng(0)
    top = np.iinfo(dtype).max
    color = rng.integers(0, top, (300, 280, 3), dtype, endpoint=True)
    alpha = (rng.random((300, 280)) > 0.5).astype(np.float32)
    assert matting.foreground(color, alpha) is color
    # Within the rounding of the picture's depth a value is certain as well.
    assert matting.foreground(color, np.clip(alpha, 0.3 / top, 1 - 0.3 / top)) is color
    alpha[100:110] = 0.5
    before = color.copy()
    result = matting.foreground(color, alpha)
    np.testing.assert_array_equal(color, before)
    certain = (alpha == 0) | (alpha == 1)
    np.testing.assert_array_equal(result[certain], color[certain])
    assert result.dtype == dtype


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("size", [64, 256, 512])
def test_edges_lose_the_old_background(size, depth):
    truth = disc(size, size, softness=size / 20)
    color = truth.image if depth == 8 else truth.image.astype(np.uint16) * 257
    estimate = matting.foreground(color, truth.alpha) / np.float32(2**depth - 1)
    soft = (truth.alpha > 0.02) & (truth.alpha < 0.98)
    weight = truth.alpha[soft][:, None]
    error = (np.abs(estimate - truth.foreground)[soft] * weight).sum() / (3 * weight.sum())
    assert error < 0.015
    again = truth.alpha[..., None] * estimate + (1 - truth.alpha[..., None]) * truth.background
    assert np.abs(again - truth.image / 255).max() < 4 / 255


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 1), (3, 5)])
def test_tiny_pictures(shape):
    color = np.full((*shape, 3), 90, np.uint8)
    alpha = np.full(shape, 0.5, np.float32)
    assert matting.foreground(color, alpha).shape == color.shape
