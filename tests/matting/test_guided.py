"""Windows and the linear models fitted in them."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.matting.guided import box_mean, linear_model


@pytest.mark.parametrize("radius", [1, 2, 9])
@pytest.mark.parametrize("shape", [(9, 11), (1, 6), (4, 1)])
def test_means_of_windows(radius, shape):
    plane = np.random.default_rng(0).random(shape).astype(np.float32)
    result = box_mean(plane[None], radius)[0]
    for y in range(shape[0]):
        for x in range(shape[1]):
            rows = slice(max(0, y - radius), y + radius + 1)
            window = plane[rows, max(0, x - radius) : x + radius + 1]
            assert result[y, x] == pytest.approx(window.mean(), abs=1e-6)


def test_a_linear_alpha_is_found():
    rng = np.random.default_rng(0)
    image = rng.random((3, 20, 30)).astype(np.float32)
    alpha = 0.2 * image[0] - 0.3 * image[1] + 0.4 * image[2] + 0.1
    model = linear_model(image, alpha.astype(np.float32), 3, 1e-7)
    for plane, value in zip(model, (0.2, -0.3, 0.4, 0.1), strict=True):
        np.testing.assert_allclose(plane, value, atol=1e-3)


def test_where_colour_is_flat_alpha_is_averaged():
    image = np.full((3, 9, 9), 0.5, np.float32)
    alpha = np.zeros((9, 9), np.float32)
    alpha[:, 5:] = 1
    model = linear_model(image, alpha, 1, 1e-3)
    np.testing.assert_allclose(model[:3], 0, atol=1e-4)
    fitted = (model[:3] * image).sum(0) + model[3]
    assert fitted[4, 4] == pytest.approx(1 / 3, abs=0.01)


@pytest.mark.parametrize("radius", [1, 2, 3])
def test_where_it_is_wanted_the_model_is_the_same(radius):
    rng = np.random.default_rng(4)
    image, alpha = rng.random((3, 23, 41), np.float32), rng.random((23, 41), np.float32)
    wanted = rng.random(alpha.shape) < 0.02
    wanted[0, 0] = wanted[-1, 5] = True
    everywhere = linear_model(image, alpha, radius, 1e-3)
    model = linear_model(image, alpha, radius, 1e-3, wanted)
    assert not model[:, ~wanted].any()
    np.testing.assert_array_equal(model[:3, wanted], everywhere[:3, wanted])
    fitted = (model[:3] * image).sum(0) + model[3]
    np.testing.assert_allclose(fitted[wanted], alpha[wanted], atol=1e-6)
