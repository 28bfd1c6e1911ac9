"""A mask that follows strokes: with a fake Krita, and a worker whose previews the test writes."""

from __future__ import annotations

from typing import Any

import pytest

import mattekit_bridge as bridge
from support.krita.bench import Bench

SIZE = (4, 3)


class Editor:
    """What the worker keeps: remembers what it was asked."""

    def __init__(self) -> None:
        self.state = bridge.State(*SIZE, *SIZE, 0, False, False)
        self.asked: list[Any] = []
        self.answer = bytes([77] * 12)
        self.fails: list[Exception] = []

    @property
    def shown(self) -> bridge.Result:
        return bridge.Result(bridge.Picture(*SIZE, 1, 255, self.answer), "product", (1, 0, 2, 2))

    def mark(self, *, keep: Any, remove: Any, at: Any, progress: Any) -> bridge.Result:
        if self.fails:
            raise self.fails.pop()
        self.asked.append((keep and keep.samples, remove and remove.samples, at))
        self.state = self.state._replace(undo=True)
        return self.shown

    def undo(self, progress: Any = None) -> bridge.Result:
        self.asked.append("undo")
        self.state = self.state._replace(undo=False)
        return self.shown

    def result(self, output: str, progress: Any) -> bridge.Result:
        self.asked.append("result")
        return self.shown

    def close(self) -> None:
        self.asked.append("close")


class Stage:
    """A session on the layer of a bench."""

    def __init__(self, bench: Bench, patch: pytest.MonkeyPatch) -> None:
        from mattekit_krita.plugin import live

        self.bench, self.live = bench, live
        self.editors: list[Editor] = []
        patch.setattr(bridge, "open_editor", self._open)
        self.work = bench.jobs.Work(bench.document, bench.layer)

    def _open(self, *given: Any) -> Editor:
        self.given = given
        self.editors.append(Editor())
        return self.editors[-1]

    def begin(self) -> Any:
        session: Any = self.bench.running.run_now(
            self.live.begin(self.work, {"refine": "best"}, self.bench.settings)
        )
        return session

    def run(self, job: Any) -> Any:
        return self.bench.running.run_now(job)

    def paint(self, session: Any, text: str) -> None:
        """Paint a letter a pixel: k keeps, r removes."""
        from mattekit_krita.plugin import hints

        colors = {"k": hints.KEEP, "r": hints.REMOVE}
        pixels = b"".join(colors.get(letter, bytes(4)) for letter in text)
        session.paint.setPixelData(pixels, 10, 20, *SIZE)


@pytest.fixture
def stage(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(bench, monkeypatch)


def test_the_mask_follows_each_stroke(stage: Stage) -> None:
    stage.bench.run()
    mask = stage.bench.layer.children[0]
    before = mask.data
    session = stage.begin()
    (editor,) = stage.editors
    assert session.paint in stage.bench.document.root.children
    stage.run(stage.live.update(session))
    assert editor.asked == []  # nothing is painted
    stage.paint(session, "....k...r...")
    stage.run(stage.live.update(session))
    assert mask.data == editor.answer
    keep, remove, at = editor.asked[-1]
    assert (list(keep), list(remove), at) == (
        [255, 0, 0, 0] + [0] * 4,
        [0] * 4 + [255, 0, 0, 0],
        (0, 1),
    )
    stage.paint(session, "....k.......")  # a stroke was undone
    stage.run(stage.live.update(session))
    assert editor.asked[-2] == "undo"
    assert editor.asked[-1] == (bytes([255, 0, 0, 0]), None, (0, 1))
    report = stage.run(stage.live.finish(session))
    assert report.what == "Corrected"
    old, new = sorted(stage.bench.layer.children, key=lambda each: each.shown)
    assert (old.data, old.shown, new.shown) == (before, False, True)
    assert new.data == editor.answer
    assert session.paint.parent is None
    assert editor.asked[-2:] == ["result", "close"]
    # The next one begins with what was painted.
    again = stage.begin()
    from mattekit_krita.plugin import hints

    assert hints.painted(again.paint.data).keep[4] == 255


def test_without_a_mask_one_is_made_first(stage: Stage) -> None:
    session = stage.begin()
    assert stage.editors[0].asked == ["result"]
    (mask,) = stage.bench.layer.children
    assert mask.data == stage.editors[0].answer
    report = stage.run(stage.live.finish(session))
    assert (report.done, report.what) == ([], "Nothing was marked")
    assert stage.bench.layer.children == [mask]
    assert mask.shown


def test_discarded_it_is_as_it_was(stage: Stage) -> None:
    stage.bench.run()
    mask = stage.bench.layer.children[0]
    before = mask.data
    session = stage.begin()
    stage.paint(session, "k" * 12)
    stage.run(stage.live.update(session))
    session.close()
    assert mask.data == before
    assert session.paint.parent is None


@pytest.mark.parametrize(
    "failure",
    [bridge.WorkerGone("reset"), bridge.Refused(404, "editor_unknown", "", "forgotten")],
)
def test_a_worker_that_forgot_is_told_all_again(stage: Stage, failure: Exception) -> None:
    session = stage.begin()
    stage.editors[0].fails.append(failure)
    stage.paint(session, "k" + "." * 11)
    stage.run(stage.live.update(session))
    assert len(stage.editors) == 2
    assert stage.editors[1].asked == [(bytes([255, 0, 0, 0]), None, (0, 0))]


def test_another_refusal_is_said_and_the_session_goes_on(stage: Stage) -> None:
    session = stage.begin()
    stage.editors[0].fails.append(bridge.Refused(400, "invalid", "", "contradiction"))
    stage.paint(session, "k" + "." * 11)
    with pytest.raises(bridge.Refused, match="contradiction"):
        stage.run(stage.live.update(session))
    stage.run(stage.live.update(session))
    assert stage.editors[0].asked[-1] == (bytes([255, 0, 0, 0]), None, (0, 0))


def test_a_layer_that_is_gone_ends_it(stage: Stage) -> None:
    stage.bench.run()
    mask = stage.bench.layer.children[0]
    before = mask.data
    session = stage.begin()
    stage.paint(session, "k" + "." * 11)
    stage.run(stage.live.update(session))
    session.paint.remove()
    with pytest.raises(stage.live.Over, match="the mask is as it was"):
        stage.run(stage.live.update(session))
    assert mask.data == before
