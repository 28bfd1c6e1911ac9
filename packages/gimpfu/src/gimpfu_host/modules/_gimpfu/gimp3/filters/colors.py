"""Colours."""

from typing import Any, Dict, Sequence

from _gimpfu.gimp3.filters.base import Filter, either, opaque, register, registered, simple

register("plug-in-autostretch-hsv", simple("gegl:stretch-contrast-hsv"))
register("plug-in-color-enhance", simple("gegl:color-enhance"))
register("plug-in-vinvert", simple("gegl:value-invert"))


@registered("plug-in-alienmap2")
def _alien_map(drawable: Any, *given: Any) -> Filter:
    red, red_angle, green, green_angle, blue, blue_angle, model, *keep = given
    made: Dict[str, Any] = {"color-model": either("rgb hsl", model)}
    pairs = ((red, red_angle), (green, green_angle), (blue, blue_angle))
    for i, (frequency, angle) in enumerate(pairs):
        made["cpn-%d-frequency" % (i + 1)] = frequency
        made["cpn-%d-phaseshift" % (i + 1)] = angle % 360
        made["cpn-%d-keep" % (i + 1)] = not keep[i]
    return Filter("gegl:alien-map", made)


@registered("plug-in-c-astretch")
def _stretch(drawable: Any) -> Filter:
    return Filter("gegl:stretch-contrast", {"keep-colors": False, "perceptual": False})


@registered("plug-in-normalize")
def _normalize(drawable: Any) -> Filter:
    return normalized()


def normalized() -> Filter:
    """Return the filter that stretches all channels alike."""
    return Filter("gegl:stretch-contrast", {"keep-colors": True, "perceptual": True})


@registered("plug-in-colorify")
def _colorify(drawable: Any, color: Sequence[float]) -> Filter:
    # Brightness of a grey picture times the colour.
    made: Dict[str, Any] = {}
    weights = (0.2126, 0.7152, 0.0722)
    for row, part in zip("rgb", color):
        for column, weight in zip("rgb", weights):
            made["%s%s-gain" % (row, column)] = weight * part
    return Filter("gegl:channel-mixer", made)


@registered("plug-in-colors-channel-mixer")
def _mixer(drawable: Any, monochrome: int, *gains: float) -> Filter:
    if monochrome:
        given = dict(zip(("red", "green", "blue"), gains))
        return Filter("gegl:mono-mixer", {**given, "preserve-luminosity": False})
    keys = [row + column + "-gain" for row in "rgb" for column in "rgb"]
    return Filter("gegl:channel-mixer", dict(zip(keys, gains)))


@registered("plug-in-colortoalpha")
def _to_alpha(drawable: Any, color: Sequence[float]) -> Filter:
    if not drawable.has_alpha():
        drawable.add_alpha()
    return Filter("gegl:color-to-alpha", {"color": opaque(color)})


@registered("plug-in-exchange")
def _exchange(drawable: Any, *given: int) -> Filter:
    shares = [part / 255 for part in given]
    made: Dict[str, Any] = {"from-color": opaque(shares[:3]), "to-color": opaque(shares[3:6])}
    names = ("red-threshold", "green-threshold", "blue-threshold")
    return Filter("gegl:color-exchange", {**made, **dict(zip(names, shares[6:]))})
