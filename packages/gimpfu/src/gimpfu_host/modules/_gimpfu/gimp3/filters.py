"""2.10's filter procedures, done by the GEGL operations that GIMP 3 left of them.

Each takes the arguments that followed run-mode, image and drawable, and gives an operation and its
properties. Checked against GIMP 2.10 itself: `tests/gimpfu/test_filters.py`.
"""

from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

from gi.repository import Gimp

from _gimpfu.gimp3 import values
from _gimpfu.gimp3.perceptual import perceptually


class Filter(NamedTuple):
    """An operation, its properties, and the ids of drawables that it looks at."""

    operation: str
    properties: Dict[str, Any]
    aux: Sequence[int] = ()


Make = Callable[..., Any]

#: By the name in 2.10.
FILTERS: Dict[str, Make] = {}


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
        config.set_property(key, value)
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


def _filter(*names: str) -> Callable[[Make], Make]:
    def keep(make: Make) -> Make:
        for name in names:
            FILTERS[name] = make
        return make

    return keep


def _simple(operation: str, *keys: str) -> Make:
    """Return a maker for an operation whose properties are the arguments, in their order."""

    def make(drawable: Any, *given: Any) -> Filter:
        return Filter(operation, {key: v for key, v in zip(keys, given) if key})

    return make


def _either(names: str, number: int) -> str:
    """Return one of several words by its number; the last for a number beyond."""
    words = names.split()
    return words[number if 0 <= number < len(words) else -1]


def _color(value: Sequence[float]) -> Any:
    return values.color((*value[:3], 1.0))


def _share(drawable: Any, x: float, y: float) -> Tuple[float, float]:
    """Return a place in pixels as a share of the drawable."""
    return x / drawable.get_width(), y / drawable.get_height()


FILTERS.update(
    {
        "plug-in-antialias": _simple("gegl:antialias"),
        "plug-in-autostretch-hsv": _simple("gegl:stretch-contrast-hsv"),
        "plug-in-cartoon": _simple("gegl:cartoon", "mask-radius", "pct-black"),
        "plug-in-color-enhance": _simple("gegl:color-enhance"),
        "plug-in-glasstile": _simple("gegl:tile-glass", "tile-width", "tile-height"),
        "plug-in-laplace": _simple("gegl:edge-laplace"),
        "plug-in-make-seamless": _simple("gegl:tile-seamless"),
        "plug-in-neon": _simple("gegl:edge-neon", "radius", "amount"),
        "plug-in-photocopy": _simple(
            "gegl:photocopy", "mask-radius", "sharpness", "black", "white"
        ),
        "plug-in-plasma": _simple("gegl:plasma", "seed", "turbulence"),
        "plug-in-sobel": _simple("gegl:edge-sobel", "horizontal", "vertical", "keep-sign"),
        "plug-in-softglow": _simple("gegl:softglow", "glow-radius", "brightness", "sharpness"),
        "plug-in-vinvert": _simple("gegl:value-invert"),
        "plug-in-diffraction": _simple(
            "gegl:diffraction-patterns",
            *("red-frequency", "green-frequency", "blue-frequency"),
            *("red-contours", "green-contours", "blue-contours"),
            *("red-sedges", "green-sedges", "blue-sedges"),
            *("brightness", "scattering", "polarization"),
        ),
        "plug-in-lens-distortion": _simple(
            "gegl:lens-distortion", "x-shift", "y-shift", "main", "edge", "zoom", "brighten"
        ),
    }
)


# -- blur and sharpen ------------------------------------------------------------------------------

# The radius of the old blurs in standard deviations: where a Gaussian falls to 1/255.
_DEVIATIONS = 0.32


def _gaussian(horizontal: float, vertical: float) -> Filter:
    return Filter(
        "gegl:gaussian-blur",
        {
            "std-dev-x": horizontal * _DEVIATIONS,
            "std-dev-y": vertical * _DEVIATIONS,
            "abyss-policy": "clamp",
        },
    )


@_filter("plug-in-gauss", "plug-in-gauss-iir2", "plug-in-gauss-rle2")
def _gauss(drawable: Any, horizontal: float, vertical: float, method: int = 0) -> Filter:
    return _gaussian(horizontal, vertical)


