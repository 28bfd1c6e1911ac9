from __future__ import annotations

import numpy as np
import pytest

from mattekit import Options, Runtime, pipeline, remove_background, remove_background_each
from mattekit.errors import OptionError
from mattekit.geometry import Box, Point, Size
from mattekit.matting import Matte, select
from mattekit.models import InputSpec, ModelCard
from mattekit.runtime import FakeSession
from support.tiers import slow, tiered

SIZE = Size(640, 480)
CARD = ModelCard("red", input=InputSpec(Size(64, 48), fit="stretch", mean=(0, 0, 0)))
#: x, y, radius.
DISCS = [(150, 200, 80), (420, 150, 60), (560, 400, 40)]


def red(batch):
    return (batch[:, :1] > 0.5).astype(np.float32)


def plane(discs, size=SIZE):
    y, x = np.mgrid[0 : size.height, 0 : size.width]
    return np.any([np.hypot(x - cx, y - cy) < radius for cx, cy, radius in discs], axis=0)


def picture(discs=DISCS):
    """Red discs on a shaded blue ground, which is no flat graphic."""
    y, x = np.mgrid[0 : SIZE.height, 0 : SIZE.width]
    image = np.stack([x / 12, y / 4, 120 + x / 8 + y / 16], -1)
    image[plane(discs)] = (230, 60, 50)
    return image.astype(np.uint8)


@pytest.fixture
def runtime():
    with Runtime() as runtime:
        runtime.use("auto", FakeSession(red, CARD))
        yield runtime


def found(cutout, discs=DISCS):
    """Which of the discs are there."""
    return [bool(cutout.alpha[cy, cx] > 200) for cx, cy, _ in discs]


@pytest.mark.parametrize(
    ("subjects", "expected"),
    [
        ("all", [True, True, True]),
        ("each", [True, True, True]),
        ("largest", [True, False, False]),
        (2, [True, True, False]),
        ("3", [True, True, True]),
        (9, [True, True, True]),
        ("420px 150px", [False, True, False]),
        ((560, 400), [False, False, True]),
        ("88% 84%", [False, False, True]),
        ("390px 120px", [False, True, False]),
    ],
)
@pytest.mark.parametrize("zoom", tiered([False, True], {False}))
def test_those_that_were_asked_for_stay(runtime, subjects, expected, zoom):
    cutout = remove_background(picture(), runtime=runtime, subjects=subjects, zoom=zoom)
    assert found(cutout) == expected
    kept = plane([disc for disc, stays in zip(DISCS, expected, strict=True) if stays])
    union = (cutout.alpha > 127) | kept
    assert ((cutout.alpha > 127) & kept).sum() > 0.97 * union.sum()


def test_a_chosen_subject_is_seen_as_large_as_can_be(runtime):
    options = Options(subjects="560px 400px")
    photo = pipeline.codecs.decode(picture())
    matte = pipeline.segment(photo, options, runtime)
    assert matte.box.size.area < 0.05 * SIZE.area
    assert matte.box.left > 480


def test_a_neighbor_inside_the_second_view_stays_out(runtime):
    discs = [(200, 200, 80), (300, 110, 40)]
    cutout = remove_background(picture(discs), runtime=runtime, subjects="largest")
    assert found(cutout, discs) == [True, False]
    assert not (cutout.alpha > 127)[plane([discs[1]])].any()


def test_where_nothing_is_nothing_is_found(runtime):
    assert not remove_background(picture(), runtime=runtime, subjects="300px 400px").found


def test_a_point_outside_is_an_error(runtime):
    with pytest.raises(OptionError, match=r"subjects.*700px 10px.*640 × 480"):
        remove_background(picture(), runtime=runtime, subjects="700px 10px")


@pytest.mark.parametrize("size", ["original", slow("preview")])
def test_in_flat_graphics_and_masks_too(runtime, size):
    flat = np.full((1080, 1440, 3), 255, np.uint8)
    inside = np.kron(plane(DISCS), np.ones((2, 2), bool))
    flat = np.kron(flat[:480, :640], np.ones((2, 2, 1), np.uint8))
    flat[inside] = (20, 60, 200)
    asked = {"runtime": runtime, "size": size, "format": "png"}
    for values in ({}, {"mask": (inside * 255).astype(np.uint8)}):
        one = remove_background(flat, subjects="840px 300px", **asked, **values)
        scale = one.size.width / 1280
        points = [(int(2 * x * scale), int(2 * y * scale), 0) for x, y, _ in DISCS]
        assert found(one, points) == [False, True, False]
        two = remove_background(flat, subjects=2, **asked, **values)
        assert found(two, points) == [True, True, False]


def test_a_matte_of_a_part_of_the_photo():
    alpha = np.zeros((10, 20), np.float32)
    alpha[2:8, 1:6] = alpha[2:8, 12:18] = 1
    box = Box(100, 100, 300, 200)
    matte = Matte(alpha, box, box, np.zeros((10, 20, 3), np.uint8))
    assert select(matte, SIZE, "all") is matte
    right = select(matte, SIZE, Point.parse("230px 150px"))
    assert (right.alpha[:, 12:18] == alpha[:, 12:18]).all()
    assert not right.alpha[:, :12].any()
    assert not select(matte, SIZE, Point.parse("10px 10px")).found


# -- each by itself --------------------------------------------------------------------------------


def test_each_by_itself_has_its_own_frame(runtime):
    cutouts = remove_background_each(picture(), runtime=runtime, crop=True, bg_color="white")
    assert [round(cutout.size.width / 2) for cutout in cutouts] == pytest.approx(
        [80, 60, 40], abs=2
    )
    assert all(cutout.alpha.min() == 255 for cutout in cutouts)


def test_each_of_those_that_were_chosen(runtime):
    cutouts = remove_background_each(picture(), runtime=runtime, subjects=2)
    assert [found(cutout) for cutout in cutouts] == [[True, False, False], [False, True, False]]
    assert remove_background_each(picture([]), runtime=runtime) == ()


def test_parts_of_a_cutout_make_up_its_alpha(runtime):
    cutout = remove_background(picture(), runtime=runtime)
    parts = cutout.parts()
    assert [part.name for part in parts] == ["Subject 1", "Subject 2", "Subject 3"]
    assert (sum(part.alpha.astype(int) for part in parts) == cutout.alpha).all()
    for part, (x, y, radius) in zip(parts, DISCS, strict=True):
        assert part.box == pytest.approx((x - radius, y - radius, x + radius, y + radius), abs=3)
        assert part.color is cutout.color


@pytest.mark.parametrize("form", ["ora", "psd"])
@pytest.mark.parametrize("background", [None, "orange"])
def test_layers_of_each(runtime, form, background):
    cutout = remove_background(
        picture(), runtime=runtime, subjects="each", format=form, bg_color=background
    )
    names = [layer.name for layer in cutout.layers]
    assert names == ["Background"] * bool(background) + ["Subject 3", "Subject 2", "Subject 1"]


def test_each_needs_a_format_with_layers(runtime):
    cutout = remove_background(picture(), runtime=runtime, subjects="each")
    with pytest.raises(OptionError, match="remove_background_each"):
        pipeline.codecs.encode(cutout, Options(subjects="each", format="png"))
    assert cutout.encode(format="png").format == "png"
