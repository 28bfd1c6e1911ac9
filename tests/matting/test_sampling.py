"""Pairs of foreground and background that explain a colour."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit import kernels
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


@pytest.mark.parametrize("far", [1, 3])
def test_leaving_out_what_was_refused_changes_nothing(far: int):
    """Compare with every pixel trying every pair by itself, none left out."""
    rng = np.random.default_rng(0)
    height, width, fronts, backs, turns, many = 7, 9, 11, 13, 3, 3
    number = np.full((height, width), -1, np.int32)
    unknown = rng.random((height, width)) < 0.7
    count = np.count_nonzero(unknown)
    number[unknown] = np.arange(count)
    place = np.stack(np.nonzero(unknown)).astype(np.float32)
    color = rng.random((3, count), np.float32)
    colors = [rng.random((3, known), np.float32) for known in (fronts, backs)]
    places = [rng.random((2, known), np.float32) * 9 for known in (fronts, backs)]
    scales = rng.random((2, count), np.float32)
    random = rng.random((many + turns - 1, 2, count), np.float32)
    reaches = np.array([[9.0, 9.0], [3.0, 3.0], [1.5, 1.5], [1.0, 1.0], [0.5, 2.5]], np.float32)
    pair = np.stack([rng.integers(0, known, count, np.int32) for known in (fronts, backs)])
    alpha, distance = np.empty((2, count), np.float32)
    result = pair.copy()
    own, front, back = (
        np.ascontiguousarray(np.concatenate([*planes, np.zeros((8, known), np.float32)])[:8].T)
        for known, planes in (
            (count, (color, place, scales)),
            (fronts, (colors[0], places[0])),
            (backs, (colors[1], places[1])),
        )
    )
    kernels.call(
        *("search_pairs", count, own, front, fronts, back, backs),
        *(number, height, width, turns, many),
        *(random, reaches, far, np.empty((4, count), np.int32), np.empty(count, np.float32)),
        *(result, alpha, distance),
    )

    best = np.full(count, np.inf)
    shares = np.zeros(count)

    def attempt(candidates: np.ndarray) -> None:
        front, back = colors[0][:, candidates[0]], colors[1][:, candidates[1]]
        line, offset = front - back, color - back
        share = np.clip((offset * line).sum(0) / np.maximum((line**2).sum(0), 1e-5), 0, 1)
        cost = 255 * np.sqrt(((offset - line * share) ** 2).sum(0))
        for side, known in enumerate(places):
            cost += np.sqrt(((known[:, candidates[side]] - place) ** 2).sum(0)) * scales[side]
        better = cost < best
        pair[:, better], best[better], shares[better] = (
            candidates[:, better],
            cost[better],
            share[better],
        )

    attempt(pair.copy())
    tries = iter(zip(random, reaches, strict=True))
    for turn in range(turns):
        for _ in range(1 if turn else many):
            values, reach = next(tries)
            moved = pair + ((values * 2 - 1) * reach[:, None]).astype(np.int32)
            attempt(np.clip(moved, 0, [[fronts - 1], [backs - 1]]))
        for step in (1,) if far == 1 else (1, far):
            for down, right in ((0, step), (0, -step), (step, 0), (-step, 0)):
                beside = np.arange(count)
                for i, (y, x) in enumerate(place.T.astype(int)):
                    if 0 <= y + down < height and 0 <= x + right < width:
                        there = number[y + down, x + right]
                        beside[i] = i if there < 0 else there
                attempt(pair[:, beside])
    np.testing.assert_array_equal(result, pair)
    np.testing.assert_allclose(alpha, shares, atol=1e-5)


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
