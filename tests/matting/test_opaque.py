"""Panes become opaque; edges, hair and holes do not."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.matting.opaque import fill_semitransparent
from support.tiers import tiered


def car(factor):
    """A body with a soft edge, a window, a real hole, and a fringe."""
    height, width = 120 * factor, 200 * factor
    y, x = np.mgrid[0:height, 0:width] / factor
    inside = np.minimum.reduce([x - 20, 180 - x, y - 20, 100 - y])
    alpha = np.clip(inside / 4 + 0.5, 0, 1).astype(np.float32)
    window = (x >= 60) & (x < 100) & (y >= 40) & (y < 60)
    hole = (x >= 120) & (x < 140) & (y >= 40) & (y < 60)
    alpha[window], alpha[hole] = 0.4, 0
    return alpha, window, hole


@pytest.mark.parametrize("factor", tiered([1, 3, 13], {1, 3}))
def test_only_what_is_enclosed_and_partly_transparent_is_filled(factor):
    alpha, window, hole = car(factor)
    result = fill_semitransparent(alpha)
    assert result.dtype == np.float32
    assert (result[window] == 1).all()
    assert (result[hole] == 0).all()
    rest = ~window
    assert np.array_equal(result[rest], np.where(alpha[rest] >= 0.95, result[rest], alpha[rest]))
    soft = (alpha > 0.05) & (alpha < 0.95) & rest
    assert soft.any()
    assert np.array_equal(result[soft], alpha[soft])


def test_a_window_with_soft_rims_is_filled_to_its_rims():
    alpha, window, _ = car(4)
    rim = np.roll(window, 1, 0) ^ window
    alpha[rim] = 0.8
    assert (fill_semitransparent(alpha)[window | rim] == 1).all()


def test_what_opens_to_the_outside_is_an_edge():
    alpha, window, _ = car(2)
    alpha[:120, 160:164] = 0.4  # a slit from the window to the outside
    result = fill_semitransparent(alpha)
    assert np.array_equal(result[window], alpha[window])


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_nothing_to_do(level):
    alpha = np.full((30, 40), level, np.float32)
    assert fill_semitransparent(alpha) is alpha
