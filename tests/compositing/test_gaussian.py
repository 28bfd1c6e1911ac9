"""Blurs of planes."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.compositing.gaussian import gaussian_blur


@pytest.mark.parametrize("sigma", [0.0, 0.3, 0.8, 1.5, 4.0, 11.3])
def test_running_means_are_nearly_a_gaussian(sigma):
    plane = np.zeros((101, 101), np.float32)
    plane[50, 50] = 1
    soft = gaussian_blur(plane, sigma, sigma)
    assert abs(float(soft.sum()) - 1) < 1e-3
    offsets = np.arange(101) - 50.0
    spread = float((soft.sum(0) * offsets**2).sum())
    assert abs(np.sqrt(spread) - sigma) <= max(0.06 * sigma, 0.35 if sigma < 0.9 else 0)
