"""Light and distortion."""

from typing import Any, Dict, Sequence

from gi.repository import Gimp

from _gimpfu.gimp3 import values
from _gimpfu.gimp3.filters.base import (
    Filter,
    Make,
    either,
    opaque,
    register,
    registered,
    share,
    simple,
)

register("plug-in-glasstile", simple("gegl:tile-glass", "tile-width", "tile-height"))
register("plug-in-make-seamless", simple("gegl:tile-seamless"))
register(
    "plug-in-diffraction",
    simple(
        "gegl:diffraction-patterns",
        *("red-frequency", "green-frequency", "blue-frequency"),
        *("red-contours", "green-contours", "blue-contours"),
        *("red-sedges", "green-sedges", "blue-sedges"),
        *("brightness", "scattering", "polarization"),
    ),
)
register(
    "plug-in-lens-distortion",
    simple("gegl:lens-distortion", "x-shift", "y-shift", "main", "edge", "zoom", "brighten"),
)


@registered("plug-in-bump-map")
def _bump_map(drawable: Any, map: int, azimuth: float, elevation: float, *given: Any) -> Filter:
    depth, x, y, water, ambient, compensate, invert, kind = given
    made: Dict[str, Any] = {
        "azimuth": azimuth,
        "elevation": elevation,
        "depth": depth,
        "offset-x": x,
        "offset-y": y,
        # 0 to 255 was the range of these two, though they were floats.
        "waterlevel": min(1.0, water / 255 if water > 1 else water),
        "ambient": min(1.0, ambient / 255 if ambient > 1 else ambient),
        "compensate": bool(compensate),
        "invert": bool(invert),
        "type": either("linear spherical sinusoidal", kind),
        "tiled": False,
    }
    return Filter("gegl:bump-map", made, (map,))


@registered("plug-in-bump-map-tiled")
def _bump_map_tiled(drawable: Any, *given: Any) -> Filter:
    made = _bump_map(drawable, *given)
    made.properties["tiled"] = True
    return Filter(*made)


def _displacing(mode: str) -> Make:
    def make(drawable: Any, x: float, y: float, do_x: int, do_y: int, *given: int) -> Filter:
        map_x, map_y, edge = given
        made = {
            "displace-mode": mode,
            "amount-x": x if do_x else 0.0,
            "amount-y": y if do_y else 0.0,
            "abyss-policy": {1: "loop", 2: "clamp"}.get(edge, "none" if edge == 3 else "clamp"),
        }
        return Filter("gegl:displace", made, (map_x if do_x else -1, map_y if do_y else -1))

    return make


register("plug-in-displace", _displacing("cartesian"))
register("plug-in-displace-polar", _displacing("polar"))


@registered("plug-in-emboss")
def _emboss(drawable: Any, azimuth: float, elevation: float, depth: int, emboss: int) -> Filter:
    given: Dict[str, Any] = {"azimuth": azimuth, "elevation": elevation, "depth": depth}
    return Filter("gegl:emboss", {**given, "type": "emboss" if emboss else "bumpmap"})


@registered("plug-in-flarefx")
def _flare(drawable: Any, x: int, y: int) -> Filter:
    share_x, share_y = share(drawable, x, y)
    return Filter("gegl:lens-flare", {"pos-x": share_x, "pos-y": share_y})


@registered("plug-in-nova")
def _nova(
    drawable: Any, x: int, y: int, color: Sequence[float], radius: int, spokes: int, hue: int
) -> Filter:
    share_x, share_y = share(drawable, x, y)
    given: Dict[str, Any] = {"center-x": share_x, "center-y": share_y, "color": opaque(color)}
    given.update({"radius": radius, "spokes-count": spokes, "random-hue": hue})
    return Filter("gegl:supernova", given)


@registered("plug-in-applylens")
def _lens(drawable: Any, index: float, keep: int, background: int, transparent: int) -> Filter:
    given: Dict[str, Any] = {"refraction-index": index, "keep-surroundings": bool(keep)}
    if background:
        given["background-color"] = Gimp.context_get_background()
    elif transparent:
        if not drawable.has_alpha():
            drawable.add_alpha()
        given["background-color"] = values.color((0, 0, 0, 0))
    return Filter("gegl:apply-lens", given)


