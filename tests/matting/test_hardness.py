"""How hard a subject is as a whole: by its outline, and by what it is."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from mattekit.geometry import Box
from mattekit.matting._hardness import hardness
from mattekit.matting.matte import Matte
from mattekit.matting.trimap import edge_softness


def matte(soft: int, **scores: float) -> Matte:
    """A square of 100 cells whose edge wavers over its first rows."""
    alpha = np.zeros((160, 160), np.float32)
    alpha[30:130, 30:130] = 1
    for side in (30, 130):
        alpha[30 : 30 + soft, side - 8 : side + 8] = np.linspace(0.1, 0.9, 16, dtype=np.float32)
    box = Box(0, 0, 320, 320)
    guide = np.zeros((160, 160, 3), np.uint8)
    return Matte(alpha, box, box, guide, kind_scores=scores, partial="uncertainty")


def value(made: Matte) -> float:
    return hardness(made, edge_softness(made.alpha))


def test_a_hard_outline_is_hard_and_one_that_wavers_is_not():
    values = [value(matte(soft, other=1.0)) for soft in (0, 30, 45, 60, 100)]
    assert values[0] == 1
    assert values[-1] == 0
    assert all(before >= after for before, after in itertools.pairwise(values))
    assert any(0.2 < each < 0.8 for each in values)


def test_a_vehicle_that_wavers_is_taken_for_hard_longer():
    values = [value(matte(45, other=1 - share, transportation=share)) for share in (0, 0.5, 1)]
    assert values[0] < values[1] < values[2]


@pytest.mark.parametrize(("kind", "expected"), [("person", 0), ("animal", 0), ("other", 1)])
def test_what_has_hair_is_never_hard(kind, expected):
    assert value(matte(0, **{kind: 1.0})) == expected
    assert value(matte(0, **{kind: 0.25, "car": 0.75})) == pytest.approx(0.75 + expected / 4)


def test_nothing_is_hard_where_nobody_says_what_it_is_or_values_are_transparency():
    assert value(matte(0)) == 0
    known = matte(0, car=1.0)
    assert value(dataclasses.replace(known, partial="transparency")) == 0
    assert value(dataclasses.replace(known, alpha=np.ones_like(known.alpha))) == 0
