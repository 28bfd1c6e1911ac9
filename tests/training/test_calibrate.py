from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the packages of the `train` extra")
pytest.importorskip("onnx", reason="training needs the packages of the `train` extra")

from training.product import Row

from mattekit.models.card import Calibration
from training import calibrate

TRUE = (3.0, -6.0, -1.0, 2.5)


def _rows(count=4000):
    rng = np.random.default_rng(1)
    rows = []
    for at in range(count):
        odds, other = rng.uniform(-1, 5), float(rng.random())
        line = TRUE[0] * odds + TRUE[1] + other * (TRUE[2] * odds + TRUE[3])
        right = rng.random() < 1 / (1 + np.exp(-line))
        kinds = {"person": 1 - other, "other": other}
        rows.append(
            Row("pairs", "net", str(at), at, 0.95 if right else 0.5, 0, True, 0, kinds, odds)
        )
    return rows


def test_the_lines_are_found_again():
    rows = _rows()
    right = np.array([row.iou >= 0.9 for row in rows], float)
    given = calibrate.features(rows)
    lines = calibrate.fitted(given, right)
    meant = calibrate.likely(given, Calibration(*TRUE))
    assert np.abs(calibrate.likely(given, lines) - meant).max() < 0.05
    said = calibrate.left_out(given, right, 0)
    for low, high in ((0.2, 0.4), (0.6, 0.8), (0.9, 1)):
        inside = (said > low) & (said < high)
        assert right[inside].mean() == pytest.approx(said[inside].mean(), abs=0.06)


def test_what_is_left_out_does_not_say_anything_about_itself():
    rows = _rows(300)
    given = calibrate.features(rows)
    right = np.array([row.iou >= 0.9 for row in rows], float)
    said = calibrate.left_out(given, right, 3)
    changed = right.copy()
    changed[7] = 1 - changed[7]
    again = calibrate.left_out(given, changed, 3)
    assert again[7] == said[7]
    assert not np.array_equal(again, said)


def test_how_many_are_called_sure_and_right():
    right = np.array([1.0, 1, 0, 1])
    said = [np.array([0.99, 0.99, 0.2, 0.3]), np.array([0.99, 0.1, 0.99, 0.3])]
    assert calibrate.sure(said, right).endswith("50.0% of all, of these right 75.00%")


def test_a_table_counts_what_was_said():
    text = calibrate.table("held back", np.array([0.1, 0.6, 0.99]), np.array([0.0, 1, 1]))
    assert "0 to 0.25:    1, right 0.000" in text
    assert "0.25 to 0.5:    0, right -" in text
