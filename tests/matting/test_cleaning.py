"""What users ask of alpha once it has its full size."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.matting.cleaning import clean
from mattekit.options import Options

BODY, HOLE, PANE, SPECK = (20, 20), (30, 30), (45, 45), (2, 2)


@pytest.fixture
def alpha() -> np.ndarray:
    """A square with a small hole and a pane of half glass, and a speck outside."""
    plane = np.zeros((64, 64), np.float32)
    plane[12:56, 12:56] = 1
    plane[HOLE] = 0
    plane[42:49, 42:49] = 0.5
    plane[SPECK] = 1
    return plane


def cleaned(alpha: np.ndarray, **values: object) -> np.ndarray:
    return clean(alpha, Options.parse(values))


def test_by_default_nothing_is_touched(alpha: np.ndarray) -> None:
    np.testing.assert_array_equal(cleaned(alpha), alpha)


@pytest.mark.parametrize(
    ("values", "changed", "value"),
    [
        ({"specks": 1}, SPECK, 0),
        ({"holes": 1}, HOLE, 1),
        ({"enclosed": "keep"}, HOLE, 1),
        ({"semitransparency": False}, PANE, 1),
    ],
)
def test_each_option_changes_its_own(
    alpha: np.ndarray, values: dict, changed: tuple[int, int], value: float
) -> None:
    before = alpha.copy()
    result = cleaned(alpha, **values)
    assert result[changed] == value
    assert result[BODY] == 1
    for other in {SPECK, HOLE} - {changed}:
        assert result[other] == before[other]
    np.testing.assert_array_equal(alpha, before)
