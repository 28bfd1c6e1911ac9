"""A picture that the real worker keeps while it is corrected."""

from __future__ import annotations

import numpy as np
import pytest

import mattekit
import mattekit_bridge as bridge
from mattekit.painting import line
from mattekit_bridge.calls import exchange
from support.helpers import disc

pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
pytestmark = pytest.mark.slow

STROKE = {"keep": True, "shape": "stroke", "points": [20, 30, 50, 30], "size": 12}


def sample(width: int = 300, height: int = 200) -> tuple[np.ndarray, bridge.Picture]:
    image = disc(height, width).image
    return image, bridge.Picture(width, height, 3, 255, image.tobytes())


def array(picture: bridge.Picture) -> np.ndarray:
    shape = (picture.height, picture.width, picture.channels)
    return np.frombuffer(picture.samples, np.uint8).reshape(shape)


def test_marks_previews_and_the_result(worker: bridge.Worker) -> None:
    image, picture = sample()
    editor = bridge.open_editor(worker, picture, {"crop": "true"})
    before = array(editor.shown.picture)[..., 0]
    assert editor.state == bridge.State(300, 200, 300, 200, 0, False, False)
    assert (before[100, 150], before[30, 35]) == (255, 0)
    after = array(editor.mark([STROKE]).picture)[..., 0]
    assert (after[100, 150], after[30, 35]) == (255, 255)
    assert editor.state[4:] == (1, True, False)
    assert (array(editor.undo().picture)[..., 0] == before).all()
    assert (array(editor.redo().picture)[..., 0] == after).all()
    result = editor.result("pam")
    stroke = line([(20, 30), (50, 30)], 12, mattekit.Photo(image).size)
    assert stroke is not None
    drawn = np.zeros((200, 300), bool)
    drawn[stroke.box.slices] = stroke.mask
    once = mattekit.remove_background(image, crop=True, keep=[drawn])
    np.testing.assert_array_equal(array(result.picture), once.rgba())
    editor.close()
    with pytest.raises(bridge.Refused, match="No picture is being corrected") as caught:
        editor.undo()
    assert caught.value.code == "editor_unknown"


def test_what_was_painted_in_the_host(worker: bridge.Worker) -> None:
    _, picture = sample()
    editor = bridge.open_editor(worker, picture, output="pam")
    whole = np.zeros((200, 300), np.uint8)
    whole[95:105, 140:160] = 255
    shown = editor.mark(remove=bridge.Picture(300, 200, 1, 255, whole.tobytes()))
    assert array(shown.picture)[100, 150, 3] == 0
    part = bridge.Picture(20, 10, 1, 255, whole[95:105, 140:160].tobytes())
    shown = editor.mark(keep=part, at=(140, 95))
    assert array(shown.picture)[100, 150, 3] == 255
    with pytest.raises(bridge.Refused, match="a part of 300 × 200 pixels"):
        editor.mark(keep=part, at=(290, 95))
    assert editor.state.marks == 2


def test_cancel_changes_nothing(worker: bridge.Worker) -> None:
    _, picture = sample()
    with pytest.raises(bridge.Canceled):
        bridge.open_editor(worker, picture, progress=lambda done, _: False)


def test_an_answer_that_says_nothing(worker: bridge.Worker) -> None:
    answer = exchange(worker, "GET", "/health")
    with pytest.raises(bridge.WorkerGone, match="says nothing of the picture"):
        bridge.Editor(worker, answer, "pgm")


def test_a_mask_and_hints_as_pictures(worker: bridge.Worker) -> None:
    """In one call, and as what an editor begins with: the same as the library's."""
    image, picture = sample()
    mask = np.zeros((200, 300), np.uint8)
    mask[40:160, 90:210] = 255
    drawn = np.zeros((200, 300), np.uint8)
    drawn[42:50, 92:108] = 255
    pictures = {
        "mask": bridge.Picture(300, 200, 1, 255, mask.tobytes()),
        "remove": bridge.Picture(300, 200, 1, 255, drawn.tobytes()),
    }
    expected = mattekit.refine_mask(image, mask, remove=[drawn > 0]).alpha
    once = bridge.remove_background(worker, picture, {}, "pgm", pictures=pictures)
    np.testing.assert_array_equal(array(once.picture)[..., 0], expected)
    editor = bridge.open_editor(worker, picture, pictures=pictures)
    result = editor.result("pgm")
    np.testing.assert_array_equal(array(result.picture)[..., 0], expected)
    editor.close()