@_filter("plug-in-gauss-iir", "plug-in-gauss-rle")
def _gauss_both(drawable: Any, radius: float, horizontal: int, vertical: int) -> Filter:
    return _gaussian(radius if horizontal else 0, radius if vertical else 0)


@_filter("plug-in-sel-gauss")
def _selective(drawable: Any, radius: float, delta: int) -> Filter:
    given: Dict[str, Any] = {"blur-radius": max(1.0, radius), "max-delta": delta / 255}
    return Filter("gegl:gaussian-blur-selective", given)


@_filter("plug-in-blur")
def _blur(drawable: Any) -> Filter:
    return _matrix(
        [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0], 9.0, 0.0
    )


@_filter("plug-in-median-blur")
def _median(drawable: Any, radius: int, percentile: float) -> Filter:
    return Filter("gegl:median-blur", {"radius": radius, "percentile": percentile})


@_filter("plug-in-mblur", "plug-in-mblur-inward")
def _motion(drawable: Any, kind: int, length: float, angle: float, x: float, y: float) -> Filter:
    center_x, center_y = _share(drawable, x, y)
    center = {"center-x": center_x, "center-y": center_y}
    if kind == 0:
        turned = angle if angle <= 180 else angle - 360
        return Filter("gegl:motion-blur-linear", {"length": length, "angle": turned})
    if kind == 1:
        return Filter("gegl:motion-blur-circular", {"angle": angle, **center})
    return Filter("gegl:motion-blur-zoom", {"factor": length / 256, **center})


@_filter("plug-in-unsharp-mask")
def _unsharp(drawable: Any, radius: float, amount: float, threshold: int) -> Filter:
    given: Dict[str, Any] = {"std-dev": radius, "scale": amount, "threshold": threshold / 255}
    return Filter("gegl:unsharp-mask", given)


@_filter("plug-in-sharpen")
def _sharpen(drawable: Any, percent: int) -> Filter:
    share = min(percent, 99) / 100
    side = -share / (1 - share) / 8
    rows = [0.0] * 25
    for i in (6, 7, 8, 11, 13, 16, 17, 18):
        rows[i] = side
    rows[12] = 1.0 - 8 * side
    return _matrix(rows, 1.0, 0.0)


def _matrix(rows: Sequence[float], divisor: float, offset: float, **more: Any) -> Filter:
    places = [letter + number for letter in "abcde" for number in "12345"]
    given: Dict[str, Any] = dict(zip(places, (float(v) for v in rows)))
    given.update(divisor=divisor, offset=offset, normalize=False, border="extend")
    return Filter("gegl:convolution-matrix", {**given, **more})


@_filter("plug-in-convmatrix")
def _convolution(
    drawable: Any,
    count: int,
    matrix: Sequence[float],
    weighted: int,
    divisor: float,
    offset: float,
    channels_count: int,
    channels: Sequence[int],
    border: int,
) -> Filter:
    grey, red, green, blue, alpha = (list(channels) + [0] * 5)[:5]
    if drawable.is_gray():
        red = green = blue = grey
    more = {"red": bool(red), "green": bool(green), "blue": bool(blue), "alpha": bool(alpha)}
    more["alpha-weight"] = bool(weighted)
    # The old filter's matrix ran the other way.
    rows = [matrix[column * 5 + row] for row in range(5) for column in range(5)]
    made = _matrix(rows, divisor, offset / 255, **more)
    made.properties["border"] = _either("extend wrap crop", border)
    return made


# -- colours ---------------------------------------------------------------------------------------


@_filter("plug-in-alienmap2")
def _alien_map(drawable: Any, *given: Any) -> Filter:
    red, red_angle, green, green_angle, blue, blue_angle, model, *keep = given
    made: Dict[str, Any] = {"color-model": _either("rgb hsl", model)}
    pairs = ((red, red_angle), (green, green_angle), (blue, blue_angle))
    for i, (frequency, angle) in enumerate(pairs):
        made["cpn-%d-frequency" % (i + 1)] = frequency
        made["cpn-%d-phaseshift" % (i + 1)] = angle % 360
        made["cpn-%d-keep" % (i + 1)] = not keep[i]
    return Filter("gegl:alien-map", made)


