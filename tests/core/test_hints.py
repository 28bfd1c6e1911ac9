"""Marks and masks become pixels of one picture, or are refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mattekit.errors import InputNotFound, OptionError
from mattekit.geometry import Box, Size
from mattekit.hints import Hints, Marked, read_hints, read_marks, read_mask, stroke_of
from mattekit.options import Options
from mattekit.photo import Photo

SIZE = Size(40, 30)
PHOTO = Photo(np.zeros((30, 40, 3), np.uint8))


def spot(size=(40, 30), mode="L", box=(10, 5, 20, 15), on=255, off=0):
    image = Image.new(mode, size, off)
    image.paste(on, box)
    return image


def drawn():
    mask = np.zeros((30, 40), np.uint8)
    mask[5:15, 10:20] = 255
    return mask


def as_file(image, **options):
    file = io.BytesIO()
    image.save(file, **options)
    return file.getvalue()


def turned(image):
    exif = Image.Exif()
    exif[0x0112] = 6
    return as_file(image.transpose(Image.Transpose.ROTATE_90), format="PNG", exif=exif)


DEEP = drawn().astype(np.uint16) * 257
MASKS = {
    "grey": spot(),
    "file": as_file(spot(), format="PNG"),
    "WebP": as_file(spot(mode="RGB", on=(255,) * 3), format="WEBP", lossless=True),
    "one bit": spot(mode="1", on=1),
    "alpha": spot(mode="LA", on=(0, 255), off=(255, 0)),
    "coloured, with alpha": spot(mode="RGBA", on=(255, 0, 9, 255), off=(0, 99, 0, 0)),
    "opaque": spot(mode="RGBA", on=(255,) * 4, off=(0, 0, 0, 255)),
    "constant alpha": spot(mode="LA", on=(255, 90), off=(0, 90)),
    "palette": spot().convert("P"),
    "turned": turned(spot()),
    "16 bits": DEEP,
    "bool": drawn() > 0,
    "0 to 1": drawn() / 255,
    "photo": Photo(np.repeat(drawn()[..., None], 3, 2)),
}


@pytest.mark.parametrize("name", MASKS)
def test_masks_of_all_kinds(name):
    np.testing.assert_array_equal(read_mask(MASKS[name], SIZE), drawn())


def test_levels_between_stay():
    levels = np.arange(1200, dtype=np.uint16).reshape(30, 40) * 54
    np.testing.assert_array_equal(read_mask(levels, SIZE), np.round(levels / 257))


@pytest.mark.parametrize("size", [(41, 30), (40, 29), (4, 3), (400, 300)])
def test_another_size_is_refused_and_both_are_named(size):
    wanted = rf"it is {size[0]} × {size[1]}.*40 × 30"
    for source in (spot(size), as_file(spot(size), format="PNG")):
        with pytest.raises(OptionError, match=wanted):
            read_mask(source, SIZE)


def test_a_mask_on_its_side_is_told_so():
    with pytest.raises(OptionError, match="lay on its side"):
        read_mask(spot((30, 40)), SIZE)


def test_colours_are_no_mask():
    with pytest.raises(OptionError, match="in colour"):
        read_mask(spot(mode="RGB", on=(255, 0, 0)), SIZE)


def test_jpeg_is_grey_enough():
    levels = read_mask(as_file(spot(mode="RGB", on=(255,) * 3), format="JPEG"), SIZE)
    assert abs(levels.astype(int) - drawn()).max() < 60


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputNotFound, match=r"nothing\.png"):
        read_mask(tmp_path / "nothing.png", SIZE)


# -- marks ---------------------------------------------------------------------------------------


def hints(**options):
    return read_hints(Options(**options), PHOTO)


def test_nothing_given_is_nothing():
    assert hints() is None


def test_marks_of_all_kinds():
    found = hints(keep=[(3, 4), "50% 100%", "0% 0% 50% 50%", spot()], remove="39px 0px")
    assert found.keep.points == ((3, 4), (20, 29))
    assert found.keep.boxes == (Box(0, 0, 20, 15),)
    (stroke,) = found.keep.strokes
    assert stroke.box == Box(10, 5, 20, 15)
    assert stroke.mask.all()
    assert found.remove == Marked(((39, 0),))


@pytest.mark.parametrize(
    "mark", ["40px 0px", "0px 30px", "-1px 5px", "101% 0%", "0px 0px 41px 9px"]
)
@pytest.mark.parametrize("option", ["keep", "remove"])
def test_outside_is_refused(option, mark):
    with pytest.raises(OptionError, match=rf"^{option}=.*40 × 30"):
        hints(**{option: mark})


@pytest.mark.parametrize(
    ("keep", "remove", "where"),
    [
        ("3px 4px", "3px 4px", "3px 4px"),
        ([spot()], "12px 7px", "12px 7px"),
        ([spot()], [spot(box=(19, 14, 30, 20))], "19px 14px"),
        ("3px 4px", "0px 0px 10px 10px", "3px 4px"),
        ("1px 1px 5px 5px", "0px 0px 10px 10px", "1px 1px 5px 5px"),
    ],
)
def test_contradictions_say_where(keep, remove, where):
    with pytest.raises(OptionError, match=f"remove=.*{where}"):
        hints(keep=keep, remove=remove)


def test_boxes_may_overlap():
    assert hints(keep="0px 0px 9px 9px", remove="5px 5px 20px 20px") is not None


def test_kept_outside_the_roi():
    with pytest.raises(OptionError, match=r"keep=.*3px 4px.*inside roi"):
        hints(keep="3px 4px", roi="10px 0px 40px 30px")
    with pytest.raises(OptionError, match="reaches into roi"):
        hints(keep="0px 0px 5px 5px", roi="10px 0px 40px 30px")
    assert hints(remove="3px 4px", roi="10px 0px 40px 30px") is not None


def test_strokes_without_anything_drawn():
    with pytest.raises(OptionError, match="nothing is drawn"):
        hints(keep=[Image.new("L", (40, 30))])


def test_strokes_of_one_picture_that_do_not_touch_are_several():
    """A network understands one after the other; a thin slanting one is one all the same."""
    mask = np.zeros((30, 40), np.uint8)
    mask[2:4, 2:8] = 255
    mask[20:28, 5:25] = 255
    mask[np.arange(4, 17), np.arange(25, 38)] = 255
    whole = stroke_of(mask > 0)
    for drawn_so in (mask, Marked(strokes=(whole,))):
        found = read_marks("keep", [drawn_so], SIZE)
        boxes = [Box(5, 20, 25, 28), Box(25, 4, 38, 17), Box(2, 2, 8, 4)]
        assert [each.box for each in found.strokes] == boxes
        np.testing.assert_array_equal(found.pixels(SIZE.box), mask > 0)


@given(seed=st.integers(0, 999), share=st.sampled_from([0.002, 0.05, 0.5]))
@settings(max_examples=20, deadline=None)
def test_strokes_are_no_more_than_can_be_asked_about_and_none_gets_lost(seed, share):
    size = Size(1300, 700)
    mask = np.random.default_rng(seed).random((700, 1300)) < share
    mask[: seed % 600] = False
    strokes = read_marks("keep", [Marked(strokes=(stroke_of(mask),))], size).strokes
    assert 1 <= len(strokes) <= 24
    np.testing.assert_array_equal(Marked(strokes=strokes).pixels(size.box), mask)
    assert sum(np.count_nonzero(each.mask) for each in strokes) == np.count_nonzero(mask)


def test_a_thousand_points():
    rng = np.random.default_rng(1)
    points = [tuple(each) for each in rng.integers(0, (40, 30), (1000, 2)).tolist()]
    found = hints(keep=points)
    assert set(found.keep.points) == set(points)


@given(
    points=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 29)), max_size=8),
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    seed=st.integers(0, 99),
)
def test_no_mark_gets_lost_at_another_size(points, width, height, seed):
    mask = np.random.default_rng(seed).random((30, 40)) < 0.02
    strokes = [each for each in [stroke_of(mask)] if each is not None]
    size = Size(width, height)
    scaled = Marked(tuple(points), (), tuple(strokes)).scaled(SIZE, size)
    assert len(scaled.points) == len(points)
    assert all(0 <= x < width and 0 <= y < height for x, y in scaled.points)
    assert scaled.pixels(size.box).any() == bool(points or mask.any())


@given(
    seed=st.integers(0, 999),
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    left=st.integers(0, 20),
    top=st.integers(0, 15),
)
def test_cells_of_a_stroke(seed, width, height, left, top):
    """Each cell that holds the middle of a drawn pixel, or whose middle lies in one."""
    mask = np.random.default_rng(seed).random((30, 40)) < 0.05
    stroke = stroke_of(mask)
    box, size = Box(left, top, 40, 30), Size(width, height)
    found = stroke.cells(box, size)
    fx, fy = width / box.width, height / box.height
    expected = np.zeros((height, width), bool)
    for row, column in np.argwhere(mask[box.slices]):
        expected[int((row + 0.5) * fy), int((column + 0.5) * fx)] = True
    for row in range(height):
        for column in range(width):
            y, x = int((row + 0.5) / fy), int((column + 0.5) / fx)
            if max(fx, fy) > 1:
                expected[row, column] |= mask[top + y, left + x]
    np.testing.assert_array_equal(found, expected)


def test_enforced_to_the_pixel():
    strokes = drawn() > 0
    found = Hints(
        SIZE,
        Marked(((0, 0),), (), (stroke_of(strokes),)),
        Marked(((1, 0),), (Box(30, 20, 40, 30),)),
    )
    alpha = np.full((30, 40), 0.5, np.float32)
    found.enforce(alpha, SIZE.box)
    assert (alpha[strokes] == 1).all()
    assert alpha[0, 0] == 1
    assert alpha[0, 1] == 0
    assert (alpha[20:, 30:] == 0).all()
    assert np.count_nonzero(alpha == 0.5) == 1200 - 100 - 2 - 100
    part = np.full((10, 10), 0.5, np.float32)
    found.enforce(part, Box(25, 15, 35, 25))
    np.testing.assert_array_equal(part == 0, np.logical_and.outer(np.r_[:10] > 4, np.r_[:10] > 4))


def test_what_an_editor_knows_is_taken_as_it_is():
    known = Hints(SIZE, Marked(((3, 4),)), Marked(), (Hints(SIZE, Marked(((1, 1),)), Marked()),))
    photo = Photo(np.zeros((SIZE.height, SIZE.width, 3), np.uint8))
    assert read_hints(Options(keep=(known,)), photo) is known
    other = Photo(np.zeros((8, 9, 3), np.uint8))
    with pytest.raises(OptionError, match="9 × 8"):
        read_hints(Options(keep=(known,)), other)


def test_what_an_editor_knows_stands_alone():
    """It holds what is removed as well, and in which order: beside other marks that is lost."""
    known = Hints(SIZE, Marked(((3, 4),)), Marked(((9, 9),)))
    for options in (
        {"remove": [known]},
        {"keep": [known, known]},
        {"keep": [known, "1px 1px"]},
        {"keep": [known], "remove": "1px 1px"},
        {"keep": "1px 1px", "remove": [known]},
    ):
        with pytest.raises(OptionError, match=r"marks of an editor.*only value of keep"):
            hints(**options)
    assert hints(keep=[known]) is known


def test_strokes_that_states_share_count_once():
    stroke = stroke_of(drawn() > 0)
    before = Hints(SIZE, Marked(strokes=(stroke,)), Marked())
    assert Hints(SIZE, before.keep, Marked(((0, 0),)), (before,)).memory == 100
