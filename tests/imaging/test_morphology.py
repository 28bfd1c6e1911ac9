"""Masks made larger, against what the words say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mattekit.imaging.morphology import diamond_dilation, dilation


@pytest.fixture
def mask() -> np.ndarray:
    return np.random.default_rng(5).random((11, 14)) > 0.93


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 6))
def test_a_square_around_each_pixel(seed: int, reach: int) -> None:
    mask = np.random.default_rng(seed).random((11, 14)) > 0.93
    y, x = np.mgrid[0:11, 0:14]
    expected = np.zeros_like(mask)
    for row, column in np.argwhere(mask):
        expected |= np.maximum(abs(y - row), abs(x - column)) <= reach
    np.testing.assert_array_equal(dilation(mask, reach), expected)


@pytest.mark.parametrize("reach", [0, 1, 3])
def test_a_diamond_around_each_pixel(mask: np.ndarray, reach: int) -> None:
    before = mask.copy()
    y, x = np.mgrid[0:11, 0:14]
    expected = np.zeros_like(mask)
    for row, column in np.argwhere(mask):
        expected |= abs(y - row) + abs(x - column) <= reach
    np.testing.assert_array_equal(diamond_dilation(mask, reach), expected)
    np.testing.assert_array_equal(mask, before)
