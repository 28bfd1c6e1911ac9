"""How a picture moved since the one before it."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit_imageio.motion import optical_flow, warp
from support.moving import scene


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (2, 0), (0, -3), (4.5, 2.5)])
def test_motion_is_found(dx, dy):
    before, now = scene(seed=1), scene(dx, dy, seed=2)
    flow = optical_flow(before, now)
    inner = flow[:, 12:-12, 12:-12]
    assert np.median(inner[0]) == pytest.approx(-dx, abs=0.35)
    assert np.median(inner[1]) == pytest.approx(-dy, abs=0.35)
    planes = before.transpose(2, 0, 1).astype(np.float32)
    moved = warp(planes, flow).transpose(1, 2, 0)
    inside = (slice(12, -12), slice(12, -12))
    assert np.abs(moved - now)[inside].mean() < 8
