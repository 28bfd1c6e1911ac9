"""Rectangles: selection, layer, canvas and the margins of a crop."""

import re
from typing import NamedTuple, Optional, Tuple

__all__ = ["Rect", "cut", "margins"]


class Rect(NamedTuple):
    """Half-open: `right` and `bottom` are one beyond the last pixel."""

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

    def moved(self, x: int, y: int) -> "Rect":
        """Return it as seen from a point that lies at (-x, -y)."""
        return Rect(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def common(self, other: "Rect") -> Optional["Rect"]:
        """Return what lies in both, or None."""
        rect = Rect(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )
        return rect if rect.width > 0 and rect.height > 0 else None

    def grown(self, by: Tuple[int, int, int, int]) -> "Rect":
        """Return it with so much more at left, top, right and bottom."""
        return Rect(self.left - by[0], self.top - by[1], self.right + by[2], self.bottom + by[3])


def cut(samples: bytes, width: int, rect: Rect) -> bytes:
    """Return a rectangle of a picture.

    Parameters
    ----------
    samples : bytes
        Row by row.
    width : int
        Bytes per row.
    rect : Rect
        In bytes horizontally, rows vertically.
    """
    if rect.left == 0 and rect.right == width:
        return samples[rect.top * width : rect.bottom * width]
    return b"".join(
        samples[y * width + rect.left : y * width + rect.right]
        for y in range(rect.top, rect.bottom)
    )


_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(px|%)?")


def margins(text: str, width: int, height: int) -> Tuple[int, int, int, int]:
    """Return the margins left, top, right and bottom in pixels.

    Parameters
    ----------
    text : str
        One, two or four lengths in px or %, as the option `crop_margin` takes them.
    width, height : int
        Of the subject, for per cent.

    Raises
    ------
    ValueError
        It is something else.
    """
    lengths = []
    for word in text.split():
        match = _LENGTH.fullmatch(word)
        if match is None or (match[2] is None and float(match[1])):
            raise ValueError("no margin: %r" % text)
        lengths.append((float(match[1]), match[2]))
    if len(lengths) not in (1, 2, 4):
        raise ValueError("no margin: %r" % text)
    top, right, bottom, left = (lengths * 4)[:4] if len(lengths) < 4 else lengths

    def pixels(length: Tuple[float, Optional[str]], whole: int) -> int:
        value, unit = length
        return round(value * whole / 100 if unit == "%" else value)

    return (
        pixels(left, width),
        pixels(top, height),
        pixels(right, width),
        pixels(bottom, height),
    )
