"""From marks, made one after the other, to the options `keep` and `remove`.

Hints that contradict each other are an error of the library. On a page the later mark simply wins
where it lies, as paint does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mattekit.geometry import Box, Size
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
            box, drawn = _drawn(mark, size)
            mine.add(box, drawn)
            other.subtract(box, drawn)
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

    def add(self, box: Box, drawn: NDArray[np.bool_]) -> None:
        """Paint over what is drawn in a part of the picture."""
        self.strokes[box.slices] |= drawn

    def subtract(self, box: Box, drawn: NDArray[np.bool_]) -> None:
        """Wipe off what is drawn in a part of the picture."""
        self.strokes[box.slices] &= ~drawn
        self.points = [
            (x, y)
            for x, y in self.points
            if not (
                box.left <= x < box.right
                and box.top <= y < box.bottom
                and drawn[y - box.top, x - box.left]
            )
        ]

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


def _drawn(mark: Mark, size: Size) -> tuple[Box, NDArray[np.bool_]]:
    """Return the part of the picture that a mark reaches into, and what it covers there."""
    width = 0 if mark.shape == "box" else max(1, round(mark.size))
    xs, ys = mark.points[::2], mark.points[1::2]
    room = width / 2 + 1
    box = Box.covering(min(xs) - room, min(ys) - room, max(xs) + room, max(ys) + room)
    box = box.intersection(size.box)
    if box.empty:
        return Box(0, 0, 0, 0), np.zeros((0, 0), np.bool_)
    image = Image.new("1", box.size)
    draw = ImageDraw.Draw(image)
    places = [(x - box.left, y - box.top) for x, y in zip(xs, ys, strict=True)]
    if mark.shape == "box":
        draw.rectangle(places, fill=1)
        return box, np.array(image)
    if len(places) > 1:
        draw.line(places, fill=1, width=width)
    # Round where a stroke begins, ends and turns, and a dot where it does none of these.
    for x, y in places:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=1)
    return box, np.array(image)


def _within(value: float, length: int) -> int:
    return min(length - 1, max(0, int(value)))
