"""What the library is told where the page was drawn on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mattekit.geometry import Size
from mattekit.hints import Marked
from mattekit.options import Options
from mattekit_server.marks import hints_of
from mattekit_server.page.edits import Edit

__all__ = ["with_marks"]


def with_marks(edit: Edit, size: Size) -> Options:
    """Return the options of an edit of a picture, its marks among them."""
    hints = hints_of(edit.marks, size)
    if hints is None:
        return edit.options
    keep, remove = (list(_values(marked, size)) for marked in (hints.keep, hints.remove))
    return edit.options.updated({"keep": keep, "remove": remove})


def _values(marked: Marked, size: Size) -> Iterator[object]:
    for x, y in marked.points:
        yield f"{x}px {y}px"
    for box in marked.boxes:
        yield " ".join(f"{edge}px" for edge in box)
    for box, mask in marked.strokes:
        whole = np.zeros((size.height, size.width), np.bool_)
        whole[box.slices] = mask
        yield whole
