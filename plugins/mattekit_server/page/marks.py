"""From marks, made one after the other, to hints.

Hints that contradict each other are an error of the library. On a page the later mark simply wins
where it lies, as paint does. Each mark is drawn where it lies, however large the picture is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mattekit.geometry import Box, Size
from mattekit.hints import Hints, Marked, Stroke, stroke_of
from mattekit_server.page.edits import Mark

__all__ = ["hints_of"]


def hints_of(marks: tuple[Mark, ...], size: Size) -> Hints | None:
    """Return what marks mean in a picture of this size; None where nothing is marked."""
    painted = {True: Paint(), False: Paint()}
    for mark in marks:
        mine, other = painted[mark.keep], painted[not mark.keep]
        if mark.shape == "point":
            pixel = _pixel(mark, size)
            mine.points.append(pixel)
            other.subtract(_dot(pixel))
        elif mark.shape == "box" and mark.keep:
            mine.boxes.append(_box(mark, size))
        else:
            drawn = _drawn(mark, size)
            if drawn is not None:
                mine.strokes.append(drawn)
                other.subtract(drawn)
    keep, remove = painted[True].marked, painted[False].marked
    return Hints(size, keep, remove) if any((*keep, *remove)) else None


class Paint:
    """What was marked for one purpose and not overpainted since."""

    def __init__(self) -> None:
        self.points: list[tuple[int, int]] = []
        self.boxes: list[Box] = []
        self.strokes: list[Stroke] = []

    def subtract(self, drawn: Stroke) -> None:
        """Wipe off what lies under a stroke."""
        self.points = [each for each in self.points if not _covers(drawn, each)]
        left = (_without(each, drawn) for each in self.strokes)
        self.strokes = [each for each in left if each is not None]

    @property
    def marked(self) -> Marked:
        """What is left of it."""
        points = tuple(dict.fromkeys(self.points))
        return Marked(points, tuple(self.boxes), tuple(self.strokes))


def _without(stroke: Stroke, other: Stroke) -> Stroke | None:
    """Return a stroke without the pixels of another; None where none is left."""
    inside = stroke.box.intersection(other.box)
    if inside.empty:
        return stroke
    mask = stroke.mask.copy()
    part = inside.moved(-stroke.box.left, -stroke.box.top).slices
    mask[part] &= ~other.mask[inside.moved(-other.box.left, -other.box.top).slices]
    return _stroke(stroke.box, mask)


def _covers(stroke: Stroke, pixel: tuple[int, int]) -> bool:
    x, y = pixel
    left, top, right, bottom = stroke.box
    return left <= x < right and top <= y < bottom and bool(stroke.mask[y - top, x - left])


def _stroke(box: Box, mask: NDArray[np.bool_]) -> Stroke | None:
    """Return what is drawn in a part of the picture; None where nothing is."""
    found = stroke_of(mask)
    return found and Stroke(found.box.moved(box.left, box.top), found.mask)


def _dot(pixel: tuple[int, int]) -> Stroke:
    x, y = pixel
    return Stroke(Box(x, y, x + 1, y + 1), np.ones((1, 1), np.bool_))


def _pixel(mark: Mark, size: Size) -> tuple[int, int]:
    x, y = mark.points
    return _within(x, size.width), _within(y, size.height)


def _box(mark: Mark, size: Size) -> Box:
    """Return a box, at least a pixel large."""
    left, top, right, bottom = mark.points
    x, y = _within(left, size.width), _within(top, size.height)
    width = min(size.width, max(x + 1, round(right)))
    height = min(size.height, max(y + 1, round(bottom)))
    return Box(x, y, width, height)


def _drawn(mark: Mark, size: Size) -> Stroke | None:
    """Return what a mark covers; None where it lies outside."""
    width = 0 if mark.shape == "box" else max(1, round(mark.size))
    xs, ys = mark.points[::2], mark.points[1::2]
    room = width / 2 + 1
    box = Box.covering(min(xs) - room, min(ys) - room, max(xs) + room, max(ys) + room)
    box = box.intersection(size.box)
    if box.empty:
        return None
    image = Image.new("1", box.size)
    draw = ImageDraw.Draw(image)
    places = [(x - box.left, y - box.top) for x, y in zip(xs, ys, strict=True)]
    if mark.shape == "box":
        draw.rectangle(places, fill=1)
        return _stroke(box, np.array(image))
    if len(places) > 1:
        draw.line(places, fill=1, width=width)
    # Round where a stroke begins, ends and turns, and a dot where it does none of these.
    for x, y in places:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=1)
    return _stroke(box, np.array(image))


def _within(value: float, length: int) -> int:
    return min(length - 1, max(0, int(value)))
