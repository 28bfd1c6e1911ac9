"""Options and marks as the page sends them."""

from __future__ import annotations

import pytest

from mattekit.errors import MattekitError, OptionError
from mattekit.options import OPTIONS, Options
from mattekit_server.marks import Mark
from mattekit_server.page.edits import Edit, page_options, read_edit
from mattekit_server.problems import Problem


def test_options_are_those_of_the_library() -> None:
    assert set(page_options()) <= OPTIONS.keys()
    assert {"crop", "bg_color", "shadow_type"} <= set(page_options())
    edit = read_edit({"options": {"crop": True, "crop_margin": "10%"}}, {"refine": "fast"})
    assert edit.options.crop
    assert edit.options.refine == "fast"


@pytest.mark.parametrize("name", ["model", "device", "bg_image", "roi", "nosuch"])
def test_what_the_operator_decides_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match=name):
        read_edit({"options": {name: "x"}}, {})


def test_what_is_in_pixels_follows_the_size() -> None:
    options = Options(crop=True, crop_margin="100px 10%", edge_shift="-8px", edge_soften="1%")
    mark = Mark(True, "stroke", (10, 20, 30, 40), 8)
    edit = Edit(options, marks=(mark,)).scaled(0.5)
    assert str(edit.options.crop_margin) == "50px 10%"
    assert str(edit.options.edge_shift) == "-4px"
    assert str(edit.options.edge_soften) == "1%"
    assert edit.marks == (Mark(True, "stroke", (5, 10, 15, 20), 4),)


@pytest.mark.parametrize(
    "body",
    [
        {"options": []},
        {"marks": {}},
        {"marks": [1]},
        {"marks": [{"shape": "circle", "points": [1, 2]}]},
        {"marks": [{"shape": "point", "points": [1]}]},
        {"marks": [{"shape": "box", "points": [1, 2]}]},
        {"marks": [{"shape": "stroke", "points": [1, 2, 3]}]},
        {"marks": [{"shape": "stroke", "points": []}]},
        {"marks": [{"shape": "point", "points": ["1", 2]}]},
        {"marks": [{"shape": "point", "points": [float("nan"), 2]}]},
        {"marks": [{"shape": "point", "points": [1e9, 2]}]},
        {"marks": [{"shape": "stroke", "points": [1, 2], "size": -1}]},
        {"marks": [{"shape": "point", "points": [1, 2]}] * 6000},
        {"background": 7},
    ],
)
def test_what_is_no_edit_is_refused(body: dict[str, object]) -> None:
    with pytest.raises((Problem, MattekitError)):
        read_edit(body, {})


def test_boxes_have_their_upper_left_corner_first() -> None:
    mark = {"keep": True, "shape": "box", "points": [50, 5, 40, 15]}
    assert read_edit({"marks": [mark]}, {}).marks[0].points == (40, 5, 50, 15)
