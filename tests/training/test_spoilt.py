from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="training needs the packages of the `train` extra")

from training.spoilt import WAYS, offset, spoil


def _disc(side=96, r=24):
    yy, xx = np.mgrid[:side, :side] - side / 2
    return (np.clip(r - np.hypot(yy, xx) + 0.5, 0, 1)).astype(np.float32)


@pytest.mark.parametrize("way", [way for way, _ in WAYS], ids=lambda way: way.__name__)
@pytest.mark.parametrize(
    "mask", [_disc(), _disc() * 0, _disc() * 0 + 1], ids=["disc", "empty", "full"]
)
def test_every_way_gives_a_mask(way, mask):
    rng = np.random.default_rng(0)

    for _ in range(8):
        out = way(mask.copy(), rng)
        assert out.shape == mask.shape
        assert out.dtype == np.float32
        assert out.min() >= 0
        assert out.max() <= 1


@pytest.mark.parametrize("by", [-5, 5])
def test_offset_moves_the_edge_by_pixels(by):
    out = offset(_disc(r=24), by)

    assert np.sqrt(out.sum() / np.pi) == pytest.approx(24 + by, abs=0.6)


def test_offset_knows_no_ground_beyond_the_border():
    half = np.zeros((40, 40), np.float32)
    half[:, 20:] = 1

    assert (offset(half, 4) == np.where(np.arange(40) >= 16, 1, 0)).all()
    assert (offset(half, -4) == np.where(np.arange(40) >= 24, 1, 0)).all()


def test_spoilt_masks_are_still_of_their_subject():
    disc, rng = _disc(), np.random.default_rng(1)
    kept = []
    for _ in range(60):
        out = spoil(disc, rng)
        assert (out != disc).any()
        kept.append(float((out * disc).sum() / disc.sum()))

    assert np.median(kept) > 0.8
