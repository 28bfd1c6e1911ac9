"""Edges."""

from typing import Any, Dict, List

from _gimpfu.gimp3.filters.base import Filter, either, register, registered, simple
from _gimpfu.gimp3.filters.colors import normalized

register("plug-in-laplace", simple("gegl:edge-laplace"))
register("plug-in-neon", simple("gegl:edge-neon", "radius", "amount"))
register("plug-in-sobel", simple("gegl:edge-sobel", "horizontal", "vertical", "keep-sign"))


@registered("plug-in-dog")
def _differences(
    drawable: Any, inner: float, outer: float, normalize: int, invert: int
) -> List[Filter]:
    made = [Filter("gegl:difference-of-gaussians", {"radius1": outer, "radius2": inner})]
    if normalize:
        made.append(normalized())
    if invert:
        made.append(Filter("gegl:invert-gamma", {}))
    return made


@registered("plug-in-edge")
def _edge(drawable: Any, amount: float, border: int, algorithm: int) -> Filter:
    names = "sobel prewitt gradient roberts differential laplace"
    given: Dict[str, Any] = {"algorithm": either(names, algorithm), "amount": amount}
    # Counted from 1, as the old filter's buttons.
    given["border-behavior"] = {1: "loop", 2: "clamp"}.get(border, "black")
    return Filter("gegl:edge", given)
