"""Rectangles: where the subject is, and how much room is left around it."""

from __future__ import annotations

import math
import re
from typing import List, NamedTuple, Optional, Tuple

__all__ = ["Box", "around", "joined", "margins"]

_LENGTH = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(px|%)?$")


class Box(NamedTuple):
    """A rectangle of pixels on the canvas; right and bottom are beyond it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.bottom - self.top

    def within(self, other: Box) -> Optional[Box]:
        """Return the part of it that lies in `other`; None where nothing does."""
        box = Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )
        return box if box.width > 0 and box.height > 0 else None

    def moved(self, x: int, y: int) -> Box:
        """Return it elsewhere."""
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)


def joined(boxes: List[Box]) -> Box:
    """Return the smallest box around all."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def margins(text: str) -> Tuple[Tuple[float, str], ...]:
    """Return top, right, bottom and left of a `crop_margin`, each a number and its unit.

    Raises
    ------
    ValueError
        It is none; the message says how one is written.
    """
    words = re.findall(r"[^\s,]+", text.replace(" px", "px").replace(" %", "%"))
    lengths = []
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
            f'A margin of {text!r} is none: write "20px", "10%", "top/bottom left/right" as in '
            '"5% 10%", or all four; up to 500px or 50%.'
        )
    top = lengths[0]
    right = lengths[1] if len(lengths) > 1 else top
    return (top, right, top, right) if len(lengths) < 4 else tuple(lengths)


def around(box: Box, text: str) -> Box:
    """Return a subject's box with a margin around it; per cent are of the subject."""
    top, right, bottom, left = margins(text)

    def pixels(length: Tuple[float, str], whole: int) -> int:
        value, unit = length
        return math.floor((value * whole / 100 if unit == "%" else value) + 0.5)

    return Box(
        box.left - pixels(left, box.width),
        box.top - pixels(top, box.height),
        box.right + pixels(right, box.width),
        box.bottom + pixels(bottom, box.height),
    )
