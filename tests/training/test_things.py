from __future__ import annotations

import numpy as np
import pytest
from training.data import SIDE

from training import things

PAINTERS = ["glass", "chair", "bicycle", "chain", "ring", "pack", "document", "window"]


def _drawn(name, seed=3, count=3):
    return [getattr(things, name)(np.random.default_rng([seed, i])) for i in range(count)]


@pytest.mark.parametrize("name", PAINTERS)
def test_what_is_drawn_has_a_subject_and_a_ground(name):
    for rgb, matte in _drawn(name):
        assert rgb.shape == (SIDE, SIDE, 3)
        assert matte.shape == (SIDE, SIDE)
        assert rgb.dtype == matte.dtype == np.uint8
        assert 0.002 < (matte > 30).mean() < 0.9
        assert (matte == 0).any()


@pytest.mark.parametrize("name", PAINTERS)
def test_the_same_seed_draws_the_same(name):
    for one, other in zip(_drawn(name, count=2), _drawn(name, count=2), strict=True):
        assert np.array_equal(one[0], other[0])
        assert np.array_equal(one[1], other[1])


@pytest.mark.slow
def test_glass_lets_light_through_and_its_rim_less():
    for _, matte in _drawn("glass", count=5):
        seen = matte[matte > 0]
        assert ((seen > 10) & (seen < 240)).mean() > 0.1
    through = np.mean([np.median(m[m > 10]) for _, m in _drawn("glass", count=5)])
    assert 20 < through < 230


@pytest.mark.parametrize("name", ["bicycle", "ring", "chair"])
def test_holes_are_open(name):
    for _, matte in _drawn(name, count=3):
        rows, columns = np.nonzero(matte > 127)
        box = matte[rows.min() : rows.max(), columns.min() : columns.max()]
        assert (box < 20).mean() > 0.1


@pytest.mark.parametrize("name", ["pack", "document", "window"])
def test_print_belongs_to_the_subject(name):
    for rgb, matte in _drawn(name, count=3):
        inside = rgb[matte == 255].astype(float)
        assert inside.std(0).max() > 5  # something is printed there
        rows, columns = np.nonzero(matte == 255)
        middle = int(rows.mean()), int(columns.mean())
        assert matte[middle] == 255


def test_a_window_s_edges_are_exact():
    (_, matte), *_ = _drawn("window")
    columns = np.flatnonzero((matte > 127).any(0))
    rows = np.flatnonzero((matte > 127).any(1))
    box = matte[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert (box[len(box) // 2] > 120).all()
