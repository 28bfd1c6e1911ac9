"""Alpha as a function of colour, from a small picture to a large one."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.geometry import Box, Size
from mattekit.matting.color_model import evaluate, fitted


def ramp(height: int, width: int) -> np.ndarray:
    """Red rises from left to right."""
    red = np.broadcast_to(np.linspace(0.1, 0.9, width, dtype=np.float32), (height, width))
    return np.stack([red, np.full_like(red, 0.5), np.full_like(red, 0.2)])


def evaluated(model, part: Box, image: np.ndarray) -> np.ndarray:
    """Evaluate at 16 bits where all is unknown."""
    pixels = np.ascontiguousarray(np.rint(np.moveaxis(image, 0, 2) * 65535).astype(np.uint16))
    alpha = np.full(pixels.shape[:2], np.nan, np.float32)
    evaluate(model, part, pixels, np.full(model.alpha.shape, 128, np.uint8), alpha)
    return alpha


def test_alpha_that_is_linear_in_colour_is_found_at_the_large_size() -> None:
    small, large = ramp(24, 32), ramp(96, 128)
    model = fitted(small, small[0], np.ones((24, 32), bool), Size(128, 96).box)
    inner = Box(16, 16, 112, 80)
    rows, columns = inner.slices
    found = evaluated(model, inner, large[:, rows, columns])
    np.testing.assert_allclose(found, large[0, rows, columns], atol=0.02)


def test_each_small_pixel_gets_its_own_alpha_back() -> None:
    rng = np.random.default_rng(7)
    image = rng.random((3, 12, 15), np.float32)
    alpha = rng.random((12, 15), np.float32)
    whole = Size(15, 12).box
    model = fitted(image, alpha, np.ones((12, 15), bool), whole)
    np.testing.assert_allclose(evaluated(model, whole, image), alpha, atol=1e-4)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_where_nobody_asks_there_is_no_model(level: float) -> None:
    alpha = np.full((20, 20), level, np.float32)
    model = fitted(ramp(20, 20), alpha, np.zeros((20, 20), bool), Size(40, 40).box)
    assert not model.model.any()
