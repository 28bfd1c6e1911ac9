"""Frames, and sizes of results."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mattekit import cropping
from mattekit.compositing import plan_shadow
from mattekit.cropping import area_limit, frame, layout
from mattekit.cutout import Cutout
from mattekit.geometry import Aspect, Box, Margins, Position, Size
from mattekit.options import Options
from mattekit.subject import subject_box
from support.helpers import assert_images_close

NO_MARGINS = Margins.parse("0")


CANVAS, SUBJECT = Size(120, 80), Box(30, 20, 70, 60)


def cutout(size=CANVAS, box=SUBJECT, dtype=np.uint8, **changes):
    """A noisy photo of a box-shaped subject."""
    opaque = np.iinfo(dtype).max
    rng = np.random.default_rng(7)
    color = rng.integers(0, opaque, (size.height, size.width, 3), dtype=dtype, endpoint=True)
    alpha = np.zeros((size.height, size.width), dtype)
    alpha[box.slices] = opaque
    return Cutout(color, alpha, box=box, **changes)


# -- frames ---------------------------------------------------------------------------------------


def test_without_options_nothing_is_touched():
    given_ = cutout()
    result = frame(given_, Options())
    assert result.color is given_.color
    assert result.alpha is given_.alpha
    assert result.box == given_.box
    assert result.max_size == Size(120, 80)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    ("margin", "window"),
    [
        ("0", Box(30, 20, 70, 60)),
        ("5px", Box(25, 15, 75, 65)),
        ("10%", Box(26, 16, 74, 64)),
        ("10px 25%", Box(20, 10, 80, 70)),
        ("1px 2px 3px 4px", Box(26, 19, 72, 63)),
        ("50%", Box(10, 0, 90, 80)),
        ("30px 500px", Box(-470, -10, 570, 90)),  # beyond the photo it is empty
    ],
)
def test_crops_copy_pixels(margin, window, dtype):
    given_ = cutout(dtype=dtype)
    result = frame(given_, Options(crop=True, crop_margin=margin))
    assert result.size == result.max_size == window.size
    assert result.box == given_.box.moved(-window.left, -window.top)
    assert result.placement.window == window
    shown = window.intersection(given_.size.box)
    at = shown.moved(-window.left, -window.top).slices
    assert np.array_equal(result.color[at], given_.color[shown.slices])
    assert np.array_equal(result.alpha[at], given_.alpha[shown.slices])
    outside = np.ones(result.alpha.shape, bool)
    outside[at] = False
    assert not result.alpha[outside].any()


def test_margins_need_a_crop():
    given_ = cutout()
    assert frame(given_, Options(crop_margin="10px")).color is given_.color


boxes = st.tuples(
    st.integers(0, 60), st.integers(0, 40), st.integers(1, 60), st.integers(1, 40)
).map(lambda b: Box(b[0], b[1], b[0] + b[2], b[1] + b[3]))
percentages = st.floats(0, 100)


@given(boxes, st.lists(st.integers(0, 50), min_size=4, max_size=4))
def test_cutting_the_margins_off_again_undoes_them(box, pixels):
    given_ = cutout(box=box)
    margin = " ".join(f"{value}px" for value in pixels)
    wide = frame(given_, Options(crop=True, crop_margin=margin))
    again, tight = (frame(each, Options(crop=True)) for each in (wide, given_))
    assert np.array_equal(again.color, tight.color)
    assert np.array_equal(again.alpha, tight.alpha)
    assert again.box == tight.box == box.size.box


@given(boxes, percentages, percentages)
def test_positions_move_the_subject_and_change_nothing_else(box, x, y):
    given_ = cutout(box=box)
    result = frame(given_, Options(position=(x, y)))
    assert result.size == given_.size
    assert result.box.size == box.size
    assert abs(result.box.left - x / 100 * (120 - box.width)) <= 0.5
    assert abs(result.box.top - y / 100 * (80 - box.height)) <= 0.5
    assert np.array_equal(result.color[result.box.slices], given_.color[box.slices])
    assert np.array_equal(result.alpha[result.box.slices], given_.alpha[box.slices])
    assert int((result.alpha > 0).sum()) == box.size.area


@pytest.mark.parametrize(
    ("position", "left", "top"),
    [
        ("0%", 0, 0),
        ("100%", 80, 40),
        ("50%", 40, 20),
        ("center", 40, 20),
        ("0% 100%", 0, 40),
        ("25% 75%", 20, 30),
        ("original", 30, 20),
    ],
)
def test_positions_are_those_of_css_backgrounds(position, left, top):
    assert frame(cutout(), Options(position=position)).box[:2] == (left, top)


@given(boxes, st.floats(10, 100), st.none() | st.tuples(percentages, percentages), st.booleans())
@settings(deadline=None, max_examples=60)
def test_scale_and_position_put_the_box_where_the_formula_says(box, scale, position, crop):
    given_ = cutout(box=box)
    options = Options(scale=scale, position=position, crop=crop, crop_margin="20px 10px")
    result = frame(given_, options)
    frame_size = Size(box.width + 20, box.height + 40) if crop else given_.size
    assert result.size == frame_size
    factor = scale / 100 * min(frame_size.width / box.width, frame_size.height / box.height)
    x, y = position or (50, 50)
    left = x / 100 * (frame_size.width - factor * box.width)
    top = y / 100 * (frame_size.height - factor * box.height)
    expected = (left, top, left + factor * box.width, top + factor * box.height)
    assert all(abs(a - b) <= 1 for a, b in zip(result.box, expected, strict=True))
    if min(box.size) >= 8 and factor <= 2:  # and that is where its pixels are
        half = subject_box(np.where(result.alpha >= 128, result.alpha, 0).astype(np.uint8))
        assert all(abs(a - b) <= 1 for a, b in zip(half, expected, strict=True))


@pytest.mark.parametrize(
    ("box", "scale", "size"),
    [
        (Box(0, 0, 60, 20), 50, Size(60, 20)),  # already half as wide
        (Box(10, 10, 22, 18), 100, Size(120, 80)),  # enlarged to the frame
        (Box(10, 10, 20, 18), 100, Size(100, 80)),  # the side that is larger in its share decides
        (Box(0, 0, 120, 80), 10, Size(12, 8)),
    ],
)
def test_scale_is_the_share_of_the_frame_that_the_larger_side_fills(box, scale, size):
    assert frame(cutout(box=box), Options(scale=scale)).box.size == size


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=25)
def test_pixels_keep_their_relative_position(seed):
    """Marks inside the subject end where one scale and one offset put all of them."""
    rng = np.random.default_rng(seed)
    marks = rng.integers([10, 10], [280, 180], (3, 2))
    color = np.zeros((200, 300, 3), np.uint8)
    for index, (x, y) in enumerate(marks):
        color[y : y + 9, x : x + 9, index] = 255
    alpha = np.full((200, 300), 255, np.uint8)
    box = Box(5, 5, 295, 195)
    scale, crop = float(rng.integers(30, 100)), bool(rng.integers(2))
    options = Options(scale=scale, crop=crop, crop_margin="10%", position="30% 60%")
    result = frame(Cutout(color, alpha, box=box), options)
    where = result.placement
    for index, (x, y) in enumerate(marks):
        seen = result.color[..., index].astype(float)
        expected = ((x + 4.5) * where.x_scale + where.dx, (y + 4.5) * where.y_scale + where.dy)
        rows, columns = np.indices(seen.shape)
        center = (
            ((columns + 0.5) * seen).sum() / seen.sum(),
            ((rows + 0.5) * seen).sum() / seen.sum(),
        )
        assert np.hypot(center[0] - expected[0], center[1] - expected[1]) < 0.6


def test_a_crop_leaves_room_for_the_shadow():
    for shadow in ("drop", "3D", "car"):
        tight = frame(cutout(), Options(crop=True))
        options = Options(crop=True, shadow_type=shadow)
        roomy = frame(cutout(), options, room=plan_shadow(cutout(), options).room(cutout()))
        assert roomy.size.area > tight.size.area
        assert roomy.box.size == tight.box.size


def test_layout_rounds_whole_moves():
    window, factor, offset = layout(
        Size(100, 100),
        Box(0, 0, 33, 33),
        crop=False,
        margins=NO_MARGINS,
        scale=None,
        position=Position(50, 50),
    )
    assert (window, factor, offset) == (Box(0, 0, 100, 100), 1.0, (34.0, 34.0))


@pytest.mark.parametrize(
    ("crop", "aspect", "window"),
    [
        (False, Aspect(1, 1), Box(0, -25, 100, 75)),
        (False, Aspect(100, 50), Box(0, 0, 100, 50)),
        (True, Aspect(1, 1), Box(10, 5, 40, 35)),
        (True, Aspect(3, 1), Box(10, 15, 40, 25)),
        (True, Aspect(35, 45), Box(10, 1, 40, 40)),
    ],
)
def test_the_frame_is_given_room_until_it_has_the_aspect(crop, aspect, window):
    found, factor, offset = layout(
        Size(100, 50),
        Box(10, 15, 40, 25),
        crop=crop,
        margins=NO_MARGINS,
        scale=None,
        position=None,
        aspect=aspect,
    )
    assert (found, factor, offset) == (window, 1.0, (-window.left, -window.top))


def test_what_lies_outside_the_photo_is_transparent():
    framed = frame(cutout(), Options(aspect="1:1"))
    assert framed.size == Size(120, 120)
    assert not framed.alpha[:20].any()
    assert not framed.alpha[100:].any()
    assert framed.box == SUBJECT.moved(0, 20)


# -- sizes ----------------------------------------------------------------------------------------

M = 1_000_000


@pytest.mark.parametrize(
    ("options", "limit", "best"),
    [
        ({"size": "original"}, None, None),
        ({"size": "original", "format": "png"}, None, None),
        ({"size": "preview"}, M // 4, 10 * M),
        ({"size": "small", "format": "jpg"}, M // 4, 25 * M),
        ({"size": "regular", "format": "zip"}, M // 4, 25 * M),
        ({"size": "medium"}, 1.5 * M, 10 * M),
        ({"size": "hd", "format": "webp"}, 4 * M, 25 * M),
        ({"size": "full", "format": "png"}, 10 * M, 10 * M),
        ({"size": "4k", "format": "zip"}, 25 * M, 25 * M),
        ({"size": "50MP", "format": "zip"}, 50 * M, 50 * M),
        ({"size": "50MP", "format": "png"}, 10 * M, 10 * M),
        ({"size": "auto", "format": "jpg"}, 25 * M, 25 * M),
        ({"size": "auto"}, 10 * M, 10 * M),  # transparent, so PNG
        ({"size": "auto", "bg_color": "ffff00ff"}, 25 * M, 25 * M),  # opaque, so JPEG
        ({"size": "auto", "bg_color": "81d4fa77"}, 10 * M, 10 * M),
        ({"size": "auto", "bg_color": "00000000"}, 10 * M, 10 * M),
        ({"size": "auto", "bg_blur": 5}, 25 * M, 25 * M),
        ({"size": "auto", "channels": "alpha"}, 25 * M, 25 * M),  # recorded: JPEG
        ({"size": "auto", "channels": "alpha", "format": "png"}, 10 * M, 10 * M),
    ],
)
def test_limits_by_size_and_format(options, limit, best):
    assert area_limit(Options(**options)) == (limit, best)


def test_the_limit_does_not_depend_on_the_subject(monkeypatch):
    """It is known before the subject is, whatever fills the picture or moves within it."""
    monkeypatch.setattr(cropping, "max_area", {"png": 2400, "jpg": None}.get)
    for box in (SUBJECT, Box(0, 0, 120, 80)):
        for values in ({}, {"scale": 50}, {"position": "0%"}):
            given_ = cutout(box=box)
            assert frame(given_, Options(size="auto", **values)).size == Size(60, 40)


def test_the_result_is_capped_and_the_best_size_reported():
    given_ = cutout(Size(2400, 1600), Box(600, 400, 1800, 1200))
    result = frame(given_, Options(size="small"))
    assert result.size == Size(612, 408)  # recorded
    assert result.max_size == Size(2400, 1600)
    assert result.box == Box(153, 102, 459, 306)
    cropped = frame(given_, Options(size="small", crop=True))
    assert cropped.max_size == Size(1200, 800)
    assert cropped.size == Size(612, 408)


def test_a_small_picture_is_never_enlarged():
    given_ = cutout(Size(400, 267))
    assert frame(given_, Options(size="auto")).color is given_.color


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_cap_scale_and_crop_resample_once(dtype, monkeypatch):
    import mattekit.resampling

    calls = []
    original = mattekit.resampling.resample
    monkeypatch.setattr(
        mattekit.resampling, "resample", lambda *args: calls.append(1) or original(*args)
    )
    given_ = cutout(Size(1200, 800), Box(300, 200, 700, 600), dtype)
    options = Options(size="preview", crop=True, crop_margin="30%", scale=50, position="10% 90%")
    result = frame(given_, options)
    assert calls == [1]
    assert result.color.dtype == result.alpha.dtype == dtype
    assert_images_close(result.box.size, (250, 250), 1.0)  # half of 500 × 500
