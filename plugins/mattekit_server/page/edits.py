"""What the page asks for: options by name, and marks, which are points, boxes and strokes.

Marks are in pixels of the upright picture. How many there may be is bounded before they are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from mattekit.errors import OptionError
from mattekit.geometry import Length, Margins
from mattekit.options import OPTIONS, Options
from mattekit_server.problems import invalid_request

__all__ = ["Edit", "Mark", "has_marks", "page_options", "read_edit"]

#: Options that the page may choose, as far as this version of mattekit has them.
_NAMES: Final = (
    *("crop", "crop_margin", "scale", "position", "aspect"),
    *("bg_color", "bg_blur", "shadow_type", "shadow_opacity"),
    *("refine", "specks", "holes", "semitransparency", "decontaminate"),
    *("edge_shift", "edge_soften", "subjects"),
)
_OUTPUT: Final = ("format", "quality", "channels")
_MARKS: Final = 5_000
_NUMBERS: Final = 500_000
_FARTHEST: Final = 1e6

Shape = Literal["point", "box", "stroke"]


class Mark(NamedTuple):
    """A place that someone pointed at.

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


class Edit(NamedTuple):
    """All that was asked of a picture.

    Attributes
    ----------
    options : Options
        Checked.
    background : str
        Which of the visitor's own background pictures; empty = none.
    marks : tuple of Mark
        In the order in which they were made.
    """

    options: Options
    background: str = ""
    marks: tuple[Mark, ...] = ()

    def scaled(self, factor: float) -> Edit:
        """Return the edit of a picture of another size: what is in pixels follows."""
        options = self.options
        margins = Margins(*(_scaled(each, factor) for each in options.crop_margin))
        return self._replace(
            options=options.replace(
                crop_margin=margins,
                edge_shift=_scaled(options.edge_shift, factor),
                edge_soften=_scaled(options.edge_soften, factor),
            ),
            marks=tuple(mark.scaled(factor) for mark in self.marks),
        )


def page_options() -> list[str]:
    """Return the names of the options that the page may choose."""
    return [name for name in _NAMES if name in OPTIONS]


def has_marks() -> bool:
    """Return whether this version of mattekit can be told what to keep and what to remove."""
    return {"keep", "remove"} <= OPTIONS.keys()


def read_edit(body: Mapping[str, Any], defaults: Mapping[str, object]) -> Edit:
    """Return the meaning of a body ``{"options": {…}, "background": "…", "marks": […]}``.

    Parameters
    ----------
    body : mapping
        As it arrived.
    defaults : mapping of str to object
        Options that the server decides about.

    Raises
    ------
    Problem
        A body of another shape, or too many marks.
    OptionError
        An option that there is not, or a value that it does not accept.
    """
    options, marks = body.get("options", {}), body.get("marks", [])
    background = body.get("background", "")
    if not isinstance(options, dict) or not isinstance(marks, list):
        raise invalid_request("Expected options as an object and marks as an array.")
    if not isinstance(background, str):
        raise invalid_request("Expected the name of a background.")
    if len(marks) > _MARKS:
        raise invalid_request(f"More than {_MARKS} marks.")
    allowed = {*page_options(), *_OUTPUT}
    for name, value in options.items():
        if name not in allowed:
            raise OptionError(name, value, "one of " + ", ".join(sorted(allowed)))
    if marks and not has_marks():
        raise OptionError("marks", len(marks), "none", "this server cannot be told what to keep")
    read = tuple(_mark(each) for each in marks)
    if sum(len(mark.points) for mark in read) > _NUMBERS:
        raise invalid_request(f"Marks of more than {_NUMBERS} numbers.")
    return Edit(Options.parse({**defaults, **options}), background, read)


def _mark(value: object) -> Mark:
    if not isinstance(value, dict):
        raise invalid_request("A mark is an object.")
    shape, points, size = value.get("shape"), value.get("points"), value.get("size", 0)
    counts = {"point": (2, 2), "box": (4, 4), "stroke": (2, _NUMBERS)}
    if shape not in counts or not isinstance(points, list) or not _finite([*points, size]):
        raise invalid_request("A mark has a shape (point, box, stroke), points and a size.")
    least, most = counts[shape]
    if not least <= len(points) <= most or len(points) % 2 or size < 0:
        raise invalid_request(f"A {shape} of {len(points)} numbers is none.")
    places = tuple(map(float, points))
    if shape == "box":
        xs, ys = sorted(places[::2]), sorted(places[1::2])
        places = (xs[0], ys[0], xs[1], ys[1])
    return Mark(bool(value.get("keep")), shape, places, float(size))


def _finite(values: list[object]) -> bool:
    return all(
        isinstance(each, int | float) and math.isfinite(each) and abs(each) <= _FARTHEST
        for each in values
    )


def _scaled(length: Length, factor: float) -> Length:
    return length if length.unit == "%" else Length(length.value * factor, length.unit)