@_filter("plug-in-c-astretch")
def _stretch(drawable: Any) -> Filter:
    return Filter("gegl:stretch-contrast", {"keep-colors": False, "perceptual": False})


@_filter("plug-in-normalize")
def _normalize(drawable: Any) -> Filter:
    return Filter("gegl:stretch-contrast", {"keep-colors": True, "perceptual": True})


@_filter("plug-in-colorify")
def _colorify(drawable: Any, color: Sequence[float]) -> Filter:
    # Brightness of a grey picture times the colour.
    made: Dict[str, Any] = {}
    weights = (0.2126, 0.7152, 0.0722)
    for row, part in zip("rgb", color):
        for column, weight in zip("rgb", weights):
            made["%s%s-gain" % (row, column)] = weight * part
    return Filter("gegl:channel-mixer", made)


@_filter("plug-in-colors-channel-mixer")
def _mixer(drawable: Any, monochrome: int, *gains: float) -> Filter:
    if monochrome:
        given = dict(zip(("red", "green", "blue"), gains))
        return Filter("gegl:mono-mixer", {**given, "preserve-luminosity": False})
    keys = [row + column + "-gain" for row in "rgb" for column in "rgb"]
    return Filter("gegl:channel-mixer", dict(zip(keys, gains)))


@_filter("plug-in-colortoalpha")
def _to_alpha(drawable: Any, color: Sequence[float]) -> Filter:
    if not drawable.has_alpha():
        drawable.add_alpha()
    return Filter("gegl:color-to-alpha", {"color": _color(color)})


@_filter("plug-in-exchange")
def _exchange(drawable: Any, *given: int) -> Filter:
    shares = [part / 255 for part in given]
    made: Dict[str, Any] = {"from-color": _color(shares[:3]), "to-color": _color(shares[3:6])}
    names = ("red-threshold", "green-threshold", "blue-threshold")
    return Filter("gegl:color-exchange", {**made, **dict(zip(names, shares[6:]))})


# -- edges -----------------------------------------------------------------------------------------


@_filter("plug-in-dog")
def _differences(
    drawable: Any, inner: float, outer: float, normalize: int, invert: int
) -> List[Filter]:
    made = [Filter("gegl:difference-of-gaussians", {"radius1": outer, "radius2": inner})]
    if normalize:
        made.append(_normalize(drawable))
    if invert:
        made.append(Filter("gegl:invert-gamma", {}))
    return made


@_filter("plug-in-edge")
def _edge(drawable: Any, amount: float, border: int, algorithm: int) -> Filter:
    names = "sobel prewitt gradient roberts differential laplace"
    given: Dict[str, Any] = {"algorithm": _either(names, algorithm), "amount": amount}
    # Counted from 1, as the old filter's buttons.
    given["border-behavior"] = {1: "loop", 2: "clamp"}.get(border, "black")
    return Filter("gegl:edge", given)


# -- light, distortion -----------------------------------------------------------------------------


@_filter("plug-in-bump-map", "plug-in-bump-map-tiled")
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
        "type": _either("linear spherical sinusoidal", kind),
        "tiled": False,
    }
    return Filter("gegl:bump-map", made, (map,))


def _bump_map_tiled(drawable: Any, *given: Any) -> Filter:
    made = _bump_map(drawable, *given)
    made.properties["tiled"] = True
    return Filter(*made)


FILTERS["plug-in-bump-map-tiled"] = _bump_map_tiled


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


FILTERS["plug-in-displace"] = _displacing("cartesian")
FILTERS["plug-in-displace-polar"] = _displacing("polar")


@_filter("plug-in-emboss")
def _emboss(drawable: Any, azimuth: float, elevation: float, depth: int, emboss: int) -> Filter:
    given: Dict[str, Any] = {"azimuth": azimuth, "elevation": elevation, "depth": depth}
    return Filter("gegl:emboss", {**given, "type": "emboss" if emboss else "bumpmap"})


