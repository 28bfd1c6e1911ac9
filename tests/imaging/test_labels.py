"""Connected components of a mask."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mattekit.geometry import Box
from mattekit.imaging.labels import bounding_box


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_labelling_agrees_with_scipy(data):
    ndimage = pytest.importorskip("scipy.ndimage")
    from mattekit.imaging.labels import label

    seed, share = data.draw(st.integers(0, 10_000)), data.draw(st.floats(0.05, 0.95))
    mask = np.random.default_rng(seed).random((23, 31)) < share
    ours, count = label(mask)
    theirs, expected = ndimage.label(mask, np.ones((3, 3)))
    assert count == expected
    pairs = {(int(a), int(b)) for a, b in zip(ours.ravel(), theirs.ravel(), strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_the_bounding_box_is_the_smallest_one():
    mask = np.zeros((7, 9), bool)
    assert bounding_box(mask) is None
    mask[2, 5] = mask[4, 3] = True
    assert bounding_box(mask) == Box(3, 2, 6, 5)
