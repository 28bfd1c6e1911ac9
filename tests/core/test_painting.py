"""Marks made one after the other: what is drawn, and what counts where they overlap."""

from __future__ import annotations

import numpy as np

from mattekit import painting
from mattekit.geometry import Box, Size
from mattekit.hints import Marked, refuse_contradictions

SIZE = Size(60, 40)


def drawn(marked):
    return marked._replace(points=()).pixels(SIZE.box)


def test_a_line_is_as_wide_as_its_brush_and_round():
    stroke = painting.line([(10.0, 20.0), (50.0, 20.0)], 8, SIZE)
    mask = Marked(strokes=(stroke,)).pixels(SIZE.box)
    assert np.count_nonzero(mask[:, 30]) in {8, 9}
    assert mask[20, 7]
    assert not mask[16, 6]
    assert not mask[20, 3]
    assert painting.line([(900, 900)], 3, SIZE) is None
    assert painting.line([(5.2, 5.2)], 0, SIZE).mask.any()


def test_a_part_lies_where_its_box_does():
    mask = np.zeros((10, 10), bool)
    mask[2, 3] = True
    stroke = painting.part(mask, Box(20, 10, 30, 20))
    assert tuple(stroke.box) == (23, 12, 24, 13)
    assert painting.part(np.zeros((4, 4), bool), Box(0, 0, 4, 4)) is None


def test_the_later_mark_counts():
    across = Marked(strokes=(painting.line([(10, 20), (50, 20)], 8, SIZE),))
    down = Marked(strokes=(painting.line([(30, 10), (30, 30)], 6, SIZE),))
    point, box = Marked(points=((12, 20),)), Marked(boxes=(Box(40, 10, 50, 30),))
    hints = painting.overpaint([(True, across), (False, down), (False, point), (False, box)], SIZE)
    refuse_contradictions(hints, SIZE.box)
    keep = drawn(hints.keep)
    assert keep[20, 14]
    assert not keep[20, 30]
    assert not keep[20, 12]
    assert not keep[20, 45]
    assert drawn(hints.remove)[20, 45]
    over = painting.overpaint([(False, point), (False, down), (True, across)], SIZE)
    assert over.remove.points == ()
    assert drawn(over.keep)[20, 30]


def test_boxes_that_are_kept_say_where_to_look():
    box = Marked(boxes=(Box(5, 5, 20, 20),))
    hints = painting.overpaint([(True, box), (False, Marked(points=((6, 6),)))], SIZE)
    assert hints.keep.boxes == (Box(5, 5, 20, 20),)
    assert hints.remove.points == ((6, 6),)


def test_nothing_is_left_of_what_is_wholly_painted_over():
    thin = Marked(strokes=(painting.line([(10, 20), (50, 20)], 4, SIZE),))
    wide = Marked(strokes=(painting.line([(10, 20), (50, 20)], 12, SIZE),))
    hints = painting.overpaint([(True, thin), (False, wide)], SIZE)
    assert not any(hints.keep)


def test_what_was_marked_before_each_mark():
    thin = Marked(strokes=(painting.line([(10, 20), (50, 20)], 4, SIZE),))
    point = Marked(points=((12, 20),))
    hints = painting.overpaint([(True, thin), (False, point), (True, point)], SIZE)
    assert [(each.keep.points, each.remove.points) for each in hints.earlier] == [
        ((), ()),
        ((), ((12, 20),)),
    ]
    assert hints.earlier[0].keep == thin
    assert not drawn(hints.earlier[1].keep)[20, 12]
    assert (hints.keep.points, hints.remove.points) == (((12, 20),), ())
    assert painting.overpaint([(True, thin)], SIZE).earlier == ()
    assert painting.overpaint([], SIZE).earlier == ()


def test_what_is_remembered_of_many_marks_is_bounded():
    marks = [(number % 2 == 0, Marked(points=((number, 1),))) for number in range(60)] * 6
    hints = painting.overpaint(marks, SIZE)
    assert len(hints.earlier) == 256
    few = painting.overpaint(marks[:60], SIZE)
    said = [[(each.keep, each.remove) for each in made] for made in (hints.earlier, few.earlier)]
    assert said[0][:59] == said[1]


def test_what_was_marked_before_all_of_them():
    thin = Marked(strokes=(painting.line([(10, 20), (50, 20)], 4, SIZE),))
    marks = [(True, thin), (False, Marked(points=((12, 20),))), (True, Marked(points=((1, 1),)))]
    once = painting.overpaint(marks, SIZE)
    after = painting.overpaint(marks[1:], SIZE, painting.overpaint(marks[:1], SIZE))
    assert after.keep.points == once.keep.points
    assert after.remove == once.remove
    np.testing.assert_array_equal(drawn(after.keep), drawn(once.keep))
    assert len(after.earlier) == len(once.earlier) == 2