@_filter("plug-in-flarefx")
def _flare(drawable: Any, x: int, y: int) -> Filter:
    share_x, share_y = _share(drawable, x, y)
    return Filter("gegl:lens-flare", {"pos-x": share_x, "pos-y": share_y})


@_filter("plug-in-nova")
def _nova(
    drawable: Any, x: int, y: int, color: Sequence[float], radius: int, spokes: int, hue: int
) -> Filter:
    share_x, share_y = _share(drawable, x, y)
    given: Dict[str, Any] = {"center-x": share_x, "center-y": share_y, "color": _color(color)}
    given.update({"radius": radius, "spokes-count": spokes, "random-hue": hue})
    return Filter("gegl:supernova", given)


@_filter("plug-in-applylens")
def _lens(drawable: Any, index: float, keep: int, background: int, transparent: int) -> Filter:
    given: Dict[str, Any] = {"refraction-index": index, "keep-surroundings": bool(keep)}
    if background:
        given["background-color"] = Gimp.context_get_background()
    elif transparent:
        if not drawable.has_alpha():
            drawable.add_alpha()
        given["background-color"] = values.color((0, 0, 0, 0))
    return Filter("gegl:apply-lens", given)


@_filter("plug-in-polar-coords")
def _polar(
    drawable: Any, circle: float, angle: float, backwards: int, inverse: int, polar: int
) -> Filter:
    given: Dict[str, Any] = {"depth": circle, "angle": angle, "bw": bool(backwards)}
    return Filter("gegl:polar-coordinates", {**given, "top": bool(inverse), "polar": bool(polar)})


@_filter("plug-in-ripple")
def _ripple(drawable: Any, period: int, amplitude: int, *given: int) -> Filter:
    orientation, edges, wave, antialias, tile = given
    made: Dict[str, Any] = {
        "amplitude": float(amplitude),
        "period": float(period),
        "angle": 0.0 if orientation else 90.0,
        "sampler-type": "cubic" if antialias else "nearest",
        "wave-type": _either("sawtooth sine", wave),
        "abyss-policy": _either("clamp loop none", edges),
        "tileable": bool(tile),
    }
    return Filter("gegl:ripple", made)


@_filter("plug-in-shift")
def _shift(drawable: Any, amount: int, orientation: int) -> Filter:
    direction = _either("horizontal vertical", orientation)
    return Filter("gegl:shift", {"shift": amount, "direction": direction})


@_filter("plug-in-waves")
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


@_filter("plug-in-whirl-pinch")
def _whirl(drawable: Any, whirl: float, pinch: float, radius: float) -> Filter:
    return Filter("gegl:whirl-pinch", {"whirl": whirl, "pinch": pinch, "radius": radius})


@_filter("plug-in-wind")
def _wind(
    drawable: Any, threshold: int, direction: int, strength: int, algorithm: int, edge: int
) -> Filter:
    given: Dict[str, Any] = {"threshold": threshold, "strength": strength}
    given["direction"] = _either("left right", direction)
    given["style"] = _either("wind blast", algorithm)
    given["edge"] = _either("both leading trailing", edge)
    return Filter("gegl:wind", given)


@_filter("plug-in-engrave")
def _engrave(drawable: Any, height: int, limit: int) -> Filter:
    return Filter("gegl:engrave", {"row-height": height, "limit": bool(limit)})


@_filter("plug-in-deinterlace")
def _deinterlace(drawable: Any, even: int) -> Filter:
    return Filter("gegl:deinterlace", {"keep": _either("even odd", 1 - even)})


@_filter("plug-in-pixelize")
def _pixelize(drawable: Any, size: int) -> Filter:
    return Filter("gegl:pixelize", {"size-x": size, "size-y": size})


@_filter("plug-in-pixelize2")
def _pixelize_both(drawable: Any, width: int, height: int) -> Filter:
    return Filter("gegl:pixelize", {"size-x": width, "size-y": height})


@_filter("plug-in-video")
def _video(drawable: Any, pattern: int, additive: int, rotated: int) -> Filter:
    names = "staggered large-staggered striped wide-striped long-staggered"
    names += " 3x3 large-3x3 hex dots"
    given: Dict[str, Any] = {"pattern": _either(names, pattern), "additive": bool(additive)}
    return Filter("gegl:video-degradation", {**given, "rotated": bool(rotated)})


