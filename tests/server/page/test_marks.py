"""Marks become hints; where they lie over each other the later one counts."""

from __future__ import annotations

import numpy as np

import mattekit
from mattekit.geometry import Size
from mattekit.hints import Hints, read_hints
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime
from mattekit_server.page.edits import Edit, Mark
from mattekit_server.page.marks import with_marks
from support.helpers import disc

SIZE = Size(60, 40)
STROKE = (10.0, 20.0, 50.0, 20.0)


def hints(*marks: Mark) -> Hints:
    options = with_marks(Edit(Options(), marks=marks), SIZE)
    found = read_hints(options, Photo(np.zeros((SIZE.height, SIZE.width, 3), np.uint8)))
    assert found is not None
    return found


def test_without_marks_options_stay_as_they_are() -> None:
    options = Options(crop=True)
    assert with_marks(Edit(options), SIZE) is options


def test_a_stroke_is_as_wide_as_its_brush_and_round() -> None:
    strokes = hints(Mark(True, "stroke", STROKE, 8)).keep.strokes
    assert strokes is not None
    assert np.count_nonzero(strokes[:, 30]) in {8, 9}
    assert strokes[20, 7]
    assert not strokes[16, 6]
    assert not strokes[20, 3]


def test_a_dot_and_a_hair_are_drawn_too() -> None:
    for mark in (Mark(False, "stroke", (5, 5), 1), Mark(False, "stroke", (5.2, 5.2, 9, 9), 0)):
        strokes = hints(mark).remove.strokes
        assert strokes is not None
        assert strokes.any()


def test_the_later_stroke_counts() -> None:
    found = hints(Mark(True, "stroke", STROKE, 8), Mark(False, "stroke", (30, 10, 30, 30), 6))
    assert found.keep.strokes is not None
    assert found.remove.strokes is not None
    assert not found.keep.strokes[20, 30]
    assert found.remove.strokes[20, 30]
    assert found.keep.strokes[20, 12]


def test_what_is_wholly_overpainted_is_gone() -> None:
    found = hints(
        Mark(True, "stroke", STROKE, 4),
        Mark(True, "point", (30, 20)),
        Mark(False, "stroke", STROKE, 12),
    )
    assert found.keep.strokes is None
    assert found.keep.points == ()


def test_a_point_on_a_stroke_counts() -> None:
    found = hints(Mark(False, "stroke", STROKE, 8), Mark(True, "point", (30.4, 20.9)))
    assert found.keep.points == ((30, 20),)
    assert found.remove.strokes is not None
    assert not found.remove.strokes[20, 30]


def test_boxes() -> None:
    found = hints(
        Mark(True, "box", (5.5, 6.5, 20, 30)),
        Mark(False, "box", (40, 5, 50, 15)),
        Mark(True, "point", (45, 10)),
    )
    assert tuple(found.keep.boxes[0]) == (5, 6, 20, 30)
    assert found.remove.strokes is not None
    assert found.remove.strokes[6, 41]
    assert found.keep.points == ((45, 10),)


def test_marks_beyond_the_picture_stay_within_it() -> None:
    found = hints(
        Mark(True, "point", (-5, 900)),
        Mark(True, "box", (59.9, 39.9, 70, 80)),
        Mark(False, "stroke", (-50, 0, 500, 0), 4),
    )
    assert found.keep.points == ((0, 39),)
    assert tuple(found.keep.boxes[0]) == (59, 39, 60, 40)


def test_they_are_obeyed(runtime: Runtime) -> None:
    photo = disc(96, 128).image
    mark = Mark(False, "stroke", (60.0, 48.0, 68.0, 48.0), 10)
    options = with_marks(Edit(Options(), marks=(mark,)), Size(128, 96))
    corrected = mattekit.remove_background(photo, options, runtime=runtime)
    plain = mattekit.remove_background(photo, runtime=runtime)
    assert plain.alpha[48, 64] == 255
    assert corrected.alpha[48, 64] == 0
