"""Fills, and tools that change colours."""

from typing import Any, Dict, Sequence, Tuple

from gi.repository import Gimp

from _gimpfu.gimp3 import values
from _gimpfu.gimp3.perceptual import perceptually
from _gimpfu.gimp3.rules.base import RULES, Rule, context, rule

# -- filling ---------------------------------------------------------------------------------------


@rule("gimp-edit-blend", "gimp-blend")
def _blend(
    call: Any,
    drawable: int,
    colors: int,
    paint_mode: int,
    gradient: int,
    opacity: float,
    offset: float,
    repeat: int,
    reverse: int,
    supersample: int,
    depth: int,
    threshold: float,
    dither: int,
    *line: float,
) -> None:
    settings: Dict[str, Any] = {"paint_mode": paint_mode, "opacity": opacity}
    settings.update(gradient_repeat_mode=repeat, gradient_reverse=reverse)
    with context(call, **settings):
        names = {0: "fg-bg-rgb", 1: "fg-bg-hsv-cw", 2: "fg-transparent"}
        if colors in names:
            call("gimp-context-set-gradient-" + names[colors])
        given: Dict[str, Any] = {"supersample_max_depth": min(max(depth, 1), 9), "dither": dither}
        given.update(supersample=supersample, supersample_threshold=threshold)
        given.update(zip(("x1", "y1", "x2", "y2"), line))
        target = "gimp-drawable-edit-gradient-fill"
        call(target, drawable=drawable, gradient_type=gradient, offset=offset, **given)


@rule("gimp-edit-bucket-fill", "gimp-bucket-fill")
def _bucket(
    call: Any,
    drawable: int,
    fill: int,
    paint_mode: int,
    opacity: float,
    threshold: float,
    merged: int,
    x: float,
    y: float,
) -> None:
    _bucket_full(call, drawable, fill, paint_mode, opacity, threshold, merged, 0, 0, x, y)


@rule("gimp-edit-bucket-fill-full")
def _bucket_full(
    call: Any,
    drawable: int,
    fill: int,
    paint_mode: int,
    opacity: float,
    threshold: float,
    merged: int,
    transparent: int,
    criterion: int,
    x: float,
    y: float,
) -> None:
    # Bucket fills are counted foreground, background, pattern; fills have others in between.
    kind = (0, 1, 4)[fill]
    settings: Dict[str, Any] = {
        "paint_mode": paint_mode,
        "opacity": opacity,
        "sample_merged": merged,
    }
    settings.update(sample_transparent=transparent, sample_criterion=criterion)
    with context(call, sample_threshold_int=int(threshold), **settings):
        image = values.item(drawable).get_image()
        if Gimp.Selection.is_empty(image):
            seed = {"x": x, "y": y}
            call("gimp-drawable-edit-bucket-fill", drawable=drawable, fill_type=kind, **seed)
        else:
            call("gimp-drawable-edit-fill", drawable=drawable, fill_type=kind)


# -- colours ---------------------------------------------------------------------------------------


def _adjust(call: Any, target: str, drawable: int, given: Dict[str, Any]) -> None:
    """Run a procedure that 2.10 ran on encoded values."""

    def run(layer: Any) -> None:
        call(target, drawable=layer.get_id(), **given)

    perceptually(values.item(drawable), run)


def _adjusting(target: str, *names: str, **constants: Any) -> Rule:
    def run(call: Any, drawable: int, *given: Any) -> None:
        _adjust(call, target, drawable, {**dict(zip(names, given)), **constants})

    return run


_LEVELS = (
    *("channel", "low_input", "high_input", "clamp_input"),
    *("gamma", "low_output", "high_output", "clamp_output"),
)
_HUE = ("hue_range", "hue_offset", "lightness", "saturation", "overlap")
_COLORIZE = ("hue", "saturation", "lightness")
RULES.update(
    {
        "gimp-drawable-brightness-contrast": _adjusting(
            "gimp-drawable-brightness-contrast", "brightness", "contrast"
        ),
        "gimp-drawable-colorize-hsl": _adjusting("gimp-drawable-colorize-hsl", *_COLORIZE),
        "gimp-colorize": _adjusting("gimp-drawable-colorize-hsl", *_COLORIZE),
        "gimp-drawable-equalize": _adjusting("gimp-drawable-equalize", "mask_only"),
        "gimp-equalize": _adjusting("gimp-drawable-equalize", "mask_only"),
        "gimp-drawable-hue-saturation": _adjusting("gimp-drawable-hue-saturation", *_HUE),
        "gimp-hue-saturation": _adjusting("gimp-drawable-hue-saturation", *_HUE[:4], overlap=0.0),
        "gimp-drawable-levels": _adjusting("gimp-drawable-levels", *_LEVELS),
        "gimp-drawable-levels-stretch": _adjusting("gimp-drawable-levels-stretch"),
        "gimp-levels-stretch": _adjusting("gimp-drawable-levels-stretch"),
        "gimp-levels-auto": _adjusting("gimp-drawable-levels-stretch"),
    }
)


@rule("gimp-brightness-contrast")
def _brightness(call: Any, drawable: int, brightness: int, contrast: int) -> None:
    given: Dict[str, Any] = {"brightness": brightness / 127.0, "contrast": contrast / 127.0}
    _adjust(call, "gimp-drawable-brightness-contrast", drawable, given)


@rule("gimp-levels")
def _levels(
    call: Any, drawable: int, channel: int, low: int, high: int, gamma: float, out: int, up: int
) -> None:
    numbers = (channel, low / 255, high / 255, 0, gamma, out / 255, up / 255, 0)
    _adjust(call, "gimp-drawable-levels", drawable, dict(zip(_LEVELS, numbers)))


@rule("gimp-threshold")
def _threshold(call: Any, drawable: int, low: int, high: int) -> None:
    given: Dict[str, Any] = {"low_threshold": low / 255, "high_threshold": high / 255}
    call("gimp-drawable-threshold", drawable=drawable, channel=0, **given)


@rule("gimp-histogram")
def _histogram(call: Any, drawable: int, channel: int, start: int, end: int) -> Tuple[Any, ...]:
    given: Dict[str, Any] = {"start_range": start / 255, "end_range": end / 255}
    return tuple(call("gimp-drawable-histogram", drawable=drawable, channel=channel, **given))


@rule("gimp-drawable-curves-spline")
def _spline(call: Any, drawable: int, channel: int, count: int, points: Sequence[float]) -> None:
    given: Dict[str, Any] = {"channel": channel, "points": list(points)}
    _adjust(call, "gimp-drawable-curves-spline", drawable, given)


@rule("gimp-drawable-curves-explicit")
def _explicit(call: Any, drawable: int, channel: int, count: int, curve: Sequence[float]) -> None:
    given: Dict[str, Any] = {"channel": channel, "values": list(curve)}
    _adjust(call, "gimp-drawable-curves-explicit", drawable, given)


@rule("gimp-curves-spline")
def _old_spline(call: Any, drawable: int, channel: int, count: int, points: bytes) -> None:
    _spline(call, drawable, channel, count, [point / 255 for point in bytes(points)])


@rule("gimp-curves-explicit")
def _old_explicit(call: Any, drawable: int, channel: int, count: int, curve: bytes) -> None:
    _explicit(call, drawable, channel, count, [point / 255 for point in bytes(curve)])
