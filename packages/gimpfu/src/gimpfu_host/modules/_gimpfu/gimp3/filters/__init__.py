"""2.10's filter procedures, done by the GEGL operations that GIMP 3 left of them.

Each takes the arguments that followed run-mode, image and drawable, and gives an operation and its
properties. Checked against GIMP 2.10 itself: `tests/real/test_filters.py`. The modules are named
after the headings of GIMP's menu; each registers its own filters.
"""

from typing import Any, Sequence

from gi.repository import Gimp

from _gimpfu.gimp3 import values
from _gimpfu.gimp3.filters import (  # noqa: F401
    artistic,
    blur,
    colors,
    distortion,
    edges,
    growing,
    noise,
)
from _gimpfu.gimp3.filters.base import FILTERS, Filter
from _gimpfu.gimp3.perceptual import perceptually

__all__ = ["FILTERS", "Unknown", "apply"]

#: Those that 2.10 ran on encoded values.
PERCEPTUAL = frozenset(
    "plug-in-" + name
    for name in (
        *("blur", "colorify", "convmatrix", "sharpen", "sobel"),
        *("gauss", "gauss-iir", "gauss-iir2", "gauss-rle", "gauss-rle2"),
    )
)


class Unknown(Exception):
    """There is no such operation in the running GIMP."""


def apply(name: str, drawable: Any, given: Sequence[Any]) -> None:
    """Do what the procedure did: change the selected part of the drawable for good."""
    made = FILTERS[name](drawable, *given)
    steps = made if isinstance(made, list) else [made]

    def run(target: Any) -> None:
        for one in steps:
            if not _merge(target, one):
                raise Unknown("%s: this GIMP has no %s" % (name, one.operation))

    if name in PERCEPTUAL and not any(one.aux for one in steps):
        perceptually(drawable, run)
    else:
        run(drawable)


def _merge(drawable: Any, one: Filter) -> bool:
    made = Gimp.DrawableFilter.new(drawable, one.operation, one.operation)
    if made is None:
        return False
    config = made.get_config()
    for key, value in one.properties.items():
        values.set_property(config, key, value)
    for i, other in enumerate(one.aux):
        if other >= 0:
            made.set_aux_input("aux" if i == 0 else "aux%d" % (i + 1), values.item(other))
    size = drawable.get_width(), drawable.get_height()
    _, left, top = drawable.get_offsets()
    drawable.merge_filter(made)
    if (drawable.get_width(), drawable.get_height()) != size:
        # GIMP 3 lets a layer grow by what reaches over its edge; 2.10 did not.
        _, x, y = drawable.get_offsets()
        drawable.resize(*size, x - left, y - top)
    return True
