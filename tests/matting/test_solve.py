"""Alpha from a trimap."""

from __future__ import annotations

import dataclasses
import importlib

import numpy as np
import pytest

from mattekit import matting
from mattekit.errors import OptionError
from mattekit.matting import sampling
from mattekit.matting.laplacian import REACH, MattingLaplacian, chebyshev
from mattekit.matting.sampling import nearest, project, sample_pairs
from support.helpers import disc

# The package has a function of the same name.
solver = importlib.import_module("mattekit.matting._solve")


def trimap_of(alpha, reach=6):
    unknown = nearest((alpha > 0) & (alpha < 1))[0] <= reach
    return np.where(unknown, 128, np.where(alpha > 0.5, 255, 0)).astype(np.uint8)


@pytest.mark.parametrize("quality", ["balanced", "best"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("area", [10**9, 6000])
def test_known_truth(quality, dtype, area, monkeypatch):
    effort = dataclasses.replace(solver.EFFORTS[quality], area=area)
    monkeypatch.setitem(solver.EFFORTS, quality, effort)
    truth = disc(120, 160, softness=10)
    color = truth.image if dtype == np.uint8 else truth.image.astype(np.uint16) * 257
    trimap = trimap_of(truth.alpha)
    alpha = matting.solve(color, trimap, quality=quality)
    assert (alpha[trimap == 255] == 1).all()
    assert (alpha[trimap == 0] == 0).all()
    assert np.abs(alpha - truth.alpha).max() < 0.1
    assert np.abs(alpha - truth.alpha)[trimap == 128].mean() < 0.025


def test_trimaps_without_a_question():
    color = disc().image
    for value in (0, 255):
        trimap = np.full(color.shape[:2], value, np.uint8)
        np.testing.assert_array_equal(matting.solve(color, trimap), value / 255)


@pytest.mark.parametrize("known", [0, 128, 255])
def test_trimaps_without_an_answer(known):
    trimap = np.full((20, 30), 128, np.uint8)
    trimap[:5] = known
    with pytest.raises(OptionError, match="is known"):
        matting.solve(np.zeros((20, 30, 3), np.uint8), trimap)


@pytest.mark.parametrize("trimap", [np.zeros((3, 4), np.uint8), np.zeros((20, 30), np.float32)])
def test_trimaps_of_another_shape_or_type(trimap):
    with pytest.raises(OptionError, match="trimap"):
        matting.solve(np.zeros((20, 30, 3), np.uint8), trimap)


def test_single_known_pixels_are_enough():
    color = disc(96, 128).image
    trimap = np.full((96, 128), 128, np.uint8)
    trimap[48, 64], trimap[0, 0] = 255, 0
    alpha = matting.solve(color, trimap)
    assert alpha[46:50, 62:66].min() > 0.8
    assert alpha[:5, :5].max() < 0.2


@pytest.mark.parametrize("shape", [(1, 3), (2, 2), (3, 1), (3, 3)])
def test_tiny_pictures(shape):
    color = np.linspace(0, 255, shape[0] * shape[1] * 3).reshape(*shape, 3).astype(np.uint8)
    trimap = np.full(shape, 128, np.uint8)
    trimap.flat[0], trimap.flat[-1] = 0, 255
    alpha = matting.solve(color, trimap)
    assert (alpha.flat[0], alpha.flat[-1]) == (0, 1)
    assert np.isfinite(alpha).all()


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
    np.testing.assert_allclose(MattingLaplacian(image, epsilon)(plane), expected, atol=1e-5)
    assert np.linalg.eigvalsh(matrix).max() < 9


def test_iteration_is_local_and_converges():
    truth = disc(60, 70, softness=8)
    image = truth.image.transpose(2, 0, 1) / np.float32(255)
    free = trimap_of(truth.alpha) == 128
    start = np.where(free, np.float32(0.5), truth.alpha)
    weight = np.zeros_like(start)
    errors, results = [], []
    for steps in (0, 5, 20, 80):
        x = chebyshev(MattingLaplacian(image, 1e-5), start, start, weight, free, steps)
        results.append(x)
        errors.append(np.abs(x - truth.alpha).mean())
        np.testing.assert_array_equal(x[~free], start[~free])
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.2 * errors[0]
    part = slice(10, 60), slice(12, 70)
    alone = chebyshev(
        MattingLaplacian(image[:, 10:, 12:], 1e-5),
        *(plane[part] for plane in (start, start, weight, free)),
        5,
    )
    reach = 5 * REACH
    np.testing.assert_allclose(
        alone[reach:, reach:], results[1][10 + reach :, 12 + reach :], atol=1e-4
    )


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
        search.attempt([np.take(at, neighbor) for at in search.pair])

    quick = sample_pairs(image, trimap == 255, trimap == 0, rounds=rounds)
    monkeypatch.setattr(sampling._Search, "attempt_neighbor", attempt_all)
    whole = sample_pairs(image, trimap == 255, trimap == 0, rounds=rounds)
    assert tried == 8 * 5 + 4 * (len(rounds) - 1)
    for name in ("front", "back", "alpha", "distance"):
        np.testing.assert_array_equal(getattr(quick, name), getattr(whole, name))


def test_project():
    front, back = np.float32([[1], [0], [0]]), np.float32([[0], [0], [1]])
    alpha, distance = project(0.3 * front + 0.7 * back, front, back)
    assert alpha == pytest.approx(0.3)
    assert distance == pytest.approx(0, abs=1e-6)
    alpha, distance = project(2 * front - back, front, back)
    assert alpha == 1
    assert distance == pytest.approx(np.sqrt(2))
    assert project(front, front, front)[0] == pytest.approx(0)
