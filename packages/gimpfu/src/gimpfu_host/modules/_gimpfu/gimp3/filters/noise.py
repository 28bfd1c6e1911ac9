"""Noise, and what is made by chance."""

from typing import Any, Dict, Sequence

from gi.repository import Gimp

from _gimpfu.gimp3 import values
from _gimpfu.gimp3.filters.base import Filter, Make, either, register, registered


@registered("plug-in-hsv-noise")
def _hsv_noise(drawable: Any, holdness: int, hue: int, saturation: int, value: int) -> Filter:
    given: Dict[str, Any] = {"holdness": holdness, "hue-distance": float(hue)}
    given.update({"saturation-distance": saturation / 255, "value-distance": value / 255})
    return Filter("gegl:noise-hsv", given)


@registered("plug-in-rgb-noise")
def _rgb_noise(drawable: Any, independent: int, correlated: int, *noise: float) -> Filter:
    given: Dict[str, Any] = {
        "independent": bool(independent),
        "correlated": bool(correlated),
        "linear": False,
    }
    return Filter("gegl:noise-rgb", {**given, **_noise(drawable, noise)})


@registered("plug-in-noisify")
def _noisify(drawable: Any, independent: int, *noise: float) -> Filter:
    given: Dict[str, Any] = {"independent": bool(independent), "correlated": False, "linear": False}
    return Filter("gegl:noise-rgb", {**given, **_noise(drawable, noise)})


def _noise(drawable: Any, noise: Sequence[float]) -> Dict[str, float]:
    if drawable.is_gray():
        gray, alpha = noise[0], noise[1] if drawable.has_alpha() else 0.0
        return {"red": gray, "green": gray, "blue": gray, "alpha": alpha}
    return dict(zip(("red", "green", "blue", "alpha"), noise))


def _random(operation: str) -> Make:
    def make(drawable: Any, percent: float, repeat: float, randomize: int, seed: int) -> Filter:
        given = {"pct-random": percent, "repeat": max(1, int(repeat)), "seed": _seed(seed)}
        return Filter(operation, given)

    return make


def _seed(seed: int) -> int:
    return seed & 0xFFFFFFFF


register("plug-in-randomize-hurl", _random("gegl:noise-hurl"))
register("plug-in-randomize-pick", _random("gegl:noise-pick"))
register("plug-in-randomize-slur", _random("gegl:noise-slur"))


@registered("plug-in-solid-noise")
def _solid(
    drawable: Any, tileable: int, turbulent: int, seed: int, detail: int, *size: float
) -> Any:
    given: Dict[str, Any] = {
        "tileable": bool(tileable),
        "turbulent": bool(turbulent),
        "seed": _seed(seed),
    }
    given.update({"detail": detail, "x-size": size[0], "y-size": size[1]})
    given.update(width=drawable.get_width(), height=drawable.get_height())
    return Filter("gegl:noise-solid", given)


@registered("plug-in-plasma")
def _plasma(drawable: Any, seed: int, turbulence: float) -> Filter:
    given: Dict[str, Any] = {"seed": _seed(seed), "turbulence": turbulence}
    given.update(width=drawable.get_width(), height=drawable.get_height())
    return Filter("gegl:plasma", given)


@registered("plug-in-maze")
def _maze(
    drawable: Any, width: int, height: int, tileable: int, algorithm: int, *given: int
) -> Any:
    made: Dict[str, Any] = {
        "x": width,
        "y": height,
        "tileable": bool(tileable),
        "seed": _seed(given[0]),
    }
    made["algorithm-type"] = either("depth-first prim", algorithm)
    made["fg-color"] = Gimp.context_get_foreground()
    made["bg-color"] = Gimp.context_get_background()
    return Filter("gegl:maze", made)


@registered("plug-in-sinus")
def _sinus(drawable: Any, x: float, y: float, complexity: float, seed: int, *given: Any) -> Filter:
    tiling, perturb, colors, first, second, alpha1, alpha2, blend, power = given
    if colors == 0:
        first, second = (0, 0, 0), (1, 1, 1)
    elif colors == 1:
        first = values.components(Gimp.context_get_foreground())
        second = values.components(Gimp.context_get_background())
    made: Dict[str, Any] = {
        "x-scale": x,
        "y-scale": y,
        "complexity": complexity,
        "seed": _seed(seed),
        "tiling": bool(tiling),
        "perturbation": bool(perturb),
        "color1": values.color((*first[:3], alpha1)),
        "color2": values.color((*second[:3], alpha2)),
        "blend-mode": either("linear bilinear sinusoidal", blend),
        "blend-power": power,
        "width": drawable.get_width(),
        "height": drawable.get_height(),
    }
    return Filter("gegl:sinus", made)


@registered("plug-in-spread")
def _spread(drawable: Any, x: float, y: float) -> Filter:
    return Filter("gegl:noise-spread", {"amount-x": int(x), "amount-y": int(y)})


@registered("plug-in-fractal-trace")
def _fractal(
    drawable: Any, x1: float, x2: float, y1: float, y2: float, depth: int, outside: int
) -> Filter:
    given: Dict[str, Any] = {"X1": x1, "X2": x2, "Y1": y1, "Y2": y2, "depth": depth}
    return Filter(
        "gegl:fractal-trace", {**given, "abyss-policy": either("loop none none none", outside)}
    )
