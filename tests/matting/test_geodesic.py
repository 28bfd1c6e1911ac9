"""Distances in a picture, and the regions that marks claim."""

from __future__ import annotations

import heapq

import numpy as np
import pytest

from mattekit.matting.geodesic import distances, flood
from mattekit.matting.marks import View


def shortest(seeds, down, across):
    """Dijkstra, for comparison."""
    height, width = seeds.shape
    best = np.full(seeds.shape, np.inf)
    queue = [(0.0, int(y), int(x)) for y, x in np.argwhere(seeds)]
    while queue:
        cost, y, x = heapq.heappop(queue)
        if cost >= best[y, x]:
            continue
        best[y, x] = cost
        if y:
            heapq.heappush(queue, (cost + down[y - 1, x], y - 1, x))
        if y + 1 < height:
            heapq.heappush(queue, (cost + down[y, x], y + 1, x))
        if x:
            heapq.heappush(queue, (cost + across[y, x - 1], y, x - 1))
        if x + 1 < width:
            heapq.heappush(queue, (cost + across[y, x], y, x + 1))
    return best


@pytest.mark.parametrize("seed", range(4))
def test_the_shortest_path(seed):
    rng = np.random.default_rng(seed)
    down = rng.random((11, 15)).astype(np.float32)
    across = rng.random((12, 14)).astype(np.float32)
    seeds = np.zeros((12, 15), bool)
    seeds[rng.integers(12), rng.integers(15)] = True
    np.testing.assert_allclose(
        distances(seeds, down, across), shortest(seeds, down, across), atol=1e-4
    )


def view(alpha, keep=(), remove=()):
    """Three stripes: grey, white, black."""
    image = np.full((60, 90, 3), 128, np.uint8)
    image[:, 30:60] = 255
    image[:, 60:] = 0
    marks = np.zeros((2, 60, 90), bool)
    for plane, points in zip(marks, (keep, remove), strict=True):
        for x, y in points:
            plane[y - 1 : y + 2, x - 1 : x + 2] = True
    return View(image, alpha, *marks)


def test_a_click_flips_its_region():
    nothing = np.zeros((60, 90), np.float32)
    found = flood(view(nothing, keep=[(45, 30)]))
    assert (found[20:-20, 38:52] == 1).all()
    assert (found[:, :26] == 0).all()
    assert (found[:, 64:] == 0).all()
    everything = np.ones((60, 90), np.float32)
    found = flood(view(everything, remove=[(45, 30)], keep=[(10, 30), (80, 30)]))
    assert (found[20:-20, 38:52] == 0).all()
    assert (found[:, :26] == 1).all()


def test_what_is_right_stays():
    alpha = np.zeros((60, 90), np.float32)
    alpha[:, 30:60] = 1
    np.testing.assert_array_equal(flood(view(alpha, keep=[(45, 30)], remove=[(10, 10)])), alpha)
