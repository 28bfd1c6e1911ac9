"""A picture that somebody is correcting."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit import codecs, painting, pipeline
from mattekit.editing import Editor, EditorStore, Mark
from mattekit.errors import EditorNotFound, OptionError
from mattekit.geometry import Box, Length, Point, Size
from mattekit.hints import Marked
from mattekit.models import InputSpec, ModelCard, Store
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import FakeSession, Runtime
from support.tiers import slow

SIDE = 64
RED = ModelCard("red", input=InputSpec(size=Size(SIDE, SIDE), fit="stretch"))
CORRECTING = ModelCard(
    "correcting",
    task="correct",
    input=InputSpec(size=Size(SIDE, SIDE), fit="stretch", hints="hints"),
)


def red(batch):
    return np.clip((batch[:, :1] - batch[:, 2:3]) * 4, 0, 1).astype(np.float32)


def obedient(batch):
    """A network that takes what has the colour of a mark."""
    colors, last, keep, remove = batch[0, :3], batch[0, 3], batch[0, 4] > 0, batch[0, 5] > 0
    alpha = last.copy()
    for marks, value in ((keep, 1), (remove, 0)):
        if marks.any():
            usual = np.median(colors[:, marks], axis=1)
            alpha[np.abs(colors - usual[:, None, None]).max(0) < 0.15] = value
    return alpha[None, None].astype(np.float32)


@pytest.fixture
def runtime(tmp_path):
    with Runtime(Store(tmp_path)) as runtime:
        for name, session in (
            ("auto", FakeSession(red, RED)),
            ("builtin", FakeSession(red, RED)),
            ("correcting", FakeSession(obedient, CORRECTING)),
        ):
            runtime.use(name, session)
        yield runtime


def scene(width=360, height=240):
    """Something red on the left, something green on the right."""
    rng = np.random.default_rng(2)
    color = np.empty((height, width, 3))
    color[:] = 30, 40, 160
    y, x = np.mgrid[:height, :width]
    y, x = y / height, x / width
    color[(abs(y - 0.5) < 0.3) & (abs(x - 0.25) < 0.15)] = 220, 60, 50
    color[(abs(y - 0.5) < 0.3) & (abs(x - 0.75) < 0.15)] = 60, 200, 60
    return Photo(np.clip(color + rng.normal(0, 2, color.shape), 0, 255).astype(np.uint8))


def alphas(cutout):
    height, width = cutout.alpha.shape
    return cutout.alpha[height // 2, width // 4], cutout.alpha[height // 2, width * 3 // 4]


def test_a_preview_is_its_caller_s_to_change(runtime):
    editor = Editor(scene(), runtime=runtime)
    first = editor.preview()
    expected = first.rgba()
    first.alpha[:], first.color[:] = 7, 7
    np.testing.assert_array_equal(editor.preview().rgba(), expected)


@pytest.mark.parametrize("decontaminate", [True, False])
def test_a_preview_shows_nothing_that_the_photo_hid_itself(runtime, decontaminate):
    photo = scene()
    alpha = np.full(photo.color.shape[:2], 255, np.uint8)
    alpha[:40] = 0
    before = photo.color.copy()
    editor = Editor(photo.replace(alpha=alpha), runtime=runtime, decontaminate=decontaminate)
    shown = editor.preview()
    assert not shown.color[:40].any()
    assert np.array_equal(shown.color[:, 340:][40:], before[:, 340:][40:])
    assert np.array_equal(photo.color, before)


def test_marks_one_after_the_other(runtime):
    editor = Editor(scene(), runtime=runtime)
    assert alphas(editor.preview()) == (255, 0)
    editor.keep("75% 50%")
    assert alphas(editor.preview()) == (255, 255)
    editor.remove("25% 50%")
    assert alphas(editor.preview()) == (0, 255)
    point = Point(Length(75.0, "%"), Length(50.0, "%"))
    assert editor.marks[0] == Mark("keep", point)
    assert [mark.option for mark in editor.marks] == ["keep", "remove"]


def test_undo_and_redo(runtime):
    editor = Editor(scene(), runtime=runtime)
    assert not editor.undo()
    assert not editor.redo()
    editor.keep("75% 50%")
    editor.remove("25% 50%")
    assert editor.undo()
    assert alphas(editor.preview()) == (255, 255)
    assert editor.undo()
    assert alphas(editor.preview()) == (255, 0)
    assert editor.redo()
    assert editor.redo()
    assert not editor.redo()
    assert alphas(editor.preview()) == (0, 255)
    editor.undo()
    editor.remove("1% 1%")
    assert not editor.redo()


@pytest.mark.parametrize("size", [slow("original"), "preview"])
def test_the_result_is_that_of_one_call(runtime, size):
    photo = scene(900, 600)
    options = Options(size=size, crop=size == "original", bg_color="yellow", keep="74% 52%")
    editor = Editor(photo, options, runtime=runtime)
    strokes = np.zeros((600, 900), bool)
    strokes[250:260, 200:300] = True
    editor.remove([strokes])
    editor.keep((700, 320))
    editor.keep("1% 1%")
    editor.undo()
    once = pipeline.remove_background(photo, editor.options, runtime=runtime)
    result = editor.result()
    np.testing.assert_array_equal(result.alpha, once.alpha)
    np.testing.assert_array_equal(result.color, once.color)
    assert codecs.encode(result, options).data == codecs.encode(once, options).data
    assert editor.options.keep == (
        *Options(keep="74% 52%").keep,
        *Options(keep="700px 320px").keep,
    )


def test_a_later_mark_counts_where_it_lies_on_an_earlier_one(runtime):
    editor = Editor(scene(), runtime=runtime, overpaint=True)
    editor.remove("75% 50%")
    editor.keep("75% 50%")
    assert alphas(editor.preview()) == (255, 255)
    stroke = painting.line([(80, 100), (80, 140)], 12, editor.photo.size)
    editor.keep(Marked(strokes=(stroke,)))
    editor.remove(Marked(boxes=(Box(60, 60, 120, 180),)))
    assert alphas(editor.preview())[0] == 0
    once = pipeline.remove_background(editor.photo, editor.options, runtime=runtime)
    np.testing.assert_array_equal(editor.result().alpha, once.alpha)
    np.testing.assert_array_equal(editor.result().color, once.color)
    assert editor.undo()
    assert alphas(editor.preview())[0] == 255


def test_an_editor_is_opened_anew_with_the_options_of_another(runtime):
    marks = [("keep", "75% 50%"), ("remove", "25% 50%"), ("keep", (30, 30, 160, 210))]
    one = Editor(scene(), runtime=runtime, overpaint=True)
    for mark in marks:
        one.mark([mark])
    other = Editor(scene(), one.options, runtime=runtime)
    assert not other.can_undo
    np.testing.assert_array_equal(other.result().rgba(), one.result().rgba())
    stroke = Marked(strokes=(painting.line([(260, 100), (280, 140)], 30, one.photo.size),))
    for editor in (one, other):
        editor.remove(stroke)
    np.testing.assert_array_equal(other.result().rgba(), one.result().rgba())
    once = pipeline.remove_background(other.photo, other.options, runtime=runtime)
    np.testing.assert_array_equal(other.result().rgba(), once.rgba())
    assert other.undo()
    assert not other.undo()
    with pytest.raises(OptionError, match="marks of an editor"):
        Editor(scene(90, 60), one.options, runtime=runtime)


def test_several_marks_are_undone_at_once(runtime):
    editor = Editor(scene(), runtime=runtime)
    editor.mark([("keep", "75% 50%"), ("remove", "25% 50%")])
    assert alphas(editor.preview()) == (0, 255)
    assert editor.can_undo
    editor.undo()
    assert alphas(editor.preview()) == (255, 0)
    assert editor.can_redo
    editor.mark([])
    assert not editor.can_undo
    assert editor.can_redo


def test_pixels_outside_the_picture_are_no_mark(runtime):
    editor = Editor(scene(), runtime=runtime)
    for wrong in (Marked(points=((360, 3),)), Marked(boxes=(Box(5, 5, 5, 9),)), Marked()):
        with pytest.raises(OptionError):
            editor.keep(wrong)
    assert not editor.can_undo


@pytest.mark.slow
def test_previews_are_small_whatever_the_picture(runtime):
    editor = Editor(scene(1500, 1000), runtime=runtime, preview_pixels=20_000)
    editor.keep("75% 50%")
    assert editor.preview().size.area < 21_000
    assert editor.result().size == Size(1500, 1000)
    small = Editor(scene(), runtime=runtime)
    assert small.preview().size == Size(360, 240)


def test_what_is_wrong_changes_nothing(runtime):
    editor = Editor(scene(), runtime=runtime)
    editor.keep("75% 50%")
    for mark in ("400px 3px", "", "75% 50%, ", np.zeros((3, 3), np.uint8)):
        with pytest.raises(OptionError):
            editor.remove(mark)
    with pytest.raises(OptionError, match=r"remove=.*270px 120px"):
        editor.remove("75% 50%")
    assert len(editor.marks) == 1
    editor.undo()
    with pytest.raises(OptionError):
        editor.keep("101% 0%")
    assert editor.redo()  # what failed did not count


def test_a_box_with_nothing_in_it_is_said_at_once(runtime):
    editor = Editor(scene(), runtime=runtime)
    with pytest.raises(OptionError, match="nothing was found"):
        editor.keep("45% 5% 55% 15%")
    assert editor.marks == ()


def test_wrong_marks_among_the_options(runtime):
    with pytest.raises(OptionError, match="keep="):
        Editor(scene(), runtime=runtime, keep="400px 3px")
    with pytest.raises(OptionError, match="remove="):
        Editor(scene(), runtime=runtime, keep="4px 3px", remove="4px 3px")


def test_the_network_runs_once_for_each_correction(runtime):
    network = runtime.session("correcting")
    editor = Editor(scene(), runtime=runtime)
    assert network.calls == 0
    editor.keep("75% 50%")
    editor.preview()
    calls = network.calls
    assert 1 <= calls <= 2
    editor.preview()
    editor.result()
    assert network.calls == calls
    assert runtime.session("auto").calls == 2  # the second look


def test_a_mask_is_corrected_alike(runtime):
    mask = np.zeros((240, 360), np.uint8)
    mask[50:190, 40:140] = 255
    editor = Editor(scene(), runtime=runtime, mask=mask)
    assert alphas(editor.preview()) == (255, 0)
    editor.keep("75% 50%")
    assert alphas(editor.preview()) == (255, 255)
    once = pipeline.remove_background(scene(), editor.options, runtime=runtime)
    np.testing.assert_array_equal(editor.result().alpha, once.alpha)


@pytest.mark.slow
def test_memory_is_counted(runtime):
    editor = Editor(scene(900, 600), runtime=runtime, preview_pixels=50_000)
    assert editor.memory >= 900 * 600 * 3
    before = editor.memory
    editor.keep([np.ones((600, 900), bool)])
    assert editor.memory >= before + 900 * 600


# -- the store -----------------------------------------------------------------------------------


class Still:
    """An editor of so many bytes."""

    def __init__(self, memory=1):
        self.memory = memory


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_editors_are_found_by_names_that_nobody_guesses():
    store = EditorStore()
    first, second = Still(), Still()
    names = store.add(first), store.add(second)
    assert store.find(names[0]) is first
    assert store.find(names[1]) is second
    assert len(set(names)) == 2
    assert min(map(len, names)) >= 20
    with pytest.raises(EditorNotFound, match="'nobody'"):
        store.find("nobody")
    store.forget(names[0])
    with pytest.raises(EditorNotFound):
        store.forget(names[0])
    assert len(store) == 1


def test_editors_are_their_owners_alone():
    store = EditorStore()
    name = store.add(Still(), "ann")
    for other in ("", "bob"):
        with pytest.raises(EditorNotFound):
            store.find(name, other)
        with pytest.raises(EditorNotFound):
            store.forget(name, other)
    assert store.find(name, "ann")
    store.forget(name, "ann")
    assert len(store) == 0


@pytest.mark.parametrize("bounds", [{"count": 3}, {"memory": 35}])
def test_who_keeps_most_makes_room(bounds):
    store = EditorStore(**bounds)
    mine = store.add(Still(10), "ann")
    names = [store.add(Still(10), "bob") for _ in range(5)]
    assert store.find(mine, "ann")
    for name in names[:3]:
        with pytest.raises(EditorNotFound):
            store.find(name, "bob")
    assert store.used == 30


def test_who_is_not_asked_for_is_forgotten():
    clock = Clock()
    store = EditorStore(seconds=10, clock=clock)
    name, other = store.add(Still()), store.add(Still())
    clock.now = 9
    store.find(name)
    clock.now = 12
    assert store.find(name)
    with pytest.raises(EditorNotFound):
        store.find(other)
    clock.now = 30
    assert len(store) == 0


def test_number_and_memory_are_bounded():
    store = EditorStore(count=3, memory=100)
    names = [store.add(Still(10)) for _ in range(4)]
    with pytest.raises(EditorNotFound):
        store.find(names[0])
    store.find(names[1])
    store.add(Still(75))  # the least recently used goes
    with pytest.raises(EditorNotFound):
        store.find(names[2])
    big = store.add(Still(1000))
    assert len(store) == 1
    assert store.find(big).memory == 1000


@pytest.mark.parametrize("limits", [{"count": 0}, {"memory": 0}, {"seconds": -1}])
def test_limits_are_checked(limits):
    with pytest.raises(OptionError):
        EditorStore(**limits)
