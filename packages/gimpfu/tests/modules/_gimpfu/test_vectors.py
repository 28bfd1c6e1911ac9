"""Paths and their strokes."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def called(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the paths ask of GIMP."""
    from _gimpfu import vectors

    kept: list[tuple[Any, ...]] = []
    answers = {
        "gimp-vectors-get-strokes": (2, (4, 5)),
        "gimp-vectors-stroke-get-points": (0, 6, (0.0, 1.0, 2.0, 3.0, 4.0, 5.0), 1),
        "gimp-vectors-stroke-interpolate": (4, (0.0, 1.0, 2.0, 3.0), 0),
        "gimp-vectors-stroke-get-point-at-dist": (1.5, 2.5, 0.5, 1),
        "gimp-vectors-stroke-get-length": 9,
    }

    def call(name: str, *values: Any) -> Any:
        kept.append((name, *values))
        return answers.get(name, 8)

    monkeypatch.setattr(vectors, "call", call)
    return kept


@pytest.fixture
def path(loaded: Any) -> Any:
    return loaded.gimp.Vectors.of(3)


def test_strokes_are_objects(loaded: Any, called: list[Any], path: Any) -> None:
    one, other = path.strokes
    assert (one.ID, one.vectors_ID, other.ID) == (4, 3, 5)
    assert one == path.strokes[0]
    assert one != other
    assert len({one, other, path.strokes[1]}) == 2


def test_what_a_stroke_knows(called: list[Any], path: Any) -> None:
    stroke = path.strokes[0]
    assert stroke.points == ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], True)
    assert stroke.interpolate(0.1) == ([0.0, 1.0, 2.0, 3.0], False)
    assert stroke.get_point_at_dist(3, 0.1) == (1.5, 2.5, 0.5, True)
    assert stroke.get_length(0.1) == 9.0
    assert called[-1] == ("gimp-vectors-stroke-get-length", path, 4, 0.1)


def test_new_strokes(loaded: Any, called: list[Any], path: Any) -> None:
    from _gimpfu.vectors import VectorsBezierStroke

    made = VectorsBezierStroke(path, [0, 1, 2, 3, 4, 5], True)
    assert made.ID == 8
    points = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert called[-1] == ("gimp-vectors-stroke-new-from-points", path, 0, 6, points, True)
    line = VectorsBezierStroke.new_moveto(path, 1, 2)
    line.lineto(3, 4)
    assert called[-1] == ("gimp-vectors-bezier-stroke-lineto", path, 8, 3, 4)
    assert VectorsBezierStroke.new_ellipse(path, 1, 2, 3, 4, 0.5).ID == 8


def test_strokes_are_removed_by_object_or_number(called: list[Any], path: Any) -> None:
    path.remove_stroke(path.strokes[1])
    assert called[-1] == ("gimp-vectors-remove-stroke", path, 5)
    path.remove_stroke("4")
    assert called[-1] == ("gimp-vectors-remove-stroke", path, 4)


def test_a_path_becomes_a_selection(called: list[Any], path: Any) -> None:
    path.to_selection()
    assert called[-1] == ("gimp-vectors-to-selection", path, 2, True, False, 0.0, 0.0)
