"""Boxes and margins as hosts compute them, without the library."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit_bridge.geometry import Box, bounding_box, margins, samples_of

BOXES = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    *(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 60), st.integers(1, 60)),
)


@given(BOXES, BOXES)
def test_what_two_rectangles_have_in_common(a, b):
    def points(box):
        return {(x, y) for x in range(box.left, box.right) for y in range(box.top, box.bottom)}

    common = a.intersection(b)
    assert points(a) & points(b) == (points(common) if common else set())


@given(st.integers(1, 12), st.integers(1, 9), st.data())
def test_a_part_of_the_samples(width, height, data):
    samples = np.arange(width * height, dtype=np.uint8).reshape(height, width)
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    right = data.draw(st.integers(left + 1, width))
    bottom = data.draw(st.integers(top + 1, height))
    part = samples_of(samples.tobytes(), width, Box(left, top, right, bottom))
    assert part == samples[top:bottom, left:right].tobytes()


def test_boxes() -> None:
    box = Box(2, 3, 12, 8)
    assert (box.width, box.height) == (10, 5)
    assert box.intersection(Box(0, 0, 5, 5)) == Box(2, 3, 5, 5)
    assert box.intersection(Box(12, 0, 20, 20)) is None
    assert bounding_box([box, Box(0, 5, 3, 30)]) == Box(0, 3, 12, 30)
    assert box.moved(-2, 1) == Box(0, 4, 10, 9)


@given(
    st.lists(
        st.one_of(
            st.floats(0, 500).map(lambda n: f"{n:.2f}px"),
            st.floats(0, 50).map(lambda n: f"{n:.1f}%"),
            st.just("0"),
        ),
        min_size=1,
        max_size=4,
    ).filter(lambda parts: len(parts) != 3)
)
def test_margins_are_those_of_the_core(parts: list[str]) -> None:
    from mattekit.geometry import Box as TheirBox
    from mattekit.geometry import Margins, Size

    text = " ".join(parts)
    expected = Margins.parse(text).around(TheirBox(100, 80, 417, 231), Size(317, 151))
    assert tuple(Box(100, 80, 417, 231).with_margins(text)) == tuple(expected)


@pytest.mark.parametrize(
    "text", ["", "5", "10", "1px 2px 3px", "-1px", "60%", "501px", "a", "10 %", "1px, 2px"]
)
def test_what_is_no_margin(text: str) -> None:
    with pytest.raises(ValueError, match="margin"):
        margins(text)
