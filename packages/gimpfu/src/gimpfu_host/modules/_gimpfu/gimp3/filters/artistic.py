"""Artistic filters."""

from typing import Any, Dict

from gi.repository import Gimp

from _gimpfu.gimp3 import values
from _gimpfu.gimp3.filters.base import Filter, either, opaque, register, registered, simple

register("plug-in-cartoon", simple("gegl:cartoon", "mask-radius", "pct-black"))
register(
    "plug-in-photocopy", simple("gegl:photocopy", "mask-radius", "sharpness", "black", "white")
)
register("plug-in-softglow", simple("gegl:softglow", "glow-radius", "brightness", "sharpness"))


@registered("plug-in-apply-canvas")
def _canvas(drawable: Any, direction: int, depth: int) -> Filter:
    corner = either("top-right top-left bottom-left bottom-right", direction)
    return Filter("gegl:texturize-canvas", {"direction": corner, "depth": depth})


@registered("plug-in-cubism")
def _cubism(drawable: Any, size: float, saturation: float, black: int) -> Filter:
    given: Dict[str, Any] = {"tile-size": size, "tile-saturation": saturation}
    # The colour between the tiles: none, or black.
    given["bg-color"] = values.color((0, 0, 0, 0 if black == 0 and drawable.has_alpha() else 1))
    return Filter("gegl:cubism", given)


@registered("plug-in-oilify")
def _oilify(drawable: Any, size: int, mode: int) -> Filter:
    given: Dict[str, Any] = {"mask-radius": max(1, size // 2), "use-inten": bool(mode)}
    return Filter("gegl:oilify", given)


@registered("plug-in-oilify-enhanced")
def _oilify_enhanced(
    drawable: Any, mode: int, size: int, size_map: int, exponent: int, exponent_map: int
) -> Filter:
    given: Dict[str, Any] = {
        "mask-radius": max(1, size // 2),
        "use-inten": bool(mode),
        "exponent": exponent,
    }
    return Filter("gegl:oilify", given, (size_map, exponent_map))


@registered("plug-in-mosaic")
def _mosaic(drawable: Any, *given: Any) -> Filter:
    size, height, spacing, neatness, split, light, variation, antialias = given[:8]
    averaging, kind, surface, grout = given[8:]
    made: Dict[str, Any] = {
        "tile-size": size,
        "tile-height": height,
        "tile-spacing": max(0.1, spacing),
        "tile-neatness": neatness,
        "tile-allow-split": bool(split),
        "light-dir": light,
        "color-variation": variation,
        "antialiasing": bool(antialias),
        "color-averaging": bool(averaging),
        "tile-type": either("squares hexagons octagons triangles", kind),
        "tile-surface": bool(surface),
    }
    if grout:
        made["joints-color"] = Gimp.context_get_background()
        made["light-color"] = Gimp.context_get_foreground()
    else:
        made["joints-color"] = values.color((0, 0, 0, 1))
        made["light-color"] = values.color((1, 1, 1, 1))
    return Filter("gegl:mosaic", made)


@registered("plug-in-illusion")
def _illusion(drawable: Any, division: int, kind: int) -> Filter:
    given: Dict[str, Any] = {"division": division, "illusion-type": either("type1 type2", kind)}
    return Filter("gegl:illusion", given)


@registered("plug-in-papertile")
def _paper(drawable: Any, size: int, move: float, *given: Any) -> Filter:
    kind, wrap, centring, background, color, _ = given
    names = "transparent invert image color color color"
    made: Dict[str, Any] = {
        "tile-width": size,
        "tile-height": size,
        "move-rate": min(100.0, max(1.0, move)),
        "fractional-type": either("background ignore force", kind),
        "wrap-around": bool(wrap),
        "centering": bool(centring),
        "background-type": either(names, background),
        "bg-color": opaque(color),
    }
    return Filter("gegl:tile-paper", made)


@registered("plug-in-newsprint")
def _newsprint(drawable: Any, width: int, model: int, *given: Any) -> Filter:
    pullout, gray, gray_spot, red, red_spot, green, green_spot, blue, blue_spot, samples = given
    spots = "circle line diamond pssquare cross"
    made: Dict[str, Any] = {
        "color-model": either("black-on-white rgb cmyk black-on-white", model),
        "black-pullout": pullout / 100,
        "aa-samples": max(1, samples),
    }
    parts = [("", gray, gray_spot), ("2", red, red_spot)]
    parts += [("3", green, green_spot), ("4", blue, blue_spot)]
    for suffix, angle, spot in parts:
        made["period" + suffix] = float(width)
        made["angle" + suffix] = (angle + 180) % 360 - 180
        made["pattern" + suffix] = either(spots, spot)
    return Filter("gegl:newsprint", made)
