"""Blurring and sharpening."""

from typing import Any, Dict, Sequence

from _gimpfu.gimp3.filters.base import Filter, either, register, registered, share, simple

register("plug-in-antialias", simple("gegl:antialias"))


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


@registered("plug-in-gauss", "plug-in-gauss-iir2", "plug-in-gauss-rle2")
def _gauss(drawable: Any, horizontal: float, vertical: float, method: int = 0) -> Filter:
    return _gaussian(horizontal, vertical)


@registered("plug-in-gauss-iir", "plug-in-gauss-rle")
def _gauss_both(drawable: Any, radius: float, horizontal: int, vertical: int) -> Filter:
    return _gaussian(radius if horizontal else 0, radius if vertical else 0)


@registered("plug-in-sel-gauss")
def _selective(drawable: Any, radius: float, delta: int) -> Filter:
    given: Dict[str, Any] = {"blur-radius": max(1.0, radius), "max-delta": delta / 255}
    return Filter("gegl:gaussian-blur-selective", given)


@registered("plug-in-blur")
def _blur(drawable: Any) -> Filter:
    return _matrix(
        [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0], 9.0, 0.0
    )


@registered("plug-in-median-blur")
def _median(drawable: Any, radius: int, percentile: float) -> Filter:
    return Filter("gegl:median-blur", {"radius": radius, "percentile": percentile})


@registered("plug-in-mblur", "plug-in-mblur-inward")
def _motion(drawable: Any, kind: int, length: float, angle: float, x: float, y: float) -> Filter:
    center_x, center_y = share(drawable, x, y)
    center = {"center-x": center_x, "center-y": center_y}
    if kind == 0:
        turned = angle if angle <= 180 else angle - 360
        return Filter("gegl:motion-blur-linear", {"length": length, "angle": turned})
    if kind == 1:
        return Filter("gegl:motion-blur-circular", {"angle": angle, **center})
    return Filter("gegl:motion-blur-zoom", {"factor": length / 256, **center})


@registered("plug-in-unsharp-mask")
def _unsharp(drawable: Any, radius: float, amount: float, threshold: int) -> Filter:
    given: Dict[str, Any] = {"std-dev": radius, "scale": amount, "threshold": threshold / 255}
    return Filter("gegl:unsharp-mask", given)


@registered("plug-in-sharpen")
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
    given.update(divisor=divisor, offset=offset, normalize=False, border="clamp")
    return Filter("gegl:convolution-matrix", {**given, **more})


@registered("plug-in-convmatrix")
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
    gray, red, green, blue, alpha = (list(channels) + [0] * 5)[:5]
    if drawable.is_gray():
        red = green = blue = gray
    more = {"red": bool(red), "green": bool(green), "blue": bool(blue), "alpha": bool(alpha)}
    more["alpha-weight"] = bool(weighted)
    # The old filter's matrix ran the other way.
    rows = [matrix[column * 5 + row] for row in range(5) for column in range(5)]
    made = _matrix(rows, divisor, offset / 255, **more)
    made.properties["border"] = either("clamp loop none", border)
    return made
