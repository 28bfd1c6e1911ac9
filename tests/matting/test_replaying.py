"""Marks are put to a corrector one after the other, and wild answers do no harm."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit import painting
from mattekit.geometry import Size
from mattekit.hints import Marked, read_hints
from mattekit.matting.marks import Corrector, View
from mattekit.matting.replaying import Trail, replay, taken_over
from mattekit.matting.views import Grid, Overview, marked
from mattekit.options import Options
from mattekit.photo import Photo

HEIGHT, WIDTH = 240, 320
GRID = Grid.over(Size(WIDTH, HEIGHT).box)
SQUARES = ((20, 20), (20, 250), (180, 20), (180, 250))


def scene():
    """Noise with four squares, each of its own grey."""
    rng = np.random.default_rng(4)
    color = np.full((HEIGHT, WIDTH, 3), 30.0)
    for number, (row, column) in enumerate(SQUARES):
        color[row : row + 40, column : column + 40] = 90 + 40 * number
    return Photo(np.clip(color + rng.normal(0, 3, color.shape), 0, 255).astype(np.uint8))


def middles(*numbers):
    return [(SQUARES[number][1] + 20, SQUARES[number][0] + 20) for number in numbers]


class Recorder:
    """A corrector that takes, or gives away, what has the colour of a mark."""

    def __init__(self):
        self.views: list[View] = []

    def __call__(self, view: View):
        self.views.append(view)
        grey = view.image.mean(2)
        alpha = np.where(view.alpha > 0.5, 1, 0).astype(np.float32)
        for marks, value in ((view.keep, 1), (view.remove, 0)):
            for mark in np.unique(grey[marks] // 40):
                alpha[np.abs(grey // 40 - mark) < 1] = value
        return alpha


def run(recorder, start=None, trail=None, **options):
    photo = scene()
    hints = read_hints(Options(**options), photo)
    start = GRID.empty() if start is None else start
    corrector = Corrector(recorder, Size(64, 64))
    return replay(Overview.of(photo), GRID, start, hints, corrector, trail or Trail())


def inside(alpha, number):
    row, column = SQUARES[number]
    fx, fy = GRID.scale
    part = alpha[int(row * fy) + 3 : int((row + 40) * fy) - 3]
    return part[:, int(column * fx) + 3 : int((column + 40) * fx) - 3]


def test_each_mark_comes_after_the_answer_to_the_last():
    recorder = Recorder()
    alpha = run(recorder, keep=middles(0, 3))
    assert all(inside(alpha, number).mean() > 0.8 for number in (0, 3))
    # First one mark and nothing else, at the end both and the answer to the first.
    first, last = recorder.views[0], recorder.views[-1]
    assert not first.alpha.any()
    assert first.keep.any()
    assert last.alpha.any()
    assert (last.keep & (last.alpha < 0.5)).any()


def test_what_is_answered_already_is_not_asked():
    recorder = Recorder()
    x, y = middles(0)[0]
    run(recorder, keep=[(x, y)])
    calls = len(recorder.views)
    run(recorder, keep=[(x, y), (x + 8, y + 8)], remove=[(160, 120)])
    assert len(recorder.views) == 2 * calls


def test_one_more_mark_costs_one_more_step():
    recorder, trail = Recorder(), Trail()
    run(recorder, trail=trail, keep=middles(0, 1))
    before = len(recorder.views)
    alpha = run(recorder, trail=trail, keep=middles(0, 1, 2))
    more = len(recorder.views) - before
    assert 0 < more <= 5
    np.testing.assert_array_equal(alpha, run(Recorder(), keep=middles(0, 1, 2)))
    run(recorder, trail=trail, keep=middles(0, 1, 2))
    assert len(recorder.views) == before + more
    assert trail.nbytes >= 3 * alpha.nbytes


def test_another_start_has_another_trail():
    trail = Trail()
    run(Recorder(), trail=trail, keep=middles(0, 1))
    start = GRID.empty()
    start[:4, -4:] = 1
    recorder = Recorder()
    alpha = run(recorder, start, trail, keep=middles(0, 1))
    assert recorder.views
    assert (alpha[:4, -4:] == 1).all()


@pytest.mark.slow
def test_a_thousand_marks_take_a_bounded_number_of_steps():
    rng = np.random.default_rng(3)
    points = [(int(x), int(y)) for x, y in rng.integers((0, 0), (WIDTH, HEIGHT), (1000, 2))]
    calls = 0

    def stubborn(view: View):
        nonlocal calls
        calls += 1
        return np.where(view.keep, 1, view.alpha).astype(np.float32)

    run(stubborn, keep=points)
    assert calls < 240


def test_a_shallow_mark_is_seen_from_near():
    start = GRID.empty()
    start[40:200, 40:280] = 1
    recorder = Recorder()
    run(recorder, start, remove=[(60, 60)])
    # The subject's edge runs through the view, which shows little of it.
    assert 0.1 < recorder.views[0].alpha.mean() < 0.95
    assert recorder.views[0].remove.sum() < 0.05 * 64 * 64


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_wild_answer_changes_no_more_than_a_mark_can_mean(value):
    """One click near the edge, and everything flips."""
    start = GRID.empty()
    start[40:200, 40:280] = 1
    # What lies there has the value, four cells deep.
    point = (50, 120) if value == 0 else (30, 120)
    options = {"remove": [point]} if value == 0 else {"keep": [point]}
    alpha = run(lambda view: np.full_like(view.alpha, value), start, **options)
    changed = (alpha > 0.5) != (start > 0.5)
    assert changed.any()
    assert changed.mean() < 0.25
    assert not changed[:, 200:].any()


def subject_of_noise():
    start = GRID.empty()
    start[40:200, 100:220] = 1
    return start


def gives_all_away(view: View):
    return np.where(view.keep, view.alpha, 0).astype(np.float32)


def stroke(rows, columns):
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[rows, columns] = True
    return mask


def test_a_stroke_across_a_subject_does_not_take_all_of_it():
    start = subject_of_noise()
    alpha = run(gives_all_away, start, remove=[stroke(slice(115, 125), slice(105, 215))])
    assert not alpha[115:125, 105:215].any()
    # What lies farthest stays.
    assert (alpha[44:60, 104:216] == 1).all()
    assert (alpha[180:196, 104:216] == 1).all()


@pytest.mark.parametrize(
    "remove",
    [
        pytest.param([(160, 120)], id="a point means the thing that it lies on"),
        pytest.param([stroke(slice(60, 180), slice(115, 205))], id="drawn over nearly all"),
    ],
)
def test_what_is_clearly_meant_as_a_whole_goes(remove):
    alpha = run(gives_all_away, subject_of_noise(), remove=remove)
    assert not (alpha > 0.5).any()


def test_a_stroke_takes_all_of_one_subject_of_several():
    start = subject_of_noise()
    start[100:140, 260:300] = 1
    alpha = run(gives_all_away, start, remove=[stroke(slice(118, 122), slice(265, 295))])
    assert not (alpha[100:140, 260:300] > 0.5).any()
    assert (alpha[44:60, 104:216] == 1).all()


@pytest.mark.parametrize("drawn", [True, False])
def test_a_short_stroke_changes_no_more_of_a_thing_than_was_drawn(drawn):
    """A click at the same place means all of what it lies on."""
    start = GRID.empty()
    start[175:225, 15:295] = 1

    def network(view: View):
        """What is dark goes, from where it is marked to where it ends."""
        dark = view.image.mean(2) < 60
        return np.where(dark & view.remove.any(), 0, view.alpha).astype(np.float32)

    mark = stroke(slice(199, 201), slice(80, 110)) if drawn else (95, 200)
    alpha = run(network, start, remove=[mark])
    assert not (alpha[195:205, 85:105] > 0.5).any()
    assert (alpha[195:205, 215:240] > 0.5).all() == drawn


def test_what_is_small_is_seen_larger_where_that_is_clearer():
    sizes = []

    def network(view: View):
        """A haze around what is small, the thing itself where it is large."""
        grey = view.image.mean(2)
        thing = np.abs(grey - grey[view.keep].mean()) < 15
        sizes.append(int(thing.sum()))
        alpha = np.where(thing, 1, 0 if thing.sum() > 150 else 0.6)
        return alpha.astype(np.float32)

    alpha = run(network, keep=middles(3))
    assert min(sizes) < 150 < max(sizes)
    assert (inside(alpha, 3) > 0.9).all()
    assert not alpha[:, :150].any()


def test_what_a_network_does_not_understand_colours_decide():
    alpha = run(lambda view: view.alpha, keep=middles(3))
    assert (inside(alpha, 3) > 0.99).all()


def marks(**options):
    return marked(read_hints(Options(**options), scene()), GRID.box, GRID.size)


def test_what_marks_alone_have_chosen_is_seen_with_more_and_with_less_around():
    seen = []

    def network(view: View):
        grey = view.image.mean(2)
        own = np.abs(grey - grey[view.keep].mean()) < 15
        seen.append(own.mean())
        return own.astype(np.float32)

    run(network, keep=middles(3))
    assert len({round(float(each), 2) for each in seen}) >= 3


def test_changes_are_taken_over_where_marks_ask_for_them():
    start, answered = GRID.empty(), GRID.empty()
    start[100:140, 100:200] = 1
    answered[20:60, 20:60] = 1  # at the mark
    answered[200:220, 20:60] = 1  # elsewhere
    result = taken_over(start, answered, *marks(keep="40px 40px"))
    fx, fy = GRID.scale
    assert (result[20:60, 20:60] == 1).all()
    assert not result[195:, :80].any()
    np.testing.assert_array_equal(result[100:140, 100:200], start[100:140, 100:200])
    # What a mark is to remove does not grow.
    against = taken_over(start, answered, *marks(remove="40px 40px"))
    np.testing.assert_array_equal(against, start)
    assert fx == fy == 1


def test_crumbs_go_with_what_is_removed():
    start = GRID.empty()
    start[60:180, 40:120] = 1
    start[60:180, 200:280] = 1
    answered = start.copy()
    answered[60:170, 40:120] = 0  # all of the left one but for its feet
    result = taken_over(start, answered, *marks(remove="80px 100px"))
    assert not result[:, :140].any()
    np.testing.assert_array_equal(result[:, 190:], start[:, 190:])
    kept = taken_over(start, answered, *marks(remove="80px 100px", keep="80px 176px"))
    assert (kept[172:180, 44:116] == 1).all()


def run_in_order(recorder, marks, trail=None):
    """Marks made one after the other: of a square whether it is kept, or a stroke."""
    size = Size(WIDTH, HEIGHT)
    made = [
        (keep, mark if isinstance(mark, Marked) else Marked(points=tuple(middles(mark))))
        for keep, mark in marks
    ]
    hints = painting.overpaint(made, size)
    corrector = Corrector(recorder, Size(64, 64))
    return replay(Overview.of(scene()), GRID, GRID.empty(), hints, corrector, trail or Trail())


def test_in_an_order_that_is_known_each_mark_is_one_step():
    marks = [(True, 0), (True, 1), (False, 0), (True, 2), (True, 3), (False, 2)]
    trail, calls = Trail(), []
    for count in range(1, len(marks) + 1):
        recorder = Recorder()
        alpha = run_in_order(recorder, marks[:count], trail)
        calls.append(len(recorder.views))
        np.testing.assert_array_equal(alpha, run_in_order(Recorder(), marks[:count]))
    # The first is asked about everything.
    assert all(0 < each <= 6 for each in calls[1:])
    assert [inside(alpha, number).mean() > 0.5 for number in range(4)] == [False, True, False, True]
    recorder = Recorder()
    run_in_order(recorder, marks[:-1], trail)  # undone
    assert not recorder.views


def test_what_is_left_of_a_stroke_is_not_asked_again():
    x, y = middles(0)[0]
    size = Size(WIDTH, HEIGHT)
    stroke = Marked(strokes=(painting.line([(x - 10, y), (x + 10, y)], 4, size),))
    over = Marked(strokes=(painting.line([(x, 200), (x, y)], 3, size),))
    trail, first, more = Trail(), Recorder(), Recorder()
    run_in_order(first, [(True, stroke), (True, 3)], trail)
    run_in_order(more, [(True, stroke), (True, 3), (False, over)], trail)
    assert 0 < len(more.views) < len(first.views)
    # The crossing belongs to the later one.
    assert all(not (view.keep & view.remove).any() for view in more.views)


@pytest.mark.slow
def test_more_marks_in_order_than_steps_take_a_bounded_number_of_steps():
    rng = np.random.default_rng(3)
    points = rng.integers((0, 0), (WIDTH, HEIGHT), (400, 2)).tolist()
    calls = 0

    def stubborn(view: View):
        nonlocal calls
        calls += 1
        return np.where(view.keep, 1, view.alpha).astype(np.float32)

    run_in_order(stubborn, [(True, Marked(points=(tuple(point),))) for point in points])
    assert calls < 700
