"""Looking twice at frame after frame: the part that is shown again must not jump about."""

from __future__ import annotations

from typing import Final

from mattekit.geometry import Box
from mattekit.matting import zoom_box

__all__ = ["SteadyBox"]

#: Context that must be left around the subject, as a share of its sides.
_LEAST_CONTEXT: Final = 0.05
#: A box stays until what would be chosen anew has less than this share of its area.
_LEAST_SHARE: Final = 0.6


class SteadyBox:
    """Chooses where a network looks again, as `mattekit.matting.zoom_box`, with a memory.

    The box of the last frame stays as long as the subject lies well inside and does not become
    much smaller. Mattes of successive frames then have the same samples in the same places.
    """

    def __init__(self) -> None:
        self._last: tuple[Box, Box] | None = None

    def __call__(self, subject: Box, view: Box) -> Box:
        """Return the box for a subject seen in a view; see `mattekit.matting.zoom_box`."""
        box = zoom_box(subject, view)
        if self._last is not None and self._last[0] == view:
            last = self._last[1]
            across = round(subject.width * _LEAST_CONTEXT)
            down = round(subject.height * _LEAST_CONTEXT)
            needed = subject.padded(across, down, across, down).intersection(view)
            if last.union(needed) == last and box.size.area >= _LEAST_SHARE * last.size.area:
                return last
        self._last = view, box
        return box
