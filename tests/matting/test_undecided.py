"""Large parts that a network calls half a subject are subject, or not; hair stays soft."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mattekit.geometry import Box
from mattekit.matting.matte import Matte
from mattekit.matting.undecided import decide

RED, BLUE = (200, 40, 40), (40, 40, 200)
#: Half there: below the subject's head, as wide as it, with a soft end.
CHEST = (slice(150, 220), slice(90, 160))


def matte(value: float, color: tuple[int, int, int], part: tuple[slice, slice] = CHEST) -> Matte:
    alpha = np.zeros((256, 256), np.float32)
    alpha[60:150, 80:170] = 1
    alpha[part] = value
    guide = np.full((256, 256, 3), BLUE, np.uint8)
    guide[60:150, 80:170] = RED
    guide[part] = color
    box = Box(0, 0, 512, 512)
    return Matte(alpha, box, box, guide, partial="uncertainty")


@pytest.mark.parametrize(
    ("value", "color", "kept"),
    [
        (0.5, RED, True),
        (0.3, BLUE, False),
        (0.35, RED, True),
        (0.75, RED, True),
        (0.2, BLUE, False),
    ],
)
def test_a_large_part_is_decided_as_a_whole(value, color, kept) -> None:
    before = matte(value, color)
    alpha = decide(before).alpha
    inside = alpha[160:205, 105:145]
    assert (inside == float(kept)).all()
    # It joins its own side without a seam, and ends where it ended.
    seam = alpha[152:160, 110:140] if kept else alpha[212:220, 110:140]
    assert (seam == float(kept)).all()
    assert not alpha[:, :70].any()
    assert not alpha[228:].any()
    assert (alpha[60:145, 80:170] == 1).all()
    assert (alpha >= 0).all()
    assert (alpha <= 1).all()


def test_colors_against_all_else_leave_a_part_open() -> None:
    part = (slice(190, 250), slice(100, 160))
    apart = matte(0.2, RED, part)
    assert (decide(apart).alpha[200:240, 110:150] == np.float32(0.2)).all()
    assert not decide(matte(0.2, BLUE, part)).alpha[200:240, 110:150].any()
    # A background's colours do not take away what the network rather calls the subject.
    np.testing.assert_array_equal(decide(matte(0.6, BLUE)).alpha, matte(0.6, BLUE).alpha)


def test_a_part_with_the_colors_of_both_sides_is_two_things() -> None:
    before = matte(0.75, RED)
    assert (decide(before).alpha[160:205, 105:145] == 1).all()
    before.guide[150:220:4, 90:160] = BLUE
    np.testing.assert_array_equal(decide(before).alpha, before.alpha)


def test_what_is_narrow_or_small_stays_soft() -> None:
    hair = matte(0.5, RED, (slice(40, 60), slice(80, 170)))
    hair.alpha[52:60] = hair.alpha[100]
    assert decide(hair) is hair
    spot = matte(0.5, RED, (slice(200, 216), slice(20, 36)))
    np.testing.assert_array_equal(decide(spot).alpha, spot.alpha)


def test_transparency_and_nothing_stay() -> None:
    glass = dataclasses.replace(matte(0.5, RED), partial="transparency")
    assert decide(glass) is glass
    nothing = dataclasses.replace(matte(0.5, RED), found=False)
    assert decide(nothing) is nothing


def test_a_matte_without_anything_certain() -> None:
    doubtful = matte(0.5, RED)
    fog = dataclasses.replace(doubtful, alpha=np.full((256, 256), 0.3, np.float32))
    assert not decide(fog).alpha.any()
    glow = dataclasses.replace(doubtful, alpha=np.full((256, 256), 0.6, np.float32))
    assert (decide(glow).alpha == 1).all()
