"""What the page asks for: options by name, and marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from mattekit.errors import OptionError
from mattekit.geometry import Length, Margins
from mattekit.options import OPTIONS, Options
from mattekit_server.marks import Mark, read_marks
from mattekit_server.problems import invalid_request

__all__ = ["Edit", "has_marks", "page_options", "read_edit"]

#: Options that the page may choose, as far as this version of mattekit has them.
_NAMES: Final = (
    *("crop", "crop_margin", "scale", "position", "aspect"),
    *("bg_color", "bg_blur", "shadow_type", "shadow_opacity"),
    *("refine", "specks", "holes", "semitransparency", "decontaminate"),
    *("edge_shift", "edge_soften", "subjects"),
)
_OUTPUT: Final = ("format", "quality", "channels")


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
    allowed = {*page_options(), *_OUTPUT}
    for name, value in options.items():
        if name not in allowed:
            raise OptionError(name, value, "one of " + ", ".join(sorted(allowed)))
    if marks and not has_marks():
        raise OptionError("marks", len(marks), "none", "this server cannot be told what to keep")
    return Edit(Options.parse({**defaults, **options}), background, read_marks(marks))


def _scaled(length: Length, factor: float) -> Length:
    return length if length.unit == "%" else Length(length.value * factor, length.unit)
