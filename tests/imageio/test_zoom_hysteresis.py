from __future__ import annotations

from mattekit.geometry import Box
from mattekit.matting import zoom_box
from mattekit_imageio.zoom_hysteresis import SteadyBox

VIEW = Box(0, 0, 640, 480)


def test_the_first_box_is_that_of_a_picture():
    subject = Box(100, 100, 200, 300)
    assert SteadyBox()(subject, VIEW) == zoom_box(subject, VIEW)


def test_it_stays_while_the_subject_is_well_inside():
    steady = SteadyBox()
    first = steady(Box(100, 100, 200, 300), VIEW)
    for step in range(-9, 10):
        assert steady(Box(100 + step, 100 - step, 200 + step // 2, 300), VIEW) == first


def test_it_follows_at_once_what_comes_near_to_its_edge():
    steady = SteadyBox()
    first = steady(Box(100, 100, 200, 300), VIEW)
    moved = Box(112, 100, 212, 300)
    assert steady(moved, VIEW) == zoom_box(moved, VIEW) != first


def test_at_the_border_of_the_picture_there_is_nothing_to_leave():
    steady = SteadyBox()
    first = steady(Box(0, 100, 200, 480), VIEW)
    assert steady(Box(0, 110, 205, 480), VIEW) == first


def test_a_subject_that_becomes_much_smaller_is_shown_larger_again():
    steady = SteadyBox()
    first = steady(Box(100, 100, 300, 300), VIEW)
    assert steady(Box(110, 110, 290, 290), VIEW) == first
    small = Box(150, 150, 250, 250)
    assert steady(small, VIEW) == zoom_box(small, VIEW)


def test_another_view_begins_anew():
    steady = SteadyBox()
    steady(Box(100, 100, 200, 300), VIEW)
    subject, view = Box(105, 105, 195, 295), Box(0, 0, 320, 480)
    assert steady(subject, view) == zoom_box(subject, view)
