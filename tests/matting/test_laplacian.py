"""The matting Laplacian, and its solution."""

from __future__ import annotations

import numpy as np

from mattekit.matting.laplacian import REACH, chebyshev
from support.helpers import disc
from support.trimaps import trimap_of


def test_laplacian_is_what_the_paper_says():
    """Compare with the sum over windows, written down entry by entry."""
    rng = np.random.default_rng(0)
    height, width, epsilon = 5, 6, 1e-3
    image = rng.random((3, height, width)).astype(np.float32)
    flat = image.reshape(3, -1).T.astype(np.float64)
    matrix = np.zeros((height * width,) * 2)
    for y in range(height - 2):
        for x in range(width - 2):
            at = (np.arange(y, y + 3)[:, None] * width + np.arange(x, x + 3)).ravel()
            offset = flat[at] - flat[at].mean(0)
            cov = offset.T @ offset / 9 + epsilon * np.eye(3)
            matrix[np.ix_(at, at)] += np.eye(9) - (1 + offset @ np.linalg.inv(cov) @ offset.T) / 9
    plane = rng.random((height, width)).astype(np.float32)
    expected = (matrix @ plane.ravel()).reshape(height, width)
    # The first step goes down the gradient, scaled by the middle of the spectrum.
    nothing, free = np.zeros_like(plane), np.ones(plane.shape, np.bool_)
    step = chebyshev(image, plane, plane, nothing, free, 1, epsilon=epsilon, smallest=1.0)
    np.testing.assert_allclose(9 * (plane - step), expected, atol=1e-5)
    assert np.linalg.eigvalsh(matrix).max() < 9


def test_iteration_is_local_and_converges():
    truth = disc(60, 70, softness=8)
    image = truth.image.transpose(2, 0, 1) / np.float32(255)
    free = trimap_of(truth.alpha) == 128
    start = np.where(free, np.float32(0.5), truth.alpha)
    weight = np.zeros_like(start)
    errors, results = [], []
    for steps in (0, 5, 20, 80):
        x = chebyshev(image, start, start, weight, free, steps, epsilon=1e-5)
        results.append(x)
        errors.append(np.abs(x - truth.alpha).mean())
        np.testing.assert_array_equal(x[~free], start[~free])
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.2 * errors[0]
    part = slice(10, 60), slice(12, 70)
    alone = chebyshev(
        image[:, 10:, 12:],
        *(plane[part] for plane in (start, start, weight, free)),
        5,
        epsilon=1e-5,
    )
    reach = 5 * REACH
    np.testing.assert_allclose(
        alone[reach:, reach:], results[1][10 + reach :, 12 + reach :], atol=1e-4
    )
