"""Arithmetic on rows of pixels."""

from __future__ import annotations

import numpy as np
import pytest

import support.codecs as make
from mattekit.codecs.strips import masked, on_white, separated, to_gray


def test_on_white_rounds_to_nearest() -> None:
    color, alpha = np.meshgrid(np.arange(256), np.arange(256))
    result = on_white(np.stack([color] * 3, -1).astype(np.uint8), alpha.astype(np.uint8))
    exact = np.floor((color * alpha + 255 * (255 - alpha)) / 255 + 0.5)
    np.testing.assert_array_equal(result[..., 2], exact)


@pytest.mark.parametrize(
    "alpha", [np.zeros((4, 5), np.uint8), np.zeros((4, 5), np.float32), np.zeros((9, 9), np.uint16)]
)
def test_alpha_of_another_depth_or_size_is_refused(alpha: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"expected uint16 of shape \(4, 5\)"):
        masked(np.zeros((4, 5, 3), np.uint16), alpha)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_joining_and_separating(dtype: type) -> None:
    picture = make.ramp(300, 900, 4, dtype)
    picture[:, :450, 3] = 0
    picture[:, 450:500, 3] = 1
    color, alpha = separated(picture)
    np.testing.assert_array_equal(color, picture[..., :3])
    np.testing.assert_array_equal(alpha, picture[..., 3])
    joined = masked(color, alpha)
    np.testing.assert_array_equal(joined[..., 3], alpha)
    np.testing.assert_array_equal(joined[..., :3], color * (alpha > 0)[..., None])
    np.testing.assert_array_equal(to_gray(alpha), np.stack([alpha] * 3, -1))
