"""Sizes, boxes, lengths and everything that is computed from them.

Pixel boxes are half-open: `right` and `bottom` are the first column and row outside. All arithmetic
on geometry lives here, so that adapters do none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, NamedTuple

from mattekit.errors import OptionError

__all__ = [
    "Box",
    "Length",
    "Margins",
    "Placement",
    "Point",
    "Position",
    "Region",
    "Size",
    "fit_area",
]

#: Guards floor and ceil against the last bits of a product: 0.1 % of a pixel.
_EPSILON = 1e-3

_LENGTH = re.compile(r"(?P<value>[+-]?(?:\d+\.?\d*|\.\d+))(?P<unit>px|%|)", re.ASCII)


def plain(number: float) -> str:
    """Return the shortest decimal text that reads back as `number`, without an exponent."""
    return format(Decimal(repr(float(number))), "f").removesuffix(".0")


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

    @property
    def region(self) -> Region:
        """The same corners as lengths."""
        return Region(*(Length(float(edge), "px") for edge in self))

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

    def union(self, other: Box) -> Box:
        """Return the smallest box that covers both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Box:
        """Return the smallest box that covers all of some boxes; an empty one without any."""
        sides = tuple(zip(*boxes, strict=True))
        if not sides:
            return cls(0, 0, 0, 0)
        return cls(min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3]))

    def padded(self, left: int, top: int, right: int, bottom: int) -> Box:
        """Return the box with each side moved outwards by so many pixels."""
        return Box(self.left - left, self.top - top, self.right + right, self.bottom + bottom)

    @classmethod
    def covering(cls, left: float, top: float, right: float, bottom: float) -> Box:
        """Return the smallest box of whole pixels that covers these edges.

        Edges that miss a whole number by rounding errors alone count as whole.
        """
        return cls(
            math.floor(left + _EPSILON),
            math.floor(top + _EPSILON),
            math.ceil(right - _EPSILON),
            math.ceil(bottom - _EPSILON),
        )


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
        return f"{plain(self.value)}{self.unit}"


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

    def around(self, box: Box, subject: Size) -> Box:
        """Return `box` with the margins added, percentages being of `subject`, whole pixels."""
        left = self.left.pixels(subject.width), self.right.pixels(subject.width)
        top = self.top.pixels(subject.height), self.bottom.pixels(subject.height)
        return box.padded(_round(left[0]), _round(top[0]), _round(left[1]), _round(top[1]))

    def __str__(self) -> str:
        if len(set(self)) == 1:
            return str(self.top)
        if self.top == self.bottom and self.left == self.right:
            return f"{self.top} {self.right}"
        return " ".join(map(str, self))


def _lengths(text: str, count: int) -> list[Length]:
    lengths = [Length.parse(word) for word in text.split()]
    if len(lengths) != count:
        raise ValueError(f"{len(lengths)} lengths were given, not {count}")
    return lengths


class Point(NamedTuple):
    """A pixel whose place is given by lengths, relative to a picture that is not known yet."""

    x: Length
    y: Length

    @classmethod
    def parse(cls, text: str) -> Point:
        """Read ``"x y"``.

        Raises
        ------
        ValueError
            Another count of lengths, or one that is none.
        """
        return cls(*_lengths(text, 2))

    def pixel(self, size: Size, option: str) -> tuple[int, int]:
        """Return column and row of the pixel in a picture of `size`.

        Pixels count from 0. 100 % is the far edge, and so the last pixel.

        Parameters
        ----------
        size : Size
        option : str
            What an error names.

        Raises
        ------
        OptionError
            The point lies outside.
        """
        place = []
        for length, limit in ((self.x, size.width), (self.y, size.height)):
            at = length.pixels(limit)
            if not 0 <= at <= limit or (at == limit and length.unit == "px"):
                grammar = f'"x y" inside the {size.width} × {size.height} pixels of the picture'
                raise OptionError(option, str(self), grammar, "the point lies outside")
            place.append(min(math.floor(at + _EPSILON), limit - 1))
        return place[0], place[1]

    def __str__(self) -> str:
        return f"{self.x} {self.y}"


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
        return cls(*_lengths(text, 4))

    @property
    def whole(self) -> bool:
        """Whether it is all of any picture."""
        return (
            self.x1.value == self.y1.value == 0
            and self.x2 == Length(100, "%")
            and self.y2 == Length(100, "%")
        )

    def box(self, size: Size, option: str = "roi") -> Box:
        """Return the region's pixels in a picture of `size`.

        Fractions of a pixel belong to the region. The right and bottom edge may equal width and
        height. A second corner that is not right of and below the first describes no pixel.

        Parameters
        ----------
        size : Size
        option : str
            What an error names.

        Raises
        ------
        OptionError
            For `roi` with the code ``roi_exceeds_bounds`` or ``roi_region_empty`` of the
            remove.bg API.
        """
        code = "roi_{}".format if option == "roi" else lambda _: None
        left, right = self.x1.pixels(size.width), self.x2.pixels(size.width)
        top, bottom = self.y1.pixels(size.height), self.y2.pixels(size.height)
        grammar = f'"x1 y1 x2 y2" inside the {size.width} × {size.height} pixels of the picture'
        for low, high, limit in ((left, right, size.width), (top, bottom, size.height)):
            if not (0 <= low <= limit and 0 <= high <= limit):
                reason = "the region exceeds the bounds of the picture"
                raise OptionError(option, str(self), grammar, reason, code=code("exceeds_bounds"))
        box = Box.covering(left, top, right, bottom)
        if right <= left or bottom <= top or box.empty:
            reason = "the region is empty: x1 must be left of x2, y1 above y2"
            raise OptionError(option, str(self), grammar, reason, code=code("region_empty"))
        return box

    def __str__(self) -> str:
        return " ".join(map(str, self))


