"""Marks as JSON has them: points, boxes and lines, in pixels of the upright picture.

How many there may be is bounded before they are drawn. Each is drawn where it lies, however large
the picture is.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

from mattekit import painting
from mattekit.geometry import Box, Size
from mattekit.hints import Hints, Marked
from mattekit_server.problems import invalid_request

__all__ = ["MARK_VALUES", "Mark", "hints_of", "marked_of", "read_marks"]

_MARKS: Final = 5_000
_NUMBERS: Final = 500_000
_FARTHEST: Final = 1e6
#: Values in JSON that has as many marks as there may be, and something besides.
MARK_VALUES: Final = _NUMBERS + 10 * _MARKS

Shape = Literal["point", "box", "stroke"]


class Mark(NamedTuple):
    """A place that somebody pointed at.

    Attributes
    ----------
    keep : bool
        Whether it is subject.
    shape : {"point", "box", "stroke"}
        What `points` are: one, two corners, or a line.
    points : tuple of float
        x, y, x, y, …
    size : float
        Width of a stroke.
    """

    keep: bool
    shape: Shape
    points: tuple[float, ...]
    size: float = 0.0

    def scaled(self, factor: float) -> Mark:
        """Return the mark on a picture of another size."""
        points = tuple(value * factor for value in self.points)
        return self._replace(points=points, size=self.size * factor)


def read_marks(marks: list[Any]) -> tuple[Mark, ...]:
    """Return the meaning of ``[{"keep": …, "shape": "…", "points": […], "size": …}, …]``.

    Raises
    ------
    Problem
        Something else, or too many.
    """
    if len(marks) > _MARKS:
        raise invalid_request(f"More than {_MARKS} marks.")
    read = tuple(_mark(each) for each in marks)
    if sum(len(mark.points) for mark in read) > _NUMBERS:
        raise invalid_request(f"Marks of more than {_NUMBERS} numbers.")
    return read


def hints_of(marks: tuple[Mark, ...], size: Size) -> Hints | None:
    """Return what marks mean in a picture of this size; None where nothing is marked."""
    hints = painting.overpaint(((mark.keep, marked_of(mark, size)) for mark in marks), size)
    return hints if any((*hints.keep, *hints.remove)) else None


def marked_of(mark: Mark, size: Size) -> Marked:
    """Return the pixels of a mark; marks that reach beyond the picture end there."""
    if mark.shape == "point":
        x, y = mark.points
        return Marked(points=((_within(x, size.width), _within(y, size.height)),))
    if mark.shape == "box":
        return Marked(boxes=(_box(mark, size),))
    places = list(zip(mark.points[::2], mark.points[1::2], strict=True))
    drawn = painting.line(places, mark.size, size)
    return Marked() if drawn is None else Marked(strokes=(drawn,))


def _box(mark: Mark, size: Size) -> Box:
    """Return a box, at least a pixel large."""
    left, top, right, bottom = mark.points
    x, y = _within(left, size.width), _within(top, size.height)
    width = min(size.width, max(x + 1, round(right)))
    height = min(size.height, max(y + 1, round(bottom)))
    return Box(x, y, width, height)


def _within(value: float, length: int) -> int:
    return min(length - 1, max(0, int(value)))


def _mark(value: object) -> Mark:
    if not isinstance(value, dict):
        raise invalid_request("A mark is an object.")
    shape: Any = value.get("shape")
    points, size = value.get("points"), value.get("size", 0)
    counts = {"point": (2, 2), "box": (4, 4), "stroke": (2, _NUMBERS)}
    count = counts.get(shape) if isinstance(shape, str) else None
    if count is None or not isinstance(points, list) or not _finite([*points, size]):
        raise invalid_request("A mark has a shape (point, box, stroke), points and a size.")
    least, most = count
    if not least <= len(points) <= most or len(points) % 2 or size < 0:
        raise invalid_request(f"A {shape} of {len(points)} numbers is none.")
    places = tuple(map(float, points))
    if shape == "box":
        xs, ys = sorted(places[::2]), sorted(places[1::2])
        places = (xs[0], ys[0], xs[1], ys[1])
    return Mark(bool(value.get("keep")), shape, places, float(size))


def _finite(values: list[object]) -> bool:
    return all(
        isinstance(each, int | float) and -_FARTHEST <= each <= _FARTHEST  # nor what is no number
        for each in values
    )
