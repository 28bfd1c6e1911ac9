"""The original is shown exactly while its replacement is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from support.krita import fake
from support.krita.bench import Bench


class Action:
    """A menu entry that a test clicks."""

    def __init__(self) -> None:
        self.triggered = self
        self.called: list[Callable[[], None]] = []

    def connect(self, function: Callable[[], None]) -> None:
        self.called.append(function)

    def click(self) -> None:
        for function in self.called:
            function()


@pytest.fixture
def actions(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> dict[str, Action]:
    from krita import Krita

    made = {"edit_undo": Action(), "edit_redo": Action()}
    Krita.action = made.get
    monkeypatch.setattr(
        fake.Timer, "singleShot", staticmethod(lambda pace, then: then()), raising=False
    )
    return made


@pytest.fixture
def watched(bench: Bench, actions: Any) -> tuple[Any, Any]:
    from mattekit_krita.plugin.undo import UndoWatcher

    watcher = UndoWatcher()
    new = bench.document.add("New", (10, 20, 4, 3), bytes(48))
    bench.layer.setVisible(False)
    watcher.watch(bench.document, bench.layer, new)
    return watcher, new


def test_undo_shows_it_and_redo_hides_it(
    bench: Bench, actions: dict[str, Action], watched: Any
) -> None:
    _, new = watched
    bench.document.root.children.remove(new)
    new.parent = None
    actions["edit_undo"].click()
    assert bench.layer.shown
    bench.document.root.addChildNode(new, None)
    actions["edit_redo"].click()
    assert not bench.layer.shown


def test_another_undo_changes_nothing(
    bench: Bench, actions: dict[str, Action], watched: Any
) -> None:
    bench.layer.setVisible(True)  # by the user
    actions["edit_undo"].click()
    assert bench.layer.shown


def test_a_closed_document_is_forgotten(
    bench: Bench, actions: dict[str, Action], watched: Any
) -> None:
    from krita import Krita

    _, new = watched
    Krita.open.clear()
    new.parent = None
    actions["edit_undo"].click()
    assert not bench.layer.shown


def test_each_entry_is_watched_once(bench: Bench, actions: dict[str, Action], watched: Any) -> None:
    watcher, new = watched
    watcher.watch(bench.document, bench.layer, new)
    assert [len(each.called) for each in actions.values()] == [1, 1]