class Position(NamedTuple):
    """Where a subject sits in its frame, in per cent of the free room (CSS background-position).

    0 % is flush left or top, 50 % centred, 100 % flush right or bottom.
    """

    x: float
    y: float

    def __str__(self) -> str:
        return f"{plain(self.x)}% {plain(self.y)}%"


class Aspect(NamedTuple):
    """A proportion of width and height."""

    width: float
    height: float

    @classmethod
    def parse(cls, text: str) -> Aspect:
        """Read ``"width:height"``.

        Raises
        ------
        ValueError
            Not two numbers above 0, or one more than 5 times the other.
        """
        parts = text.split(":")
        if len(parts) != 2:
            raise ValueError("two numbers with a colon between them are needed")
        aspect = cls(*map(float, parts))
        if not all(math.isfinite(each) and each > 0 for each in aspect):
            raise ValueError("both numbers must be above 0")
        # What strangers ask for must not need many times a picture's memory.
        if not 1 / 5 <= aspect.width / aspect.height <= 5:
            raise ValueError("one side is more than 5 times the other")
        return aspect

    def around(self, box: Box) -> Box:
        """Return the smallest box of this proportion, in whole pixels, with `box` in its middle."""
        width = max(box.width, _round(box.height * self.width / self.height))
        height = max(box.height, _round(box.width * self.height / self.width))
        left, top = (width - box.width) // 2, (height - box.height) // 2
        return box.padded(left, top, width - box.width - left, height - box.height - top)

    def __str__(self) -> str:
        return f"{plain(self.width)}:{plain(self.height)}"


class Placement(NamedTuple):
    """Where the pixels of a photo went: ``x * x_scale + dx``, ``y * y_scale + dy``.

    Attributes
    ----------
    size : Size
        The result's canvas.
    window : Box
        The part of the photo that this canvas shows, in the photo's pixels. It may reach outside
        the photo. Where subject and canvas were not scaled alike, only the subject follows the
        scale and offset below; the canvas still shows this part of the photo's background.
    x_scale, y_scale : float
        Result pixels per photo pixel.
    dx, dy : float
        Where the photo's upper left corner went.
    photo : Size
        Size of the photo itself.
    """

    size: Size
    window: Box
    x_scale: float
    y_scale: float
    dx: float
    dy: float
    photo: Size

    @classmethod
    def identity(cls, size: Size) -> Placement:
        """Return the placement that leaves a photo of `size` as it is."""
        return cls(size, size.box, 1.0, 1.0, 0.0, 0.0, size)

    @property
    def whole_pixels(self) -> bool:
        """Whether pixels are only moved, by whole numbers, so that none needs to be resampled."""
        unscaled = self.x_scale == 1 and self.y_scale == 1
        return unscaled and self.dx == math.floor(self.dx) and self.dy == math.floor(self.dy)

    def moved(self, box: Box) -> Box:
        """Return where a box of the photo went, in whole pixels, cut off at the canvas."""
        return Box.covering(
            box.left * self.x_scale + self.dx,
            box.top * self.y_scale + self.dy,
            box.right * self.x_scale + self.dx,
            box.bottom * self.y_scale + self.dy,
        ).intersection(self.size.box)

    def photo_box(self, box: Box) -> Box:
        """Return where a box of the result came from, in whole pixels of the photo."""
        return Box.covering(
            (box.left - self.dx) / self.x_scale,
            (box.top - self.dy) / self.y_scale,
            (box.right - self.dx) / self.x_scale,
            (box.bottom - self.dy) / self.y_scale,
        ).intersection(self.photo.box)


def _round(value: float) -> int:
    return math.floor(value + 0.5)


def fit_area(size: Size, limit: int) -> Size:
    """Return `size` scaled down to about `limit` pixels; unchanged where it is not larger.

    Both sides are multiplied by ``sqrt(limit / area)`` and rounded to nearest, as recorded answers
    of the remove.bg API do, so the result may exceed the limit by a fraction of a row.
    """
    if size.area <= limit:
        return size
    return size.scaled(math.sqrt(limit / size.area))
