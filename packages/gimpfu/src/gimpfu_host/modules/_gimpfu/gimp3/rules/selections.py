"""Selections as 2.8 made them."""

from typing import Any, Dict, Sequence

from _gimpfu.gimp3 import values
from _gimpfu.gimp3.rules.base import context, rule


def _selecting(
    call: Any, antialias: int = 1, feather: int = 0, radius: Sequence[float] = (0, 0), **more: Any
) -> Any:
    both = (radius[0], radius[-1])
    return context(call, antialias=antialias, feather=feather, feather_radius=both, **more)


@rule("gimp-rect-select")
def _rect(
    call: Any,
    image: int,
    x: float,
    y: float,
    width: float,
    height: float,
    operation: int,
    feather: int,
    radius: float,
) -> None:
    with _selecting(call, 0, feather, (radius,)):
        box = {"x": x, "y": y, "width": width, "height": height}
        call("gimp-image-select-rectangle", image=image, operation=operation, **box)


@rule("gimp-ellipse-select")
def _ellipse(
    call: Any,
    image: int,
    x: float,
    y: float,
    width: float,
    height: float,
    operation: int,
    antialias: int,
    feather: int,
    radius: float,
) -> None:
    with _selecting(call, antialias, feather, (radius,)):
        box = {"x": x, "y": y, "width": width, "height": height}
        call("gimp-image-select-ellipse", image=image, operation=operation, **box)


@rule("gimp-round-rect-select")
def _round_rect(
    call: Any,
    image: int,
    x: float,
    y: float,
    width: float,
    height: float,
    corner_x: float,
    corner_y: float,
    operation: int,
    antialias: int,
    feather: int,
    *radius: float,
) -> None:
    with _selecting(call, antialias, feather, radius):
        box = {"x": x, "y": y, "width": width, "height": height}
        box.update(corner_radius_x=corner_x, corner_radius_y=corner_y)
        call("gimp-image-select-round-rectangle", image=image, operation=operation, **box)


@rule("gimp-free-select")
def _free(
    call: Any,
    image: int,
    count: int,
    points: Sequence[float],
    operation: int,
    antialias: int,
    feather: int,
    radius: float,
) -> None:
    with _selecting(call, antialias, feather, (radius,)):
        call("gimp-image-select-polygon", image=image, operation=operation, segs=points)


@rule("gimp-fuzzy-select")
def _fuzzy(
    call: Any,
    drawable: int,
    x: float,
    y: float,
    threshold: int,
    operation: int,
    antialias: int,
    feather: int,
    radius: float,
    merged: int,
) -> None:
    rest = (operation, antialias, feather, radius, radius, merged, 0, 0)
    _fuzzy_full(call, drawable, x, y, threshold, *rest)


@rule("gimp-fuzzy-select-full")
def _fuzzy_full(
    call: Any,
    drawable: int,
    x: float,
    y: float,
    threshold: int,
    operation: int,
    antialias: int,
    feather: int,
    radius_x: float,
    radius_y: float,
    merged: int,
    transparent: int,
    criterion: int,
) -> None:
    more: Dict[str, Any] = {"sample_threshold_int": threshold, "sample_merged": merged}
    more.update(sample_transparent=transparent, sample_criterion=criterion)
    with _selecting(call, antialias, feather, (radius_x, radius_y), **more):
        image = values.item(drawable).get_image().get_id()
        given = {"image": image, "operation": operation, "drawable": drawable, "x": x, "y": y}
        call("gimp-image-select-contiguous-color", **given)


@rule("gimp-by-color-select")
def _by_color(
    call: Any,
    drawable: int,
    color: Sequence[float],
    threshold: int,
    operation: int,
    antialias: int,
    feather: int,
    radius: float,
    merged: int,
) -> None:
    rest = (operation, antialias, feather, radius, radius, merged, 0, 0)
    _by_color_full(call, drawable, color, threshold, *rest)


@rule("gimp-by-color-select-full")
def _by_color_full(
    call: Any,
    drawable: int,
    color: Sequence[float],
    threshold: int,
    operation: int,
    antialias: int,
    feather: int,
    radius_x: float,
    radius_y: float,
    merged: int,
    transparent: int,
    criterion: int,
) -> None:
    more: Dict[str, Any] = {"sample_threshold_int": threshold, "sample_merged": merged}
    more.update(sample_transparent=transparent, sample_criterion=criterion)
    with _selecting(call, antialias, feather, (radius_x, radius_y), **more):
        image = values.item(drawable).get_image().get_id()
        given = {"image": image, "operation": operation, "drawable": drawable, "color": color}
        call("gimp-image-select-color", **given)


def _select(call: Any, item: int, operation: int = 2) -> None:
    image = values.item(item).get_image().get_id()
    call("gimp-image-select-item", image=image, operation=operation, item=item)


@rule("gimp-selection-load", "gimp-selection-layer-alpha", "gimp-selection-combine")
def _select_item(call: Any, item: int, operation: int = 2) -> None:
    _select(call, item, operation)


@rule("gimp-vectors-to-selection")
def select_path(
    call: Any, path: int, operation: int, antialias: int, feather: int, *radius: float
) -> None:
    with _selecting(call, antialias, feather, radius):
        _select(call, path, operation)
