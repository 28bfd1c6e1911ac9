"""What several looks say together."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.matting._odds import agreement, alpha_of_odds, odds_of_alpha

ALPHA = np.array([[0, 0.1, 0.5, 0.9, 1]], np.float32)


def test_agreement() -> None:
    nothing = np.zeros_like(ALPHA)
    assert agreement(ALPHA, ALPHA) == 1
    assert agreement(ALPHA, nothing) == 0
    assert agreement(nothing, nothing) == 0
    assert agreement(ALPHA, ALPHA[:, ::-1].copy()) == pytest.approx(0.7 / 4.3)


@pytest.mark.parametrize("cut_off", [1e-3, 1e-4])
def test_odds_and_back(cut_off: float) -> None:
    odds = odds_of_alpha(ALPHA, cut_off)
    assert odds[0, 2] == 0
    assert odds[0, 4] == pytest.approx(np.log((1 - cut_off) / cut_off), rel=1e-3)
    back = alpha_of_odds(odds, cut_off)
    assert back.dtype == np.float32
    assert back == pytest.approx(ALPHA, abs=cut_off)
    assert 0 <= back.min() <= back.max() <= 1
