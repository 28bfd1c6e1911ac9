"""The detail pass as it is trained: a coarse matte, no marks, and the band alone counts."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="training needs the packages of the `train` extra")

from training import detail

SIDE = 128


def disk():
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    return np.clip(40.5 - np.hypot(x, y), 0, 1).astype(np.float32)


@pytest.mark.parametrize("seed", range(8))
def test_the_automatic_matte_is_right_but_for_its_edge(seed):
    wanted = disk()
    last, coarser = detail.automatic(wanted, np.random.default_rng(seed))
    assert detail.COARSER[0] * 0.9 < coarser < detail.COARSER[1] * 1.1
    assert last.shape == wanted.shape
    assert last.dtype == np.float32
    wrong = np.abs(last - wanted)
    assert wrong.max() > 0.1
    near = detail.band(last, coarser) > 0
    assert wrong[~near].max(initial=0) < 0.2
    assert wrong[near].mean() > 3 * wrong[~near].mean()


def test_the_window_shows_the_edge():
    alpha = (disk() * 255).astype(np.uint8)
    for seed in range(20):
        box = (100.0, 50.0, 356.0, 306.0)
        found = detail.window(alpha, box, 640, 480, np.random.default_rng(seed))
        left, top, right, bottom = found
        assert 0 <= left < right <= 640
        assert 0 <= top < bottom <= 480
        assert (right - left) < 0.6 * 256
        x, y = np.meshgrid(np.linspace(left, right, 30), np.linspace(top, bottom, 30))
        inside = np.hypot(x - 228, y - 178) < 81
        assert 0.05 < inside.mean() < 0.95
