"""Marks made one after the other, as with a brush: the later one counts where they overlap.

Marks that contradict each other are an error where all are given at once. Whoever works on a
picture paints over what was painted before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mattekit.geometry import Box, Size
from mattekit.hints import Hints, Marked, Stroke, stroke_of

__all__ = ["line", "overpaint", "part", "rectangle"]

#: Marks before which what was marked until then is remembered, so that thousands of them cost no
#: more than they did; those that were made later are known together, by the last state.
_EARLIER: Final = 256


def overpaint(
    marks: Iterable[tuple[bool, Marked]], size: Size, before: Hints | None = None
) -> Hints:
    """Return what marks mean together, and what they meant before each was made.

    Parameters
    ----------
    marks : iterable of (bool, Marked)
        Whether they belong to the subject, and where they are, in the order in which they came.
    size : Size
        Of the picture.
    before : Hints, optional
        What was marked before all of them.
    """
    before = before or Hints(size, Marked(), Marked())
    painted = {True: _Paint(before.keep), False: _Paint(before.remove)}
    earlier = list(before.earlier)
    for keep, marked in marks:
        if len(earlier) < _EARLIER and any(any(each.marked) for each in painted.values()):
            earlier.append(Hints(size, painted[True].marked, painted[False].marked))
        mine, other = painted[keep], painted[not keep]
        strokes = list(marked.strokes)
        if keep:
            mine.boxes += marked.boxes
        else:  # there is nothing in it: the same as a stroke that covers it
            strokes += map(rectangle, marked.boxes)
        for stroke in strokes:
            other.subtract(stroke)
        for x, y in marked.points:
            other.subtract(rectangle(Box(x, y, x + 1, y + 1)))
        mine.points += marked.points
        mine.strokes += strokes
    return Hints(size, painted[True].marked, painted[False].marked, tuple(earlier))


def line(points: Sequence[tuple[float, float]], width: float, size: Size) -> Stroke | None:
    """Return what a round brush covers that goes from point to point.

    Parameters
    ----------
    points : sequence of (float, float)
        In pixels of the picture, at least one.
    width : float
        Of the brush, in pixels; at least one pixel is drawn.
    size : Size
        Of the picture.

    Returns
    -------
    Stroke or None
        None where all of it lies outside.
    """
    width = max(1, round(width))
    box = _room(points, width / 2 + 1, size)
    if box.empty:
        return None
    image = Image.new("1", box.size)
    draw = ImageDraw.Draw(image)
    places = [(x - box.left, y - box.top) for x, y in points]
    if len(places) > 1:
        draw.line(places, fill=1, width=width)
    # Round where a stroke begins, ends and turns, and a dot where it does none of these.
    for x, y in places:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=1)
    return part(np.array(image), box)


def rectangle(box: Box) -> Stroke:
    """Return a stroke that covers a box."""
    return Stroke(box, np.ones((box.height, box.width), bool))


def part(mask: NDArray[np.bool_], box: Box) -> Stroke | None:
    """Return what is drawn in a box of the picture; None where nothing is."""
    found = stroke_of(mask)
    return found and Stroke(found.box.moved(box.left, box.top), found.mask)


# -- inside --------------------------------------------------------------------------------------


class _Paint:
    """What was marked for one purpose and not overpainted since."""

    def __init__(self, marked: Marked) -> None:
        self.points, self.boxes = list(marked.points), list(marked.boxes)
        self.strokes = list(marked.strokes)

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
    both = inside.moved(-stroke.box.left, -stroke.box.top).slices
    mask[both] &= ~other.mask[inside.moved(-other.box.left, -other.box.top).slices]
    return part(mask, stroke.box)


def _covers(stroke: Stroke, pixel: tuple[int, int]) -> bool:
    x, y = pixel
    left, top, right, bottom = stroke.box
    return left <= x < right and top <= y < bottom and bool(stroke.mask[y - top, x - left])


def _room(points: Sequence[tuple[float, float]], room: float, size: Size) -> Box:
    xs, ys = zip(*points, strict=True)
    box = Box.covering(min(xs) - room, min(ys) - room, max(xs) + room, max(ys) + room)
    return box.intersection(size.box)
