"""From marks, made one after the other, to the options `keep` and `remove`.

Hints that contradict each other are an error of the library. On a page the later mark simply wins
where it lies, as paint does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mattekit.geometry import Size
from mattekit.options import Options
from mattekit_server.page.edits import Edit, Mark

__all__ = ["with_marks"]


def with_marks(edit: Edit, size: Size) -> Options:
    """Return the options of an edit, its marks among them.

    Parameters
    ----------
    edit : Edit
        Of a picture of this size.
    size : Size
        Of the picture, in pixels.
    """
    if not edit.marks:
        return edit.options
    painted = {True: Paint(size), False: Paint(size)}
    for mark in edit.marks:
        mine, other = painted[mark.keep], painted[not mark.keep]
        if mark.shape == "point":
            mine.points.append(_pixel(mark, size))
            other.clear(_pixel(mark, size))
        elif mark.shape == "box" and mark.keep:
            mine.boxes.append(_corners(mark, size))
        else:
            drawn = _drawn(mark, size)
            mine.add(drawn)
            other.subtract(drawn)
    return edit.options.updated({"keep": painted[True].hints, "remove": painted[False].hints})


class Paint:
    """What was marked for one purpose and not overpainted since.

    Parameters
    ----------
    size : Size
        Of the picture.
    """

    def __init__(self, size: Size) -> None:
        self.points: list[tuple[int, int]] = []
        self.boxes: list[str] = []
        self.strokes: NDArray[np.bool_] = np.zeros((size.height, size.width), np.bool_)

    def add(self, drawn: NDArray[np.bool_]) -> None:
        """Paint over."""
        self.strokes |= drawn

    def subtract(self, drawn: NDArray[np.bool_]) -> None:
        """Wipe off."""
        self.strokes &= ~drawn
        self.points = [(x, y) for x, y in self.points if not drawn[y, x]]

    def clear(self, pixel: tuple[int, int]) -> None:
        """Wipe one pixel off."""
        x, y = pixel
        self.strokes[y, x] = False
        self.points = [each for each in self.points if each != pixel]

    @property
    def hints(self) -> list[object]:
        """Values for `keep` or `remove`."""
        points = [f"{x}px {y}px" for x, y in dict.fromkeys(self.points)]
        strokes = [self.strokes] if self.strokes.any() else []
        return [*points, *self.boxes, *strokes]


def _pixel(mark: Mark, size: Size) -> tuple[int, int]:
    x, y = mark.points
    return _within(x, size.width), _within(y, size.height)


def _corners(mark: Mark, size: Size) -> str:
    """Return a box as an option has it, at least a pixel large."""
    left, top, right, bottom = mark.points
    x, y = _within(left, size.width), _within(top, size.height)
    width = min(size.width, max(x + 1, round(right)))
    height = min(size.height, max(y + 1, round(bottom)))
    return f"{x}px {y}px {width}px {height}px"


def _drawn(mark: Mark, size: Size) -> NDArray[np.bool_]:
    image = Image.new("1", size)
    draw = ImageDraw.Draw(image)
    if mark.shape == "box":
        draw.rectangle(mark.points, fill=1)
        return np.array(image)
    width = max(1, round(mark.size))
    places = list(zip(mark.points[::2], mark.points[1::2], strict=True))
    if len(places) > 1:
        draw.line(places, fill=1, width=width)
    # Round where a stroke begins, ends and turns, and a dot where it does none of these.
    for x, y in places:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=1)
    return np.array(image)


def _within(value: float, length: int) -> int:
    return min(length - 1, max(0, int(value)))
