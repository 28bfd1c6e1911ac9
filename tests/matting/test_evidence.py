"""What colours say: for the subject, for the background, or for both side by side."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.matting.evidence import alternating, color_evidence

LEAF, SKY, OTHER = (40, 120, 30), (120, 170, 230), (200, 60, 160)


def halves(middle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return colours and alpha: leaf above, sky below, something half there between."""
    colors = np.zeros((90, 60, 3), np.uint8)
    colors[:30], colors[30:60], colors[60:] = LEAF, middle, SKY
    alpha = np.zeros((90, 60), np.float32)
    alpha[:30], alpha[30:60] = 1, 0.6
    return colors, alpha


def test_colors_speak_for_the_side_that_has_them() -> None:
    colors, alpha = halves(np.array(OTHER))
    evidence = color_evidence(colors, alpha == 1, alpha == 0)
    assert (evidence[:30] == 3).all()
    assert (evidence[60:] == -3).all()
    assert (evidence[30:60] == 0).all()


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [(LEAF, SKY, True), (LEAF, LEAF, False), (SKY, SKY, False), (OTHER, OTHER, False)],
)
def test_where_colors_of_both_sides_lie_side_by_side(one, two, expected) -> None:
    y, x = np.mgrid[:30, :60]
    middle = np.where((((y // 3) + (x // 3)) % 2)[..., None], one, two)
    found = alternating(*halves(middle))
    assert (found[40:50] == expected).all()
    assert not found[:20].any()
    assert not found[70:].any()
