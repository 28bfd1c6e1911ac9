"""How large results in a format may be."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from mattekit.errors import OptionError
from mattekit.formats import WRITTEN

__all__ = ["check_side"]


def check_side(name: str, pixels: NDArray[Any]) -> None:
    """Refuse pixels that are wider or higher than a format can hold."""
    height, width = pixels.shape[:2]
    limit = WRITTEN[name].max_side
    if limit is not None and max(height, width) > limit:
        raise OptionError(
            "format", name, "png or tiff", f"{width} × {height} pixels, at most {limit} a side"
        )
