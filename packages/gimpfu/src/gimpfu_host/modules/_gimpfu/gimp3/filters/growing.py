"""Growing: one colour into the next."""

from typing import Any

from gi.repository import Gimp

from _gimpfu.gimp3.filters.base import Filter, Make, either, register


def _propagating(mode: str) -> Make:
    def make(
        drawable: Any, kind: int, channels: int, rate: float, sides: int, low: int, high: int
    ) -> Filter:
        given = {
            "mode": mode or either("white black middle color-peak color opaque transparent", kind),
            "lower-threshold": low / 255,
            "upper-threshold": high / 255,
            "rate": rate,
            "top": bool(sides & 8),
            "left": bool(sides & 4),
            "right": bool(sides & 1),
            "bottom": bool(sides & 2),
            "value": bool(channels & 1) or not channels & 3,
            "alpha": bool(channels & 2) or not channels & 3,
            "color": Gimp.context_get_foreground(),
        }
        return Filter("gegl:value-propagate", given)

    return make


register("plug-in-dilate", _propagating("white"))
register("plug-in-erode", _propagating("black"))
register("plug-in-vpropagate", _propagating(""))
