"""Pairs of foreground and background that explain a colour."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.matting import sampling
from mattekit.matting.sampling import nearest, sample_pairs
from support.helpers import disc
from support.trimaps import trimap_of


def test_nearest():
    rng = np.random.default_rng(3)
    mask = rng.random((13, 17)) > 0.9
    distance, index = nearest(mask)
    at = np.argwhere(mask)
    for y in range(13):
        for x in range(17):
            steps = np.abs(at - (y, x)).sum(1)
            assert distance[y, x] == steps.min()
            assert np.abs(np.array(divmod(index[y, x], 17)) - (y, x)).sum() == steps.min()
            assert mask.flat[index[y, x]]


def test_pairs_explain_mixtures():
    truth = disc(80, 100, softness=16)
    image = truth.image.transpose(2, 0, 1) / np.float32(255)
    trimap = trimap_of(truth.alpha, 2)
    pairs = sample_pairs(image, trimap == 255, trimap == 0)
    assert (trimap.flat[pairs.pixels] == 128).all()
    assert (trimap.flat[pairs.front] == 255).all()
    assert (trimap.flat[pairs.back] == 0).all()
    assert np.abs(pairs.alpha - truth.alpha.flat[pairs.pixels]).mean() < 0.03
    assert pairs.distance.max() < 0.05


@pytest.mark.parametrize("rounds", [(5,), (1, 5)])
def test_leaving_out_what_was_refused_changes_nothing(rounds, monkeypatch):
    truth = disc(80, 100, softness=16)
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 8, truth.image.shape)
    image = ((truth.image + noise).transpose(2, 0, 1) / 255).clip(0, 1).astype(np.float32)
    trimap = trimap_of(truth.alpha, 2)
    tried = 0

    def attempt_all(search, neighbor, since):
        nonlocal tried
        tried += 1
        search.tries += 1
        search._attempt(np.take(search.pair, neighbor, 1))

    quick = sample_pairs(image, trimap == 255, trimap == 0, rounds=rounds)
    monkeypatch.setattr(sampling._Search, "attempt_neighbor", attempt_all)
    whole = sample_pairs(image, trimap == 255, trimap == 0, rounds=rounds)
    assert tried == 8 * 5 + 4 * (len(rounds) - 1)
    for name in ("front", "back", "alpha", "distance"):
        np.testing.assert_array_equal(getattr(quick, name), getattr(whole, name))


@pytest.mark.parametrize(
    ("share", "alpha", "distance"), [(0.3, 0.3, 0), (2, 1, np.sqrt(2)), (-1, 0, np.sqrt(2))]
)
def test_a_mixture_of_two_colours_is_told_as_such(share: float, alpha: float, distance: float):
    front, back = np.float32([1, 0, 0]), np.float32([0, 0, 1])
    row = np.stack([front, share * front + (1 - share) * back, back])
    image = np.ascontiguousarray(row.T[:, None], np.float32)
    known = np.array([[True, False, False]])
    found = sample_pairs(image, known, known[:, ::-1], rounds=(1,))
    assert found.alpha == pytest.approx(alpha, abs=1e-6)
    assert found.distance == pytest.approx(distance, abs=1e-6)
