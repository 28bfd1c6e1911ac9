"""How likely a matte is right."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.matting.calibration import confidence, expected_iou
from mattekit.models.card import Calibration

LINE = Calibration(2.0, -3.0)


@pytest.mark.parametrize(
    ("alpha", "expected"),
    [
        ([[1, 1], [0, 0]], 1.0),
        ([[1, 0.5], [0, 0]], 0.75),
        ([[1, 0.4], [0, 0]], 1 / 1.4),
        ([[0.4, 0], [0, 0]], 0.0),
        ([[0, 0], [0, 0]], 0.0),
    ],
)
def test_expected_iou(alpha: list[list[float]], expected: float) -> None:
    assert expected_iou(np.array(alpha, np.float32)) == pytest.approx(expected)


def test_probabilities_rise_with_firmness() -> None:
    mattes = [np.array([[1, 1, 1, soft, 0]], np.float32) for soft in (0.5, 0.7, 0.9, 0.99, 1)]
    said = [confidence(each, LINE, {}) for each in mattes]
    assert all(isinstance(each, float) and 0 < each < 1 for each in said)
    assert said == sorted(said)
    assert len(set(said)) == len(said)


def test_no_subject_is_no_cause_for_confidence() -> None:
    least = confidence(np.zeros((4, 4), np.float32), LINE, {})
    assert least is not None
    assert least < 1e-4


def test_a_network_that_was_not_calibrated_says_nothing() -> None:
    assert confidence(np.ones((4, 4), np.float32), None, {"other": 1.0}) is None


def test_a_kind_that_has_no_name_moves_the_line() -> None:
    alpha = np.array([[1, 1, 0.9, 0.1]], np.float32)
    apart = Calibration(2.0, -3.0, -0.5, 1.0)

    def said(line: Calibration, other: float) -> float | None:
        return confidence(alpha, line, {"person": 1 - other, "other": other})

    assert said(apart, 0.0) == said(LINE, 0.0)
    assert said(apart, 1.0) == said(Calibration(1.5, -2.0), 0.0)
    assert said(apart, 0.5) == said(Calibration(1.75, -2.5), 0.0)
    assert said(LINE, 0.7) == said(LINE, 0.0)
