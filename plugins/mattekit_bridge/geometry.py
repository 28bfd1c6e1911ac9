"""Rectangles of pixels: selection, layer, canvas, and the margins of a crop."""

import math
import re
from typing import Iterable, List, NamedTuple, Optional, Tuple, Union

__all__ = ["Box", "bounding_box", "margins", "samples_of"]

_LENGTH = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(px|%)?$", re.ASCII)


class Box(NamedTuple):
    """A half-open rectangle: right and bottom are one beyond the last pixel."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def place(self) -> Tuple[int, int, int, int]:
        """Left, top, width and height."""
        return self.left, self.top, self.width, self.height

    def moved(self, x: int, y: int) -> "Box":
        """Return it so much further right and down."""
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def intersection(self, other: "Box") -> Optional["Box"]:
        """Return what lies in both; None where nothing does."""
        box = Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )
        return box if box.width > 0 and box.height > 0 else None

    def with_margins(self, text: str) -> "Box":
        """Return a subject's box with a `crop_margin` around it; per cent are of the subject.

        Raises
        ------
        ValueError
            It is none; the message says how one is written.
        """
        top, right, bottom, left = margins(text)
        return Box(
            self.left - _pixels(left, self.width),
            self.top - _pixels(top, self.height),
            self.right + _pixels(right, self.width),
            self.bottom + _pixels(bottom, self.height),
        )


def bounding_box(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around all."""
    every = list(boxes)
    return Box(
        min(box.left for box in every),
        min(box.top for box in every),
        max(box.right for box in every),
        max(box.bottom for box in every),
    )


def margins(text: str) -> Tuple[Tuple[float, str], ...]:
    """Return top, right, bottom and left of a `crop_margin`, each a number and its unit.

    Raises
    ------
    ValueError
        It is none; the message says how one is written.
    """
    words = text.split()
    lengths: List[Tuple[float, str]] = []
    for word in words:
        found = _LENGTH.match(word)
        if found is None or (found[2] is None and float(found[1]) != 0):
            break
        value, unit = float(found[1]), found[2] or "px"
        if value > (500 if unit == "px" else 50):
            break
        lengths.append((value, unit))
    if len(lengths) != len(words) or len(words) not in (1, 2, 4):
        raise ValueError(
            'The margin "%s" is none. Write one, two or four lengths of up to 500px or 50%%, as in '
            "20px, 10%% or 10%% 20px." % text
        )
    top = lengths[0]
    right = lengths[1] if len(lengths) > 1 else top
    return (top, right, top, right) if len(lengths) < 4 else tuple(lengths)


def samples_of(
    samples: "Union[bytes, memoryview]", width: int, box: Box
) -> "Union[bytes, memoryview]":
    """Return a rectangle out of a picture.

    Parameters
    ----------
    samples : bytes or memoryview
        Row by row.
    width : int
        Bytes per row.
    box : Box
        In bytes horizontally, rows vertically.
    """
    if box.left == 0 and box.right == width:
        return samples[box.top * width : box.bottom * width]
    return b"".join(
        samples[y * width + box.left : y * width + box.right] for y in range(box.top, box.bottom)
    )


def _pixels(length: Tuple[float, str], whole: int) -> int:
    value, unit = length
    return math.floor((value * whole / 100 if unit == "%" else value) + 0.5)
