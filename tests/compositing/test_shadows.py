"""Shadows, and which one a subject gets."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.compositing import over
from mattekit.compositing.shadows import cast, reach
from mattekit.cutout import Cutout
from mattekit.geometry import Box
from mattekit.options import Options
from mattekit.subject import subject_box
from support.helpers import assert_images_close
from support.subjects import shadowed, standing
from support.tiers import tiered

NAMES = ["drop", "3D", "car"]


def car_like(factor=1):
    """A body on two wheels."""
    alpha = np.zeros((200 * factor, 400 * factor), np.uint8)
    alpha[50 * factor : 120 * factor, 60 * factor : 340 * factor] = 255
    for left in (90, 270):
        alpha[100 * factor : 140 * factor, left * factor : (left + 40) * factor] = 255
    return Cutout(
        np.full((*alpha.shape, 3), 99, np.uint8), alpha, kind="car", box=subject_box(alpha)
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", NAMES)
def test_shadows_are_black_soft_and_behind(name, dtype):
    cutout = standing(dtype=dtype)
    result = shadowed(cutout, Options(shadow_type=name))
    assert result.alpha.dtype == dtype
    body = cutout.alpha == cutout.opaque
    assert np.array_equal(result.color[body], cutout.color[body])
    assert (result.alpha[body] == cutout.opaque).all()
    shade = ~body & (result.alpha > 0)
    assert shade.sum() > 500
    assert (result.color[shade] == 0).all()
    assert result.alpha[shade].max() <= 0.51 * cutout.opaque
    steps = np.abs(np.diff(np.where(body, 0, result.alpha).astype(float), axis=1))
    outside = ~body[:, 1:] & ~body[:, :-1]
    assert steps[outside].max() < 0.2 * cutout.opaque  # a hard edge would be 0.5


@pytest.mark.parametrize("name", NAMES)
def test_opacity_is_linear_and_zero_is_none(name):
    cutout = standing()
    full = cast(cutout, name, 1.0).astype(float)
    assert_images_close(cast(cutout, name, 0.3), full * 0.3, 1)
    nothing = shadowed(cutout, Options(shadow_type=name, shadow_opacity=0))
    assert nothing is cutout


@pytest.mark.parametrize("name", NAMES)
def test_shadows_stay_within_their_reach_and_fade_before_it_ends(name):
    cutout = standing()
    shadow = cast(cutout, name, 1.0)
    area = reach(name, cutout.box).intersection(cutout.size.box)
    outside = shadow.copy()
    outside[area.slices] = 0
    assert not outside.any()
    rim = np.ones(area.size[::-1], bool)
    rim[2:-2, 2:-2] = False
    if name == "3D":  # begins at the top of the subject's box, hidden behind it
        rim[:2] = False
    assert shadow[area.slices][rim].max() <= 20


@pytest.mark.parametrize("name", tiered(NAMES, {"drop"}))
def test_a_shadow_looks_the_same_at_every_size(name):
    small = cast(standing(), name, 1.0).astype(float)
    large = cast(standing(factor=6), name, 1.0).astype(float)
    large = large.reshape(300, 6, 400, 6).mean((1, 3))
    assert_images_close(large, small, 60, mean=0.6)


def test_drop_falls_to_the_lower_right():
    cutout = standing()
    shadow = cast(cutout, "drop", 1.0).astype(float)
    shadow[cutout.alpha > 0] = 0
    box = cutout.box
    assert shadow[:, box.right :].sum() > 2 * shadow[:, : box.left].sum()
    assert shadow[box.bottom :].sum() > 4 * shadow[: box.top].sum()


def test_three_d_lies_on_the_ground_softening_with_distance():
    cutout = standing()
    shadow = cast(cutout, "3D", 1.0).astype(float)
    box = cutout.box
    # It lies to the right, below mid-height, and does not stand up behind the subject.
    assert shadow[: box.top + 80].max() < 12
    rows = shadow[:, box.right + 2 :].sum(1)
    assert box.bottom - 50 < (rows * np.arange(300)).sum() / rows.sum() < box.bottom
    near = shadow[:, box.right + 4].max()
    far = shadow[:, box.right + 60].max()
    assert near > 1.3 * far > 30


def test_three_d_starts_at_the_feet():
    cutout = standing()
    shadow = cast(cutout, "3D", 1.0)
    box = cutout.box
    foot = slice(box.left + 10, box.right - 10)
    assert shadow[box.bottom, foot].min() > 90  # dark where it touches the ground
    assert shadow[box.bottom + 8, foot].max() < 40


def test_cars_are_darkest_between_and_under_their_wheels():
    cutout = car_like()
    shadow = cast(cutout, "car", 1.0).astype(float)
    under = shadow[128:138, 150:250]  # the gap between the wheels
    assert under.min() > 130
    tire_line = shadow[140:143, 95:125].mean()
    assert tire_line > 100
    assert shadow[165:].max() < 25  # not far below the tyres
    assert shadow[:90].max() < 40  # nor up beside the body
    assert shadow[135, 352] < 0.6 * shadow[135, 200]  # softer beyond its ends


def test_a_subject_at_the_edge_and_a_tiny_one():
    for box in (Box(0, 0, 400, 300), Box(398, 298, 400, 300), Box(10, 10, 11, 11)):
        alpha = np.zeros((300, 400), np.uint8)
        alpha[box.slices] = 255
        cutout = Cutout(np.zeros((300, 400, 3), np.uint8), alpha, box=box)
        for name in NAMES:
            assert cast(cutout, name, 0.5).shape == alpha.shape


def test_over_with_a_plane_of_alpha():
    cutout = standing()
    plane = np.full(cutout.alpha.shape, 77, np.uint8)
    result = over(cutout, (0, 0, 0), plane)
    assert (result.alpha[cutout.alpha == 0] == 77).all()
