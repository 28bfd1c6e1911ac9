"""Shadows, and which one a subject gets."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.compositing import composite, over, plan_shadow
from mattekit.compositing.shadows import cast, reach
from mattekit.cropping import frame
from mattekit.cutout import Cutout
from mattekit.geometry import Box
from mattekit.options import KINDS, Options
from mattekit.photo import Photo
from mattekit.subject import subject_box
from support.helpers import assert_images_close

NAMES = ["drop", "3D", "car"]


def standing(kind="product", factor=1, dtype=np.uint8):
    """A bottle-like subject that stands in the middle of its photo."""
    opaque = np.iinfo(dtype).max
    alpha = np.zeros((300 * factor, 400 * factor), dtype)
    alpha[60 * factor : 220 * factor, 150 * factor : 230 * factor] = opaque
    color = np.full((*alpha.shape, 3), opaque // 2, dtype)
    return Cutout(color, alpha, kind=kind, box=subject_box(alpha))


def car_like(factor=1):
    """A body on two wheels."""
    alpha = np.zeros((200 * factor, 400 * factor), np.uint8)
    alpha[50 * factor : 120 * factor, 60 * factor : 340 * factor] = 255
    for left in (90, 270):
        alpha[100 * factor : 140 * factor, left * factor : (left + 40) * factor] = 255
    return Cutout(
        np.full((*alpha.shape, 3), 99, np.uint8), alpha, kind="car", box=subject_box(alpha)
    )


def shadowed(cutout, options):
    """A cut-out with its shadow, and the background of the options, behind it."""
    return composite(cutout, Photo(cutout.color), plan_shadow(cutout, options), options)


def test_auto_by_kind_as_documented():
    expected = {
        "car": "car",
        "product": "drop",
        "person": "3D",
        "animal": "drop",
        "transportation": "3D",
        "graphic": "drop",
        "other": "drop",
    }
    assert set(expected) == set(KINDS)
    for kind, name in expected.items():
        assert plan_shadow(standing(kind), Options(shadow_type="auto"))[0] == name


@pytest.mark.parametrize(
    ("kind", "options", "choice"),
    [
        ("car", {}, None),
        ("car", {"shadow_type": "car"}, ("car", 0.9)),
        ("person", {"shadow_type": "3D"}, ("3D", 0.5)),
        ("person", {"shadow_type": "drop", "shadow_opacity": 30}, ("drop", 0.3)),
        ("car", {"add_shadow": True}, ("car", 0.9)),
        ("product", {"add_shadow": True}, None),
        ("car", {"add_shadow": True, "shadow_type": "drop"}, ("drop", 0.9)),
        ("person", {"shadow_type": {"person": "3D"}}, ("3D", 0.5)),
        ("product", {"shadow_type": {"person": "3D"}}, None),
        ("product", {"shadow_type": "product=drop,person=3D"}, ("drop", 0.5)),
        ("animal", {"shadow_type": "drop", "shadow_opacity": "animal=12"}, ("drop", 0.12)),
        ("person", {"shadow_type": "drop", "shadow_opacity": "animal=12"}, ("drop", 0.5)),
        ("product", {"shadow_type": "car"}, ("car", 0.5)),  # who names it gets it
    ],
)
def test_choice(kind, options, choice):
    shadow = plan_shadow(standing(kind), Options(**options))
    assert shadow == (None if choice is None else (choice[0], pytest.approx(choice[1])))


def test_a_person_cut_off_by_the_photo_gets_no_ground():
    cutout = standing("person")
    cut_off = cutout.replace(alpha=cutout.alpha[:200], color=cutout.color[:200])
    cut_off = cut_off.replace(box=subject_box(cut_off.alpha))
    options = Options(shadow_type="auto")
    assert plan_shadow(cut_off, options)[0] == "drop"
    assert plan_shadow(frame(cut_off, Options(crop=True)), options)[0] == "drop"
    assert plan_shadow(frame(cutout, Options(crop=True)), options)[0] == "3D"
    assert plan_shadow(cut_off, Options(shadow_type="3D"))[0] == "3D"


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


@pytest.mark.parametrize("name", NAMES)
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


def test_a_crop_keeps_the_shadow():
    cutout = standing("person")
    options = Options(crop=True, shadow_type="3D")
    shadow = plan_shadow(cutout, options)
    framed = frame(cutout, options, room=shadow.room(cutout))
    assert framed.size == shadow.room(cutout).size
    cropped = composite(framed, Photo(cutout.color), shadow, options)
    whole = composite(frame(cutout, Options()), Photo(cutout.color), shadow, options)
    inside = (whole.alpha > 16).sum()
    assert (cropped.alpha > 16).sum() >= 0.98 * inside
    assert framed.box.size == cutout.box.size


def test_the_canvas_never_grows_for_a_shadow():
    cutout = standing("car")
    options = Options(add_shadow=True, shadow_type="auto")
    assert shadowed(frame(cutout, options), options).size == cutout.size


def test_a_background_lies_behind_the_shadow():
    cutout = standing()
    options = Options(shadow_type="drop", bg_color="white", shadow_opacity=80)
    result = shadowed(cutout, options)
    assert (result.alpha == 255).all()
    shadow = cast(cutout, "drop", 0.8).astype(float)
    empty = cutout.alpha == 0
    expected = 255 - shadow[empty]
    assert_images_close(result.color[empty][:, 0], expected, 1)


def test_nothing_asked_for_is_nothing_done():
    cutout = standing()
    assert shadowed(cutout, Options()) is cutout


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
