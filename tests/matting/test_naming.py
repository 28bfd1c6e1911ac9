"""What subjects are called."""

from __future__ import annotations

import pytest

from mattekit.matting import kind_of, mixed_scores


@pytest.mark.parametrize(
    ("scores", "kind"),
    [
        ({}, "other"),
        ({"car": 0.5, "animal": 0.3, "other": 0.2}, "car"),
        ({"car": 0.4, "animal": 0.3, "other": 0.3}, "other"),
        ({"car": 0.1, "other": 0.9}, "other"),
    ],
)
def test_a_subject_is_called_what_it_probably_is(scores: dict[str, float], kind: str) -> None:
    assert kind_of(scores) == kind


def test_two_looks_are_mixed() -> None:
    one, other = {"car": 0.2, "other": 0.8}, {"car": 0.6, "other": 0.4}
    assert mixed_scores(one, other) == pytest.approx({"car": 0.4, "other": 0.6})
    assert mixed_scores(one, other, 0.25) == pytest.approx({"car": 0.3, "other": 0.7})


@pytest.mark.parametrize("other", [{}, {"car": 1.0}, {"animal": 0.5, "other": 0.5}])
def test_networks_that_tell_other_kinds_are_not_mixed(other: dict[str, float]) -> None:
    one = {"car": 0.2, "other": 0.8}
    assert mixed_scores(one, other) == one
