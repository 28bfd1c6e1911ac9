"""Connected components of a mask."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mattekit.geometry import Box
from mattekit.imaging.labels import at_border, bounding_box, components, label


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_labelling_agrees_with_scipy(data):
    ndimage = pytest.importorskip("scipy.ndimage")

    seed, share = data.draw(st.integers(0, 10_000)), data.draw(st.floats(0.05, 0.95))
    mask = np.random.default_rng(seed).random((23, 31)) < share
    ours, count = label(mask)
    theirs, expected = ndimage.label(mask, np.ones((3, 3)))
    assert count == expected
    pairs = {(int(a), int(b)) for a, b in zip(ours.ravel(), theirs.ravel(), strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@pytest.mark.parametrize("kind", [np.float32, np.bool_, np.uint8, np.uint16])
@pytest.mark.parametrize("share", [0, 0.3, 0.6, 1])
def test_sums_of_components(share, kind):
    rng = np.random.default_rng(1)
    mask, plane = rng.random((13, 17)) < share, (rng.random((13, 17)) * 2).astype(kind)
    found = components(mask)
    labels = np.zeros(mask.shape, np.intp)
    for number in range(1, found.count + 1):
        labels[found.painted(np.arange(found.count + 1) == number, mask.shape)] = number
    expected = [plane[mask & (labels == number)].sum() for number in range(found.count + 1)]
    np.testing.assert_allclose(found.sums(plane), expected, rtol=1e-5)
    np.testing.assert_array_equal(found.areas(), found.sums(mask))


def test_components_at_the_border():
    mask = np.zeros((7, 9), bool)
    mask[1:3, :2] = mask[4, 4] = mask[6, 7] = True
    found = components(mask)
    border = at_border(label(mask)[0])
    np.testing.assert_array_equal(border, mask & (np.indices(mask.shape) != 4).any(0))
    chosen = found.at_border(7) & (np.arange(found.count + 1) > 0)
    np.testing.assert_array_equal(border, found.painted(chosen, mask.shape))


def test_the_bounding_box_is_the_smallest_one():
    mask = np.zeros((7, 9), bool)
    assert bounding_box(mask) is None
    mask[2, 5] = mask[4, 3] = True
    assert bounding_box(mask) == Box(3, 2, 6, 5)


def _flooded(mask: np.ndarray, diagonal: bool) -> list[list[tuple[int, int]]]:
    """Return the pixels of each component in the order of reading, found one step at a time."""
    left = {(int(row), int(column)) for row, column in zip(*np.nonzero(mask), strict=True)}
    steps = [(0, 1), (1, 0), (0, -1), (-1, 0)]
    steps += [(1, 1), (1, -1), (-1, 1), (-1, -1)] if diagonal else []
    found = []
    for first in sorted(left):
        if first not in left:
            continue
        left.discard(first)
        part, edge = [first], [first]
        while edge:
            row, column = edge.pop()
            near = {(row + down, column + right) for down, right in steps} & left
            left -= near
            part += near
            edge += near
        found.append(sorted(part))
    return found


def _masks() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    comb = np.zeros((20, 21), bool)
    comb[:, ::2] = comb[-1] = True
    snake = np.zeros((21, 20), bool)
    snake[::2] = True
    snake[1::4, -1] = snake[3::4, 0] = True
    spiral = np.zeros((25, 25), bool)
    row, column, down, right = 0, 0, 0, 1
    for length in (24, *(each for side in range(24, 0, -2) for each in (side, side)), 0):
        for _ in range(length):
            spiral[row, column] = True
            row, column = row + down, column + right
        down, right = right, -down
    return {
        "nothing": np.zeros((4, 5), bool),
        "empty": np.zeros((0, 5), bool),
        "everything": np.ones((4, 5), bool),
        "chessboard": np.indices((9, 8)).sum(0) % 2 == 0,
        "comb": comb,
        "comb upside down": comb[::-1],
        "snake": snake,
        "spiral": spiral,
        **{f"noise {share}": rng.random((30, 41)) < share for share in (0.1, 0.4, 0.5, 0.6, 0.9)},
    }


@pytest.mark.parametrize("diagonal", [True, False])
@pytest.mark.parametrize("name", _masks())
def test_components_are_those_of_a_flood_in_the_order_of_reading(name: str, diagonal: bool) -> None:
    mask = _masks()[name]
    found = components(mask, diagonal=diagonal)
    parts: list[list[tuple[int, int]]] = [[] for _ in range(found.count)]
    for row, start, end, number in zip(found.row, found.start, found.end, found.label, strict=True):
        parts[number - 1] += [(int(row), column) for column in range(start, end)]
    assert [sorted(part) for part in parts] == _flooded(mask, diagonal)


def test_bytes_taken_for_a_mask_are_as_true_as_ones():
    mask = np.zeros((9, 20), np.uint8)
    mask[2:5, :3], mask[4:, 12:], mask[7] = 255, 2, 128
    found, count = label(mask.view(np.bool_))
    expected, same = label(mask > 0)
    assert count == same == 2
    np.testing.assert_array_equal(found, expected)
