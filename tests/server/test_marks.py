"""Marks become hints; where they lie over each other the later one counts."""

from __future__ import annotations

import numpy as np

from mattekit.geometry import Size
from mattekit.hints import Hints, Marked, refuse_contradictions
from mattekit_server.marks import Mark, hints_of

SIZE = Size(60, 40)
STROKE = (10.0, 20.0, 50.0, 20.0)


def hints(*marks: Mark) -> Hints:
    found = hints_of(marks, SIZE)
    assert found is not None
    refuse_contradictions(found, SIZE.box)
    return found


def drawn(marked: Marked) -> np.ndarray:
    """Everything that strokes cover; each says the smallest box around it."""
    for box, mask in marked.strokes:
        assert mask.shape == (box.height, box.width)
        assert mask.any(0)[[0, -1]].all()
        assert mask.any(1)[[0, -1]].all()
    return marked._replace(points=()).pixels(SIZE.box)


def test_without_marks_there_are_no_hints() -> None:
    assert hints_of((), SIZE) is None
    assert hints_of((Mark(True, "stroke", (900, 900), 3),), SIZE) is None


def test_a_stroke_is_as_wide_as_its_brush_and_round() -> None:
    strokes = drawn(hints(Mark(True, "stroke", STROKE, 8)).keep)
    assert np.count_nonzero(strokes[:, 30]) in {8, 9}
    assert strokes[20, 7]
    assert not strokes[16, 6]
    assert not strokes[20, 3]


def test_a_dot_and_a_hair_are_drawn_too() -> None:
    for mark in (Mark(False, "stroke", (5, 5), 1), Mark(False, "stroke", (5.2, 5.2, 9, 9), 0)):
        assert drawn(hints(mark).remove).any()


def test_the_later_stroke_counts() -> None:
    found = hints(Mark(True, "stroke", STROKE, 8), Mark(False, "stroke", (30, 10, 30, 30), 6))
    assert not drawn(found.keep)[20, 30]
    assert drawn(found.remove)[20, 30]
    assert drawn(found.keep)[20, 12]


def test_what_is_wholly_overpainted_is_gone() -> None:
    found = hints(
        Mark(True, "stroke", STROKE, 4),
        Mark(True, "point", (30, 20)),
        Mark(False, "stroke", STROKE, 12),
    )
    assert found.keep.strokes == ()
    assert found.keep.points == ()


def test_a_point_on_a_stroke_counts() -> None:
    found = hints(Mark(False, "stroke", STROKE, 8), Mark(True, "point", (30.4, 20.9)))
    assert found.keep.points == ((30, 20),)
    assert not drawn(found.remove)[20, 30]


def test_boxes() -> None:
    found = hints(
        Mark(True, "box", (5.5, 6.5, 20, 30)),
        Mark(False, "box", (40, 5, 50, 15)),
        Mark(True, "point", (45, 10)),
    )
    assert tuple(found.keep.boxes[0]) == (5, 6, 20, 30)
    assert drawn(found.remove)[6, 41]
    assert found.keep.points == ((45, 10),)


def test_marks_beyond_the_picture_stay_within_it() -> None:
    found = hints(
        Mark(True, "point", (-5, 900)),
        Mark(True, "box", (59.9, 39.9, 70, 80)),
        Mark(False, "stroke", (-50, 0, 500, 0), 4),
    )
    assert found.keep.points == ((0, 39),)
    assert tuple(found.keep.boxes[0]) == (59, 39, 60, 40)


def test_each_stroke_stays_one() -> None:
    found = hints(
        Mark(True, "stroke", (10, 10, 20, 10), 4),
        Mark(True, "stroke", (12, 10, 22, 10), 4),
        Mark(True, "stroke", (40, 30), 4),
    )
    assert len(found.keep.strokes) == 3
