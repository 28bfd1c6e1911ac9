"""Sizes, boxes, lengths and everything that is computed from them.

Pixel boxes are half-open: `right` and `bottom` are the first column and row outside. All arithmetic
on geometry lives here, so that adapters do none.
"""

from __future__ import annotations

import math
import re
from typing import Literal, NamedTuple

__all__ = ["Box", "Length", "Margins", "Position", "Region", "Size", "fit_area"]

_LENGTH = re.compile(r"(?P<value>[+-]?(?:\d+\.?\d*|\.\d+))(?P<unit>px|%|)", re.ASCII)


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def area(self) -> int:
        """Number of pixels."""
        return self.width * self.height

    @property
    def box(self) -> Box:
        """The box that covers all of it."""
        return Box(0, 0, self.width, self.height)

    def scaled(self, factor: float) -> Size:
        """Return both sides times `factor`, rounded to nearest, at least one pixel."""
        return Size(
            max(1, math.floor(self.width * factor + 0.5)),
            max(1, math.floor(self.height * factor + 0.5)),
        )


class Box(NamedTuple):
    """A half-open box of pixels: ``left <= x < right`` and ``top <= y < bottom``."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Columns; 0 where the box is empty."""
        return max(0, self.right - self.left)

    @property
    def height(self) -> int:
        """Rows; 0 where the box is empty."""
        return max(0, self.bottom - self.top)

    @property
    def size(self) -> Size:
        """Width and height."""
        return Size(self.width, self.height)

    @property
    def empty(self) -> bool:
        """Whether no pixel lies inside."""
        return self.right <= self.left or self.bottom <= self.top

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of an ``(H, W, ...)`` array: rows, then columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def moved(self, dx: int, dy: int) -> Box:
        """Return the box shifted by `dx` columns and `dy` rows."""
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)

    def intersection(self, other: Box) -> Box:
        """Return what both boxes cover; it may be empty."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def grown(self, left: int, top: int, right: int, bottom: int) -> Box:
        """Return the box with each side moved outwards by so many pixels."""
        return Box(self.left - left, self.top - top, self.right + right, self.bottom + bottom)


class Length(NamedTuple):
    """A distance in pixels or in per cent of some other distance."""

    value: float
    unit: Literal["px", "%"]

    @classmethod
    def parse(cls, text: str) -> Length:
        """Read ``"30px"``, ``"12.5%"`` or a bare ``"0"``.

        Raises
        ------
        ValueError
            Anything else, a bare number other than 0 included: its unit would be a guess.
        """
        match = _LENGTH.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not a number followed by px or %")
        value, unit = float(match["value"]), match["unit"]
        if not math.isfinite(value):
            raise ValueError(f"{text!r} is not a finite number")
        if unit == "%":
            return cls(value, "%")
        if unit == "px" or value == 0:
            return cls(value, "px")
        raise ValueError(f"{text!r} lacks its unit, px or %")

    def pixels(self, reference: float) -> float:
        """Return the distance in pixels, `reference` being 100 %."""
        return self.value if self.unit == "px" else self.value * reference / 100

    def __str__(self) -> str:
        return f"{self.value:g}{self.unit}"


class Margins(NamedTuple):
    """A distance for each side of a box."""

    top: Length
    right: Length
    bottom: Length
    left: Length

    @classmethod
    def parse(cls, text: str) -> Margins:
        """Read one, two or four lengths: all sides; top/bottom left/right; top right bottom left.

        Raises
        ------
        ValueError
            Another count of lengths, or one that is none.
        """
        lengths = [Length.parse(word) for word in text.split()]
        if len(lengths) == 1:
            return cls(*(lengths * 4))
        if len(lengths) == 2:
            vertical, horizontal = lengths
            return cls(vertical, horizontal, vertical, horizontal)
        if len(lengths) == 4:
            return cls(*lengths)
        raise ValueError(f"{len(lengths)} lengths were given, not 1, 2 or 4")

    def __str__(self) -> str:
        if len(set(self)) == 1:
            return str(self.top)
        if self.top == self.bottom and self.left == self.right:
            return f"{self.top} {self.right}"
        return " ".join(map(str, self))


class Region(NamedTuple):
    """A box whose corners are lengths, relative to a picture that is not known yet."""

    x1: Length
    y1: Length
    x2: Length
    y2: Length

    @classmethod
    def parse(cls, text: str) -> Region:
        """Read ``"x1 y1 x2 y2"``.

        Raises
        ------
        ValueError
            Another count of lengths, or one that is none.
        """
        lengths = [Length.parse(word) for word in text.split()]
        if len(lengths) != 4:
            raise ValueError(f"{len(lengths)} lengths were given, not 4")
        return cls(*lengths)

    @property
    def whole(self) -> bool:
        """Whether it is all of any picture."""
        return (
            self.x1.value == self.y1.value == 0
            and self.x2 == Length(100, "%")
            and self.y2 == Length(100, "%")
        )

    def __str__(self) -> str:
        return " ".join(map(str, self))


class Position(NamedTuple):
    """Where a subject sits in its frame, in per cent of the free room (CSS background-position).

    0 % is flush left or top, 50 % centred, 100 % flush right or bottom.
    """

    x: float
    y: float

    def __str__(self) -> str:
        return f"{self.x:g}% {self.y:g}%"


def fit_area(size: Size, limit: int) -> Size:
    """Return `size` scaled down to about `limit` pixels; unchanged where it is not larger.

    Both sides are multiplied by ``sqrt(limit / area)`` and rounded to nearest, as recorded answers
    of the remove.bg API do, so the result may exceed the limit by a fraction of a row.
    """
    if size.area <= limit:
        return size
    return size.scaled(math.sqrt(limit / size.area))
