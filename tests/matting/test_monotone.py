"""Alpha crosses a hard edge once: it rises inwards and falls outwards."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.matting.monotone import make_monotone
from mattekit.matting.sampling import nearest

REACH = 6


def uneven(shape=(50, 60)):
    """A disc whose alpha goes up and down on both sides of its outline."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[: shape[0], : shape[1]]
    depth = 18 - np.hypot(y - 25, x - 30)
    noise = rng.uniform(0, 0.45, shape)
    return np.where(depth > 0, 1 - noise, noise).astype(np.float32)


def differences(alpha):
    """By how much each pixel is on the wrong side of neighbours nearer to the outline."""
    inside = alpha >= 0.5
    steps = nearest(~inside)[0].reshape(alpha.shape)
    outer = nearest(inside)[0].reshape(alpha.shape)
    worst = 0.0
    for depth, sign in ((steps, 1), (outer, -1)):
        for axis in (0, 1):
            for way in (1, -1):
                here, there = np.roll(depth, way, axis), np.roll(alpha, way, axis)
                nearer = (here == depth - 1) & (here > 0) & (depth <= REACH)
                worst = max(worst, float((sign * (there - alpha))[nearer].max()))
    return worst


def test_rises_inwards_and_falls_outwards():
    alpha = uneven()
    assert differences(alpha) > 0.3
    result = make_monotone(alpha, np.ones(alpha.shape, np.bool_), REACH)
    assert differences(result) <= 0
    assert ((result >= 0.5) == (alpha >= 0.5)).all()
    assert result.min() >= alpha.min()
    assert result.max() <= alpha.max()


def test_only_where_it_is_hard_and_near():
    alpha = uneven()
    hard = np.zeros(alpha.shape, np.bool_)
    hard[:, 30:] = True
    result = make_monotone(alpha, hard, REACH)
    assert (result[:, :30] == alpha[:, :30]).all()
    assert (result[:, 30:] != alpha[:, 30:]).any()
    # The middle is farther than that from the outline.
    assert (result[20:30, 25:35] == alpha[20:30, 25:35]).all()


@pytest.mark.parametrize("value", [0.0, 0.4, 0.6, 1.0])
def test_without_an_outline_nothing_changes(value):
    alpha = np.full((7, 9), value, np.float32)
    assert (make_monotone(alpha, np.ones(alpha.shape, np.bool_), REACH) == alpha).all()


def test_soft_edges_are_left_alone():
    alpha = uneven()
    assert make_monotone(alpha, np.zeros(alpha.shape, np.bool_), REACH) is alpha


def test_in_place_it_is_the_same() -> None:
    alpha, hard = uneven(), np.ones((50, 60), np.bool_)
    expected = make_monotone(alpha, hard, REACH)
    assert (alpha == uneven()).all()
    assert make_monotone(alpha, hard, REACH, in_place=True) is alpha
    np.testing.assert_array_equal(alpha, expected)