@_filter("plug-in-red-eye-removal")
def _red_eye(drawable: Any, threshold: int) -> Filter:
    return Filter("gegl:red-eye-removal", {"threshold": threshold / 100 * 0.8})


# -- artistic --------------------------------------------------------------------------------------


@_filter("plug-in-apply-canvas")
def _canvas(drawable: Any, direction: int, depth: int) -> Filter:
    corner = _either("top-right top-left bottom-left bottom-right", direction)
    return Filter("gegl:texturize-canvas", {"direction": corner, "depth": depth})


@_filter("plug-in-cubism")
def _cubism(drawable: Any, size: float, saturation: float, black: int) -> Filter:
    given: Dict[str, Any] = {"tile-size": size, "tile-saturation": saturation}
    # The colour between the tiles: none, or black.
    given["bg-color"] = values.color((0, 0, 0, 0 if black == 0 and drawable.has_alpha() else 1))
    return Filter("gegl:cubism", given)


@_filter("plug-in-oilify")
def _oilify(drawable: Any, size: int, mode: int) -> Filter:
    given: Dict[str, Any] = {"mask-radius": max(1, size // 2), "use-inten": bool(mode)}
    return Filter("gegl:oilify", given)


@_filter("plug-in-oilify-enhanced")
def _oilify_enhanced(
    drawable: Any, mode: int, size: int, size_map: int, exponent: int, exponent_map: int
) -> Filter:
    given: Dict[str, Any] = {
        "mask-radius": max(1, size // 2),
        "use-inten": bool(mode),
        "exponent": exponent,
    }
    return Filter("gegl:oilify", given, (size_map, exponent_map))


@_filter("plug-in-mosaic")
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
        "tile-type": _either("squares hexagons octagons triangles", kind),
        "tile-surface": bool(surface),
    }
    if grout:
        made["joints-color"] = Gimp.context_get_background()
        made["light-color"] = Gimp.context_get_foreground()
    else:
        made["joints-color"] = values.color((0, 0, 0, 1))
        made["light-color"] = values.color((1, 1, 1, 1))
    return Filter("gegl:mosaic", made)


@_filter("plug-in-illusion")
def _illusion(drawable: Any, division: int, kind: int) -> Filter:
    given: Dict[str, Any] = {"division": division, "illusion-type": _either("type1 type2", kind)}
    return Filter("gegl:illusion", given)


@_filter("plug-in-papertile")
def _paper(drawable: Any, size: int, move: float, *given: Any) -> Filter:
    kind, wrap, centring, background, color, _ = given
    names = "transparent invert image color color color"
    made: Dict[str, Any] = {
        "tile-width": size,
        "tile-height": size,
        "move-rate": min(100.0, max(1.0, move)),
        "fractional-type": _either("background ignore force", kind),
        "wrap-around": bool(wrap),
        "centering": bool(centring),
        "background-type": _either(names, background),
        "bg-color": _color(color),
    }
    return Filter("gegl:tile-paper", made)


@_filter("plug-in-newsprint")
def _newsprint(drawable: Any, width: int, model: int, *given: Any) -> Filter:
    pullout, grey, grey_spot, red, red_spot, green, green_spot, blue, blue_spot, samples = given
    spots = "circle line diamond pssquare cross"
    made: Dict[str, Any] = {
        "color-model": _either("black-on-white rgb cmyk black-on-white", model),
        "black-pullout": pullout / 100,
        "aa-samples": max(1, samples),
    }
    parts = [("", grey, grey_spot), ("2", red, red_spot)]
    parts += [("3", green, green_spot), ("4", blue, blue_spot)]
    for suffix, angle, spot in parts:
        made["period" + suffix] = float(width)
        made["angle" + suffix] = (angle + 180) % 360 - 180
        made["pattern" + suffix] = _either(spots, spot)
    return Filter("gegl:newsprint", made)


# -- noise -----------------------------------------------------------------------------------------


@_filter("plug-in-hsv-noise")
def _hsv_noise(drawable: Any, holdness: int, hue: int, saturation: int, value: int) -> Filter:
    given: Dict[str, Any] = {"holdness": holdness, "hue-distance": float(hue)}
    given.update({"saturation-distance": saturation / 255, "value-distance": value / 255})
    return Filter("gegl:noise-hsv", given)


@_filter("plug-in-rgb-noise")
def _rgb_noise(drawable: Any, independent: int, correlated: int, *noise: float) -> Filter:
    given: Dict[str, Any] = {
        "independent": bool(independent),
        "correlated": bool(correlated),
        "linear": False,
    }
    return Filter("gegl:noise-rgb", {**given, **_noise(drawable, noise)})


@_filter("plug-in-noisify")
def _noisify(drawable: Any, independent: int, *noise: float) -> Filter:
    given: Dict[str, Any] = {"independent": bool(independent), "correlated": False, "linear": False}
    return Filter("gegl:noise-rgb", {**given, **_noise(drawable, noise)})


def _noise(drawable: Any, noise: Sequence[float]) -> Dict[str, float]:
    if drawable.is_gray():
        grey, alpha = noise[0], noise[1] if drawable.has_alpha() else 0.0
        return {"red": grey, "green": grey, "blue": grey, "alpha": alpha}
    return dict(zip(("red", "green", "blue", "alpha"), noise))


def _random(operation: str) -> Make:
    def make(drawable: Any, percent: float, repeat: float, randomize: int, seed: int) -> Filter:
        given = {"pct-random": percent, "repeat": max(1, int(repeat)), "seed": _seed(seed)}
        return Filter(operation, given)

    return make


def _seed(seed: int) -> int:
    return seed & 0xFFFFFFFF


FILTERS["plug-in-randomize-hurl"] = _random("gegl:noise-hurl")
FILTERS["plug-in-randomize-pick"] = _random("gegl:noise-pick")
FILTERS["plug-in-randomize-slur"] = _random("gegl:noise-slur")


@_filter("plug-in-solid-noise")
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


@_filter("plug-in-plasma")
def _plasma(drawable: Any, seed: int, turbulence: float) -> Filter:
    given: Dict[str, Any] = {"seed": _seed(seed), "turbulence": turbulence}
    given.update(width=drawable.get_width(), height=drawable.get_height())
    return Filter("gegl:plasma", given)


@_filter("plug-in-maze")
def _maze(
    drawable: Any, width: int, height: int, tileable: int, algorithm: int, *given: int
) -> Any:
    made: Dict[str, Any] = {
        "x": width,
        "y": height,
        "tileable": bool(tileable),
        "seed": _seed(given[0]),
    }
    made["algorithm-type"] = _either("depth-first prim", algorithm)
    made["fg-color"] = Gimp.context_get_foreground()
    made["bg-color"] = Gimp.context_get_background()
    return Filter("gegl:maze", made)


@_filter("plug-in-sinus")
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
        "blend-mode": _either("linear bilinear sinusoidal", blend),
        "blend-power": power,
        "width": drawable.get_width(),
        "height": drawable.get_height(),
    }
    return Filter("gegl:sinus", made)


@_filter("plug-in-spread")
def _spread(drawable: Any, x: float, y: float) -> Filter:
    return Filter("gegl:noise-spread", {"amount-x": int(x), "amount-y": int(y)})


@_filter("plug-in-fractal-trace")
def _fractal(
    drawable: Any, x1: float, x2: float, y1: float, y2: float, depth: int, outside: int
) -> Filter:
    given: Dict[str, Any] = {"X1": x1, "X2": x2, "Y1": y1, "Y2": y2, "depth": depth}
    return Filter(
        "gegl:fractal-trace", {**given, "abyss-policy": _either("loop none none none", outside)}
    )


# -- growing ---------------------------------------------------------------------------------------


def _propagating(mode: str) -> Make:
    def make(
        drawable: Any, kind: int, channels: int, rate: float, sides: int, low: int, high: int
    ) -> Filter:
        given = {
            "mode": mode or _either("white black middle color-peak color opaque transparent", kind),
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


FILTERS["plug-in-dilate"] = _propagating("white")
FILTERS["plug-in-erode"] = _propagating("black")
FILTERS["plug-in-vpropagate"] = _propagating("")