@registered("plug-in-polar-coords")
def _polar(
    drawable: Any, circle: float, angle: float, backwards: int, inverse: int, polar: int
) -> Filter:
    given: Dict[str, Any] = {"depth": circle, "angle": angle, "bw": bool(backwards)}
    return Filter("gegl:polar-coordinates", {**given, "top": bool(inverse), "polar": bool(polar)})


@registered("plug-in-ripple")
def _ripple(drawable: Any, period: int, amplitude: int, *given: int) -> Filter:
    orientation, edges, wave, antialias, tile = given
    made: Dict[str, Any] = {
        "amplitude": float(amplitude),
        "period": float(period),
        "angle": 0.0 if orientation else 90.0,
        "sampler-type": "cubic" if antialias else "nearest",
        "wave-type": either("sawtooth sine", wave),
        "abyss-policy": either("clamp loop none", edges),
        "tileable": bool(tile),
    }
    return Filter("gegl:ripple", made)


@registered("plug-in-shift")
def _shift(drawable: Any, amount: int, orientation: int) -> Filter:
    direction = either("horizontal vertical", orientation)
    return Filter("gegl:shift", {"shift": amount, "direction": direction})


@registered("plug-in-waves")
def _waves(
    drawable: Any, amplitude: float, phase: float, wavelength: float, kind: int, reflective: int
) -> Filter:
    given: Dict[str, Any] = {
        "amplitude": amplitude,
        "phi": phase / 360,
        "period": max(0.1, wavelength * 2),
    }
    aspect = drawable.get_width() / drawable.get_height()
    return Filter("gegl:waves", {**given, "aspect": aspect, "clamp": kind == 0 or bool(reflective)})


@registered("plug-in-whirl-pinch")
def _whirl(drawable: Any, whirl: float, pinch: float, radius: float) -> Filter:
    return Filter("gegl:whirl-pinch", {"whirl": whirl, "pinch": pinch, "radius": radius})


@registered("plug-in-wind")
def _wind(
    drawable: Any, threshold: int, direction: int, strength: int, algorithm: int, edge: int
) -> Filter:
    given: Dict[str, Any] = {"threshold": threshold, "strength": strength}
    given["direction"] = either("left right", direction)
    given["style"] = either("wind blast", algorithm)
    given["edge"] = either("both leading trailing", edge)
    return Filter("gegl:wind", given)


@registered("plug-in-engrave")
def _engrave(drawable: Any, height: int, limit: int) -> Filter:
    return Filter("gegl:engrave", {"row-height": height, "limit": bool(limit)})


@registered("plug-in-deinterlace")
def _deinterlace(drawable: Any, even: int) -> Filter:
    return Filter("gegl:deinterlace", {"keep": either("even odd", 1 - even)})


@registered("plug-in-pixelize")
def _pixelize(drawable: Any, size: int) -> Filter:
    return Filter("gegl:pixelize", {"size-x": size, "size-y": size})


@registered("plug-in-pixelize2")
def _pixelize_both(drawable: Any, width: int, height: int) -> Filter:
    return Filter("gegl:pixelize", {"size-x": width, "size-y": height})


@registered("plug-in-video")
def _video(drawable: Any, pattern: int, additive: int, rotated: int) -> Filter:
    names = "staggered large-staggered striped wide-striped long-staggered"
    names += " 3x3 large-3x3 hex dots"
    given: Dict[str, Any] = {"pattern": either(names, pattern), "additive": bool(additive)}
    return Filter("gegl:video-degradation", {**given, "rotated": bool(rotated)})


@registered("plug-in-red-eye-removal")
def _red_eye(drawable: Any, threshold: int) -> Filter:
    return Filter("gegl:red-eye-removal", {"threshold": threshold / 100 * 0.8})
