"""What the library is told where the page was drawn on."""

from __future__ import annotations

from mattekit.geometry import Size
from mattekit.options import Options
from mattekit_server.marks import hints_of
from mattekit_server.page.edits import Edit

__all__ = ["with_marks"]


def with_marks(edit: Edit, size: Size) -> Options:
    """Return the options of an edit of a picture, its marks among them."""
    hints = hints_of(edit.marks, size)
    if hints is None:
        return edit.options
    return edit.options.updated({"keep": [hints]})
