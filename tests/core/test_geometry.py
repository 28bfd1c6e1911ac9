"""Boxes, lengths, regions, margins, placements."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit.errors import OptionError, status_of
from mattekit.geometry import Box, Length, Margins, Placement, Position, Region, Size, fit_area

sides = st.integers(1, 5000)
sizes = st.builds(Size, sides, sides)


@st.composite
def boxes_in(draw, size):
    left, top = draw(st.integers(0, size.width - 1)), draw(st.integers(0, size.height - 1))
    right = draw(st.integers(left + 1, size.width))
    return Box(left, top, right, draw(st.integers(top + 1, size.height)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30px", Length(30, "px")),
        ("12.5%", Length(12.5, "%")),
        (" .5px ", Length(0.5, "px")),
        ("0", Length(0, "px")),
        ("0.0", Length(0, "px")),
        ("-3px", Length(-3, "px")),
    ],
)
def test_lengths(text, value):
    assert Length.parse(text) == value


@pytest.mark.parametrize("text", ["", "px", "3", "3 px", "3em", "1e3px", "nan%", "infpx", "٣px"])
def test_what_is_no_length(text):
    with pytest.raises(ValueError, match=r"px or %|not a number"):
        Length.parse(text)


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("10px", "10px 10px 10px 10px"),
        ("10px 5%", "10px 5% 10px 5%"),
        ("1px 2px 3% 4%", "1px 2px 3% 4%"),
    ],
)
def test_margins_in_the_order_of_css(text, sides):
    assert [str(length) for length in Margins.parse(text)] == sides.split()


@pytest.mark.parametrize("text", ["", "1px 2px 3px", "1px 2px 3px 4px 5px"])
def test_other_counts_of_margins(text):
    with pytest.raises(ValueError, match="1, 2 or 4"):
        Margins.parse(text)


def test_margins_in_per_cent_are_of_the_subject_and_may_leave_the_picture():
    around = Margins.parse("10% 20% 0 5px").around(Box(10, 20, 110, 220), Size(100, 200))
    assert around == Box(5, 0, 130, 220)
    assert Margins.parse("50%").around(Box(0, 0, 10, 10), Size(10, 10)) == Box(-5, -5, 15, 15)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("0% 0% 100% 100%", Box(0, 0, 400, 300)),
        ("0 0 100% 100%", Box(0, 0, 400, 300)),
        ("0px 0px 400px 300px", Box(0, 0, 400, 300)),  # coordinates equal to the sides
        ("10px 20px 30px 40px", Box(10, 20, 30, 40)),
        ("25% 50px 75% 50%", Box(100, 50, 300, 150)),
        ("10.5px 0 11.2px 1px", Box(10, 0, 12, 1)),  # fractions belong to the region
        ("399px 299px 400px 300px", Box(399, 299, 400, 300)),
    ],
)
def test_regions(text, box):
    assert Region.parse(text).box(Size(400, 300)) == box


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0 0 401px 300px", "roi_exceeds_bounds"),
        ("0 0 400px 301px", "roi_exceeds_bounds"),
        ("-1px 0 100% 100%", "roi_exceeds_bounds"),
        ("0 0 101% 100%", "roi_exceeds_bounds"),
        ("0% -5% 50% 50%", "roi_exceeds_bounds"),
        ("10px 10px 10px 20px", "roi_region_empty"),
        ("10px 10px 20px 10px", "roi_region_empty"),
        ("10.5px 10px 10.5px 20px", "roi_region_empty"),
        ("100% 0 0 100%", "roi_region_empty"),  # reversed corners
        ("0 80% 100% 20%", "roi_region_empty"),
    ],
)
def test_regions_outside_or_empty(text, code):
    with pytest.raises(OptionError) as caught:
        Region.parse(text).box(Size(400, 300))
    assert status_of(caught.value).code == code
    assert status_of(caught.value).http == 400
    assert "400 × 300" in str(caught.value)


@given(st.data(), sizes)
def test_a_region_in_pixels_is_the_box_itself(data, size):
    box = data.draw(boxes_in(size))
    assert Region(*(Length(float(value), "px") for value in box)).box(size) == box


@given(st.data(), sizes)
def test_a_region_in_per_cent_covers_what_it_says(data, size):
    box = data.draw(boxes_in(size))
    shares = zip(box, (*size, *size), strict=True)
    region = Region(*(Length(100 * value / side, "%") for value, side in shares))
    assert region.box(size) == box


@pytest.mark.parametrize(
    ("size", "limit", "expected"),
    [
        (Size(2400, 1600), 250_000, Size(612, 408)),  # recorded
        (Size(5184, 3456), 10_000_000, Size(3873, 2582)),  # recorded
        (Size(400, 267), 250_000, Size(400, 267)),  # never larger
        (Size(500, 500), 250_000, Size(500, 500)),
        (Size(1_000_000, 1), 250_000, Size(500_000, 1)),
    ],
)
def test_areas(size, limit, expected):
    assert fit_area(size, limit) == expected


@given(sizes, st.integers(1, 10_000_000))
def test_a_capped_size_keeps_its_proportions_to_the_pixel(size, limit):
    small = fit_area(size, limit)
    assert small.width <= size.width
    assert small.height <= size.height
    factor = min(1, math.sqrt(limit / size.area))
    assert abs(small.width - size.width * factor) <= 0.5 or small.width == 1
    assert abs(small.height - size.height * factor) <= 0.5 or small.height == 1


@given(st.data(), sizes)
def test_placements_undo_themselves(data, size):
    box = data.draw(boxes_in(size))
    scale = data.draw(st.floats(1, 4))
    dx = data.draw(st.floats(0, 100))
    canvas = Size(int(size.width * scale) + 102, int(size.height * scale) + 102)
    placement = Placement(canvas, size.box, scale, scale, dx, dx / 2, size)
    back = placement.photo_box(placement.moved(box))
    assert back.intersection(box) == box
    assert all(abs(a - b) <= 1 for a, b in zip(back, box, strict=True))


def test_identity():
    placement = Placement.identity(Size(7, 5))
    assert placement.whole_pixels
    assert placement.moved(Box(1, 2, 3, 4)) == Box(1, 2, 3, 4)
    assert not placement._replace(dx=0.5).whole_pixels
    assert not placement._replace(y_scale=0.5).whole_pixels


def test_boxes():
    box = Box(2, 3, 10, 8)
    assert box.size == Size(8, 5)
    assert box.moved(-2, 1) == Box(0, 4, 8, 9)
    assert box.union(Box(0, 5, 4, 20)) == Box(0, 3, 10, 20)
    assert box.intersection(Box(0, 5, 4, 20)) == Box(2, 5, 4, 8)
    assert box.intersection(Box(50, 50, 60, 60)).empty
    assert Box.covering(1.9999, 2.0001, 3.0, 4.2) == Box(2, 2, 3, 5)
    assert str(Position(50, 12.5)) == "50% 12.5%"


def test_a_box_around_boxes() -> None:
    assert Box.around([]) == Box(0, 0, 0, 0)
    assert Box.around([Box(3, 4, 5, 9), Box(1, 6, 4, 7)]) == Box(1, 4, 5, 9)
