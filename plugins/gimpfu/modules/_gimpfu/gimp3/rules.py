"""Procedures whose change is more than a name, and advice for those that have no successor.

A rule gets the `Caller` and the arguments as 2.10 had them, counts included, and returns the
results without counts.
"""

import os
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from gi.repository import Babl, Gegl, Gimp

from _gimpfu.backend import CallFailed, Status
from _gimpfu.gimp3 import files, filters, native, pixels, values
from _gimpfu.gimp3.perceptual import perceptually

Rule = Callable[..., Any]

#: By the name in 2.10.
RULES: Dict[str, Rule] = {}

_LINKED = "gimpfu-linked"


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Make a function the rule for these procedures."""

    def keep(function: Rule) -> Rule:
        for name in names:
            RULES[name] = function
        return function

    return keep


@contextmanager
def context(call: Any, **settings: Any) -> Iterator[None]:
    """Have settings of the context, as opacity=50.0, for a while."""
    call("gimp-context-push")
    try:
        for key, value in settings.items():
            name = key.replace("_", "-")
            if name == "feather-radius":
                both = {"feather_radius_x": value[0], "feather_radius_y": value[1]}
                call("gimp-context-set-feather-radius", **both)
            else:
                target = call.target("gimp-context-set-" + name)
                only = target.get_arguments()[0].name.replace("-", "_")
                call("gimp-context-set-" + name, **{only: value})
        yield
    finally:
        call("gimp-context-pop")


# -- nothing to do any more ------------------------------------------------------------------------


@rule(
    "gimp-image-free-shadow",
    "gimp-floating-sel-relax",
    "gimp-floating-sel-rigor",
    "gimp-plugin-enable-precision",
    "gimp-plugin-set-pdb-error-handler",
    "gimp-context-set-transform-recursion",
    "gimp-plugin-help-register",
    "gimp-plugin-icon-register",
    "gimp-plugin-menu-branch-register",
    "gimp-register-file-handler-mime",
    "gimp-register-file-handler-priority",
    "gimp-register-file-handler-raw",
    "gimp-register-file-handler-uri",
    "gimp-register-thumbnail-loader",
)
def _nothing(call: Any, *_: Any) -> None:
    return


@rule("gimp-context-get-transform-recursion")
def _recursion(call: Any) -> int:
    return 3


@rule("gimp-plugin-precision-enabled")
def _precision_enabled(call: Any) -> int:
    return 1


@rule("gimp-plugin-get-pdb-error-handler")
def _error_handler(call: Any) -> int:
    return 1


# -- the plug-in and its procedures ----------------------------------------------------------------


@rule("gimp-plugin-menu-register")
def _menu(call: Any, procedure: str, path: str) -> None:
    call.host.add_menu(procedure, path)


@rule("gimp-plugin-domain-register")
def _domain(call: Any, name: str, path: str) -> None:
    call.host.add_domain(name, path)


@rule("gimp-register-load-handler")
def _load_handler(call: Any, procedure: str, extensions: str, prefixes: str) -> None:
    call.host.add_load_handler(procedure, extensions, prefixes, "")


@rule("gimp-register-magic-load-handler")
def _magic(call: Any, procedure: str, extensions: str, prefixes: str, magics: str) -> None:
    call.host.add_load_handler(procedure, extensions, prefixes, magics)


@rule("gimp-register-save-handler")
def _save_handler(call: Any, procedure: str, extensions: str, prefixes: str) -> None:
    call.host.add_save_handler(procedure, extensions, prefixes)


@rule("gimp-progress-init")
def _progress_init(call: Any, text: str, display: int) -> None:
    call.host.progress_init(text)


@rule("gimp-progress-update")
def _progress_update(call: Any, fraction: float) -> None:
    call.host.progress_update(fraction)


@rule("gimp-procedural-db-get-data")
def _get_data(call: Any, key: str) -> bytes:
    found = call.host.get_data(key)
    if found is None:
        raise values.NoSuchValue("no data for %r" % key)
    return bytes(found)


@rule("gimp-procedural-db-get-data-size")
def _get_data_size(call: Any, key: str) -> int:
    return len(_get_data(call, key))


@rule("gimp-procedural-db-set-data")
def _set_data(call: Any, key: str, count: int, data: bytes) -> None:
    call.host.set_data(key, data)


@rule("gimp-procedural-db-temp-name", "gimp-temp-PDB-name")
def _temporary_name(call: Any) -> str:
    return str(Gimp.get_pdb().temp_procedure_name())


@rule("gimp-procedural-db-proc-exists")
def _exists(call: Any, name: str) -> int:
    from _gimpfu.backend import NoSuchProcedure

    try:
        call.describe(name)
    except NoSuchProcedure:
        return 0
    return 1


@rule("gimp-procedural-db-query")
def _query(call: Any, *patterns: str) -> List[str]:
    return list(call.host.query(patterns))


@rule("gimp-procedural-db-proc-info")
def _info(call: Any, name: str) -> Tuple[Any, ...]:
    found = call.describe(name)
    words = (found.blurb, found.help, found.author, found.copyright, found.date)
    return (*words, int(found.kind), len(found.arguments), len(found.results))


@rule("gimp-procedural-db-proc-arg")
def _argument(call: Any, name: str, number: int) -> Tuple[int, str, str]:
    found = call.describe(name).arguments[number]
    return int(found.type), found.name, found.description


@rule("gimp-procedural-db-proc-val")
def _value(call: Any, name: str, number: int) -> Tuple[int, str, str]:
    found = call.describe(name).results[number]
    return int(found.type), found.name, found.description


@rule("gimp-procedural-db-dump")
def _dump(call: Any, name: str) -> None:
    Gimp.get_pdb().dump_to_file(values.file(name))


# -- images ----------------------------------------------------------------------------------------


@rule("gimp-image-get-uri")
def _uri(call: Any, image: int) -> Optional[str]:
    return _uri_of(values.image(image).get_file())


_FILE = "gimpfu-file"


@rule("gimp-image-set-filename")
def _set_filename(call: Any, image: int, name: str) -> None:
    found = values.image(image)
    if os.path.basename(name).lower().split(".xcf")[-1] in ("", ".gz", ".bz2", ".xz"):
        found.set_file(values.file(name))
    else:
        # GIMP 3 gives images the names of its own files only; loaders get theirs from GIMP.
        found.attach_parasite(native.parasite(_FILE, 0, name.encode("utf-8", "surrogateescape")))


@rule("gimp-image-get-filename")
def _filename(call: Any, image: int) -> Optional[str]:
    found = values.image(image)
    if found.get_file() is not None:
        return values.path(found.get_file())
    named = found.get_parasite(_FILE)
    if named is None:
        return None
    return native.parasite_data(named).decode("utf-8", "surrogateescape")


@rule("gimp-image-get-exported-uri")
def _exported(call: Any, image: int) -> Optional[str]:
    return _uri_of(values.image(image).get_exported_file())


@rule("gimp-image-get-imported-uri")
def _imported(call: Any, image: int) -> Optional[str]:
    return _uri_of(values.image(image).get_imported_file())


@rule("gimp-image-get-xcf-uri")
def _xcf(call: Any, image: int) -> Optional[str]:
    return _uri_of(values.image(image).get_xcf_file())


def _uri_of(file: Any) -> Optional[str]:
    return None if file is None else str(file.get_uri())


@rule("gimp-image-get-colormap", "gimp-image-get-cmap")
def _colormap(call: Any, image: int) -> bytes:
    palette = values.image(image).get_palette()
    if palette is None:
        return b""
    return b"".join(
        bytes(round(255 * part) for part in values.components(color)[:3])
        for color in palette.get_colors()
    )


@rule("gimp-image-set-colormap", "gimp-image-set-cmap")
def _set_colormap(call: Any, image: int, count: int, colors: bytes) -> None:
    palette = values.image(image).get_palette()
    wanted = [colors[i : i + 3] for i in range(0, len(colors), 3)]
    for _ in range(palette.get_color_count() - len(wanted)):
        palette.delete_entry(palette.get_color_count() - 1)
    for i, triple in enumerate(wanted):
        color = values.color([part / 255 for part in triple] + [1.0])
        if i < palette.get_color_count():
            palette.set_entry_color(i, color)
        else:
            palette.add_entry("", color)


@rule("gimp-image-get-color-profile", "gimp-image-get-effective-color-profile")
def _profile(call: Any, image: int) -> bytes:
    found = values.image(image).get_color_profile()
    return b"" if found is None else bytes(found.get_icc_profile())


@rule("gimp-image-set-color-profile")
def _set_profile(call: Any, image: int, count: int, data: bytes) -> None:
    values.image(image).set_color_profile(_icc(data) if data else None)


@rule("gimp-image-convert-color-profile")
def _convert(call: Any, image: int, count: int, data: bytes, intent: int, bpc: int) -> None:
    values.image(image).convert_color_profile(_icc(data), intent, bool(bpc))


def _icc(data: bytes) -> Any:
    return Gimp.ColorProfile.new_from_icc_profile(bytes(data))


@rule("gimp-image-thumbnail")
def _image_thumbnail(call: Any, image: int, width: int, height: int) -> Tuple[Any, ...]:
    data, *sizes = values.image(image).get_thumbnail_data(width, height)
    return (*sizes, data.get_data())


@rule("gimp-drawable-thumbnail")
def _thumbnail(call: Any, drawable: int, width: int, height: int) -> Tuple[Any, ...]:
    data, *sizes = values.item(drawable).get_thumbnail_data(width, height)
    return (*sizes, data.get_data())


@rule("gimp-drawable-sub-thumbnail")
def _sub_thumbnail(call: Any, drawable: int, *numbers: int) -> Tuple[Any, ...]:
    data, *sizes = values.item(drawable).get_sub_thumbnail_data(*numbers)
    return (*sizes, data.get_data())


@rule("gimp-convert-indexed", "gimp-image-convert-indexed")
def _indexed(
    call: Any, image: int, dither: int, kind: int, count: int, alpha: int, unused: int, palette: str
) -> None:
    given: Dict[str, Any] = {
        "image": image,
        "dither_type": dither,
        "palette_type": kind,
        "num_cols": count,
    }
    given.update(alpha_dither=alpha, remove_unused=unused, palette=palette or "")
    call("gimp-image-convert-indexed", **given)


# -- layers and items ------------------------------------------------------------------------------


@rule("gimp-layer-copy")
def _layer_copy(call: Any, layer: int, add_alpha: int) -> int:
    copy = call("gimp-layer-copy", layer=layer)[0]
    if add_alpha:
        call("gimp-layer-add-alpha", layer=copy)
    return int(copy)


@rule("gimp-layer-group-new")
def _group(call: Any, image: int) -> int:
    return int(Gimp.GroupLayer.new(values.image(image), None).get_id())


def _get_linked(call: Any, item: int) -> int:
    return int(values.item(item).get_parasite(_LINKED) is not None)


def _set_linked(call: Any, item: int, linked: int) -> None:
    # GIMP 3 has no chains. What was asked for is remembered; transformations do not follow it.
    found = values.item(item)
    if linked:
        found.attach_parasite(native.parasite(_LINKED, 0, b"1"))
    elif found.get_parasite(_LINKED) is not None:
        found.detach_parasite(_LINKED)


for _kind in ("item", "drawable", "layer", "vectors"):
    RULES["gimp-%s-get-linked" % _kind] = _get_linked
    RULES["gimp-%s-set-linked" % _kind] = _set_linked


@rule("gimp-drawable-get-format", "gimp-drawable-get-thumbnail-format")
def _format(call: Any, drawable: int) -> str:
    return pixels.format_of(drawable)


def _check_inside(drawable: int, x: int, y: int) -> None:
    found = values.item(drawable)
    if not (0 <= x < found.get_width() and 0 <= y < found.get_height()):
        raise values.NoSuchValue("no pixel at %d, %d" % (x, y))


@rule("gimp-drawable-get-pixel")
def _get_pixel(call: Any, drawable: int, x: int, y: int) -> bytes:
    _check_inside(drawable, x, y)
    return pixels.read(drawable, (x, y, 1, 1), None, False)


@rule("gimp-drawable-set-pixel")
def _set_pixel(call: Any, drawable: int, x: int, y: int, count: int, pixel: bytes) -> None:
    _check_inside(drawable, x, y)
    pixels.write(drawable, (x, y, 1, 1), bytes(pixel), None, False)


@rule("gimp-drawable-offset", "gimp-channel-ops-offset")
def _offset(call: Any, drawable: int, wrap: int, fill: int, x: int, y: int) -> None:
    color = values.components(Gimp.context_get_background())
    given: Dict[str, Any] = {
        "drawable": drawable,
        "wrap_around": wrap,
        "fill_type": fill,
        "color": color,
    }
    call("gimp-drawable-offset", offset_x=x, offset_y=y, **given)


@rule("gimp-edit-paste")
def _paste(call: Any, drawable: int, into: int) -> int:
    pasted = call("gimp-edit-paste", drawable=drawable, paste_into=into)[0]
    return int(pasted[0]) if pasted else -1


@rule("gimp-selection-float")
def _float(call: Any, drawable: int, x: int, y: int) -> int:
    found = values.item(drawable)
    image = found.get_image()
    layer = Gimp.Selection.float(image, [found], x, y)
    return int(layer.get_id())


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


# -- selections ------------------------------------------------------------------------------------


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
def _select_path(
    call: Any, path: int, operation: int, antialias: int, feather: int, *radius: float
) -> None:
    with _selecting(call, antialias, feather, radius):
        _select(call, path, operation)


# -- transformations -------------------------------------------------------------------------------

_INTERPOLATION_NONE, _INTERPOLATION_CUBIC = 0, 2
_TRANSFORMS: Dict[str, Sequence[str]] = {
    "flip": ("x0", "y0", "x1", "y1"),
    "perspective": ("x0", "y0", "x1", "y1", "x2", "y2", "x3", "y3"),
    "rotate": ("angle", "auto_center", "center_x", "center_y"),
    "scale": ("x0", "y0", "x1", "y1"),
    "shear": ("shear_type", "magnitude"),
    "2d": ("source_x", "source_y", "scale_x", "scale_y", "angle", "dest_x", "dest_y"),
    "matrix": tuple("coeff_%d_%d" % (i, j) for i in range(3) for j in range(3)),
}
_SIMPLE: Dict[str, Sequence[str]] = {
    "flip-simple": ("flip_type", "auto_center", "axis"),
    "rotate-simple": ("rotate_type", "auto_center", "center_x", "center_y"),
}


def _transform(call: Any, kind: str, item: int, given: Dict[str, Any], **settings: Any) -> int:
    with context(call, **settings):
        return int(call("gimp-item-transform-" + kind, item=item, **given)[0])


def _explicit_transform(kind: str, names: Sequence[str]) -> Rule:
    def transform(call: Any, item: int, *numbers: Any) -> int:
        direction, interpolation, _, _, clip = numbers[len(names) :]
        how = {"transform_direction": direction, "interpolation": min(interpolation, 4)}
        given = dict(zip(names, numbers))
        return _transform(call, kind, item, given, transform_resize=clip, **how)

    return transform


def _default_transform(kind: str, names: Sequence[str]) -> Rule:
    def transform(call: Any, item: int, *numbers: Any) -> int:
        interpolate, clip = numbers[len(names) :]
        how = {} if interpolate else {"interpolation": _INTERPOLATION_NONE}
        given = dict(zip(names, numbers))
        return _transform(call, kind, item, given, transform_resize=clip, **how)

    return transform


def _simple_transform(kind: str, names: Sequence[str]) -> Rule:
    def transform(call: Any, item: int, *numbers: Any) -> int:
        given = dict(zip(names, numbers))
        return _transform(call, kind, item, given, transform_resize=numbers[len(names)])

    return transform


for _kind, _names in _TRANSFORMS.items():
    RULES["gimp-drawable-transform-" + _kind] = _explicit_transform(_kind, _names)
    RULES["gimp-drawable-transform-%s-default" % _kind] = _default_transform(_kind, _names)
for _kind, _names in _SIMPLE.items():
    RULES["gimp-drawable-transform-" + _kind] = _simple_transform(_kind, _names)


def _old_transform(kind: str, names: Sequence[str]) -> Rule:
    def transform(call: Any, item: int, interpolate: int, *numbers: Any) -> int:
        how = {"interpolation": _INTERPOLATION_CUBIC if interpolate else _INTERPOLATION_NONE}
        given = dict(zip(names, numbers))
        if kind == "rotate":
            given.update(auto_center=1, center_x=0, center_y=0)
        return _transform(call, kind, item, given, transform_resize=0, **how)

    return transform


for _kind, _old in (("rotate", "rotate"), ("scale", "scale"), ("shear", "shear"), ("2d", "2d")):
    _short = "gimp-transform-2d" if _old == "2d" else "gimp-" + _old
    _taken = _TRANSFORMS[_kind][:1] if _kind == "rotate" else _TRANSFORMS[_kind]
    RULES[_short] = _old_transform(_kind, _taken)
RULES["gimp-perspective"] = _old_transform("perspective", _TRANSFORMS["perspective"])


@rule("gimp-flip")
def _flip(call: Any, item: int, kind: int) -> int:
    given: Dict[str, Any] = {"flip_type": kind, "auto_center": 1, "axis": 0.0}
    return _transform(call, "flip-simple", item, given, transform_resize=0)


@rule("gimp-image-scale-full")
def _image_scale(call: Any, image: int, width: int, height: int, interpolation: int) -> None:
    with context(call, interpolation=min(interpolation, 4)):
        call("gimp-image-scale", image=image, new_width=width, new_height=height)


@rule("gimp-layer-scale-full")
def _layer_scale(
    call: Any, layer: int, width: int, height: int, local: int, interpolation: int
) -> None:
    with context(call, interpolation=min(interpolation, 4)):
        size = {"new_width": width, "new_height": height}
        call("gimp-layer-scale", layer=layer, local_origin=local, **size)


# -- brushes, gradients, palettes, patterns, fonts -------------------------------------------------


def _kinds() -> Iterator[Tuple[str, str]]:
    for name in values.RESOURCES:
        yield name, name[len("Gimp") :].lower()


def _of_kind(kind: str, what: str) -> Rule:
    def deleted(call: Any, name: str) -> None:
        _known(kind, name).delete()

    def duplicated(call: Any, name: str) -> str:
        return str(_known(kind, name).duplicate().get_name())

    def editable(call: Any, name: str) -> int:
        return int(_known(kind, name).is_editable())

    def renamed(call: Any, name: str, new: str) -> str:
        found = _known(kind, name)
        found.rename(new)
        return str(found.get_name())

    return {"delete": deleted, "duplicate": duplicated, "is-editable": editable}.get(what, renamed)


def _known(kind: str, name: str) -> Any:
    return values.resource(kind, name)


for _type, _kind in _kinds():
    if _kind in ("brush", "gradient", "palette"):
        for _what in ("delete", "duplicate", "is-editable", "rename"):
            RULES["gimp-%s-%s" % (_kind, _what)] = _of_kind(_type, _what)


@rule("gimp-brush-get-pixels")
def _brush_pixels(call: Any, name: str) -> Tuple[Any, ...]:
    brush = _known("GimpBrush", name)
    _, width, height, mask_bytes, color_bytes = brush.get_info()
    mask = _bytes(brush.get_mask(width, height, Babl.format("Y u8")))
    colors = b""
    if color_bytes:
        colors = _bytes(brush.get_buffer(width, height, Babl.format("R'G'B' u8")))
    return width, height, mask_bytes, mask, color_bytes, colors


@rule("gimp-pattern-get-pixels")
def _pattern_pixels(call: Any, name: str) -> Tuple[Any, ...]:
    pattern = _known("GimpPattern", name)
    _, width, height, bpp = pattern.get_info()
    format = {1: "Y' u8", 2: "Y'A u8", 3: "R'G'B' u8", 4: "R'G'B'A u8"}[bpp]
    return width, height, bpp, _bytes(pattern.get_buffer(width, height, Babl.format(format)))


def _bytes(buffer: Any) -> bytes:
    return bytes(buffer.get(buffer.get_extent(), 1.0, None, Gegl.AbyssPolicy.NONE))


@rule("gimp-brushes-get-brush-data")
def _brush_data(call: Any, name: str) -> Tuple[Any, ...]:
    brush = _known("GimpBrush", name)
    width, height, _, mask, *_ = _brush_pixels(call, name)
    paint = (Gimp.context_get_opacity(), brush.get_spacing(), int(Gimp.context_get_paint_mode()))
    return (brush.get_name(), *paint, width, height, mask)


@rule("gimp-patterns-get-pattern-data")
def _pattern_data(call: Any, name: str) -> Tuple[Any, ...]:
    return (_known("GimpPattern", name).get_name(), *_pattern_pixels(call, name))


@rule("gimp-brushes-get-brush")
def _active_brush(call: Any) -> Tuple[Any, ...]:
    brush = Gimp.context_get_brush()
    _, width, height, *_ = brush.get_info()
    return brush.get_name(), width, height, brush.get_spacing()


@rule("gimp-brushes-get-spacing")
def _spacing(call: Any) -> int:
    return int(Gimp.context_get_brush().get_spacing())


@rule("gimp-brushes-set-spacing")
def _set_spacing(call: Any, spacing: int) -> None:
    Gimp.context_get_brush().set_spacing(spacing)


@rule("gimp-patterns-get-pattern")
def _active_pattern(call: Any) -> Tuple[Any, ...]:
    pattern = Gimp.context_get_pattern()
    _, width, height, _ = pattern.get_info()
    return pattern.get_name(), width, height


@rule("gimp-palettes-get-palette")
def _active_palette(call: Any) -> Tuple[Any, ...]:
    palette = Gimp.context_get_palette()
    return palette.get_name(), palette.get_color_count()


@rule("gimp-palettes-get-palette-entry")
def _entry(call: Any, name: str, number: int) -> Tuple[Any, ...]:
    palette = _known("GimpPalette", name)
    color = call("gimp-palette-get-entry-color", palette=name, entry_num=number)[0]
    return palette.get_name(), palette.get_color_count(), color


@rule("gimp-gradient-get-uniform-samples")
def _uniform(call: Any, name: str, count: int, reverse: int) -> List[float]:
    given: Dict[str, Any] = {"gradient": name, "num_samples": count, "reverse": reverse}
    return _flat(call("gimp-gradient-get-uniform-samples", **given)[0])


@rule("gimp-gradient-get-custom-samples")
def _custom(
    call: Any, name: str, count: int, positions: Sequence[float], reverse: int
) -> List[float]:
    given: Dict[str, Any] = {"gradient": name, "positions": positions, "reverse": reverse}
    return _flat(call("gimp-gradient-get-custom-samples", **given)[0])


@rule("gimp-gradients-sample-uniform")
def _active_uniform(call: Any, count: int, reverse: int) -> List[float]:
    return list(_uniform(call, "", count, reverse))


@rule("gimp-gradients-sample-custom")
def _active_custom(call: Any, count: int, positions: Sequence[float], reverse: int) -> List[float]:
    return list(_custom(call, "", count, positions, reverse))


@rule("gimp-gradients-get-gradient-data")
def _gradient_data(call: Any, name: str, count: int, reverse: int) -> Tuple[str, List[float]]:
    return _known("GimpGradient", name).get_name(), _uniform(call, name, count, reverse)


def _on_range(target: str, names: Sequence[str]) -> Rule:
    def run(call: Any, name: str, start: int, end: int, *given: Any) -> Any:
        # GIMP 3.0 stumbles over -1, which stands for the last segment.
        if end < 0:
            end = _known("GimpGradient", name).get_number_of_segments() - 1
        ends = {"gradient": name, "start_segment": start, "end_segment": end}
        found = call(target, **ends, **dict(zip(names, given)))
        return found[0] if found else None

    return run


_RANGES: Dict[str, Sequence[str]] = {
    "blend-colors": (),
    "blend-opacity": (),
    "delete": (),
    "flip": (),
    "move": ("delta", "control_compress"),
    "redistribute-handles": (),
    "replicate": ("replicate_times",),
    "set-blending-function": ("blending_function",),
    "set-coloring-type": ("coloring_type",),
    "split-midpoint": (),
    "split-uniform": ("split_parts",),
}
for _what, _keys in _RANGES.items():
    _target = "gimp-gradient-segment-range-" + _what
    RULES[_target] = _on_range(_target, _keys)


def _flat(colors: Sequence[Sequence[float]]) -> List[float]:
    return [part for color in colors for part in color]


def _end_color(end: str) -> Tuple[Rule, Rule]:
    def get(call: Any, name: str, segment: int) -> Tuple[Any, float]:
        target = "gimp-gradient-segment-get-%s-color" % end
        color = call(target, gradient=name, segment=segment)[0]
        return (*color[:3], 1.0), color[3] * 100

    def put(call: Any, name: str, segment: int, color: Sequence[float], opacity: float) -> None:
        target = "gimp-gradient-segment-set-%s-color" % end
        whole = (*color[:3], opacity / 100)
        call(target, gradient=name, segment=segment, color=whole)

    return get, put


for _end in ("left", "right"):
    _get, _put = _end_color(_end)
    RULES["gimp-gradient-segment-get-%s-color" % _end] = _get
    RULES["gimp-gradient-segment-set-%s-color" % _end] = _put


# -- text ------------------------------------------------------------------------------------------


def _in_pixels(size: float, kind: int, image: Any) -> float:
    """Return a size in pixels; 2.10 took it in points too (kind 1)."""
    return size * image.get_resolution()[2] / 72 if kind == 1 else size


@rule("gimp-text-fontname")
def _text(
    call: Any,
    image: int,
    drawable: int,
    x: float,
    y: float,
    text: str,
    border: int,
    antialias: int,
    size: float,
    kind: int,
    font: str,
) -> int:
    pixels_high = _in_pixels(size, kind, values.image(image))
    given: Dict[str, Any] = {"image": image, "drawable": drawable, "x": x, "y": y, "text": text}
    given.update(border=border, antialias=antialias, size=pixels_high, font=font)
    return int(call("gimp-text-font", **given)[0])


@rule("gimp-text")
def _text_by_parts(call: Any, *given: Any) -> int:
    return int(_text(call, *given[:9], _font_name(given[9:])))


@rule("gimp-text-get-extents-fontname")
def _extents(call: Any, text: str, size: float, kind: int, font: str) -> Tuple[Any, ...]:
    return tuple(call("gimp-text-get-extents-font", text=text, size=size, font=font))


@rule("gimp-text-get-extents")
def _extents_by_parts(call: Any, text: str, size: float, kind: int, *parts: str) -> Tuple[Any, ...]:
    return tuple(_extents(call, text, size, kind, _font_name(parts)))


def _font_name(parts: Sequence[str]) -> str:
    """Return a font's name from the parts of an X11 one."""
    _, family, weight, slant, *_ = parts
    words = [family, weight if weight == "bold" else "", "italic" if slant in "io" else ""]
    return " ".join(word.capitalize() for word in words if word and word != "*") or "Sans"


@rule("gimp-text-layer-get-hinting")
def _hinting(call: Any, layer: int) -> Tuple[int, int]:
    style = call("gimp-text-layer-get-hint-style", layer=layer)[0]
    return int(style != 0), int(style == 1)


@rule("gimp-text-layer-set-hinting")
def _set_hinting(call: Any, layer: int, hinting: int, auto: int) -> None:
    style = 0 if not hinting else (1 if auto else 2)
    call("gimp-text-layer-set-hint-style", layer=layer, style=style)


# -- units -----------------------------------------------------------------------------------------


def _unit(method: str) -> Rule:
    def get(call: Any, unit: int) -> Any:
        return values.plain(getattr(Gimp.Unit.get_by_id(unit), method)())

    return get


for _what, _method in {
    "abbreviation": "get_abbreviation",
    "deletion-flag": "get_deletion_flag",
    "digits": "get_digits",
    "factor": "get_factor",
    "identifier": "get_name",
    "plural": "get_name",
    "singular": "get_name",
    "symbol": "get_symbol",
}.items():
    RULES["gimp-unit-get-" + _what] = _unit(_method)


@rule("gimp-unit-set-deletion-flag")
def _set_deletion(call: Any, unit: int, flag: int) -> None:
    Gimp.Unit.get_by_id(unit).set_deletion_flag(bool(flag))


@rule("gimp-unit-get-number-of-built-in-units")
def _built_in(call: Any) -> int:
    return 5


@rule("gimp-unit-get-number-of-units")
def _units(call: Any) -> int:
    count = 0
    while Gimp.Unit.get_by_id(count) is not None:
        count += 1
    return count


@rule("gimp-unit-new")
def _new_unit(
    call: Any, name: str, factor: float, digits: int, symbol: str, short: str, *_: str
) -> int:
    return int(Gimp.Unit.new(name, factor, digits, symbol, short).get_id())


# -- paths as 2.4 had them -------------------------------------------------------------------------


def _path(image: int, name: str) -> Any:
    found = values.image(image).get_path_by_name(name)
    if found is None:
        raise values.NoSuchValue("no path called %r" % name)
    return found


@rule("gimp-path-list")
def _paths(call: Any, image: int) -> List[str]:
    return [path.get_name() for path in values.image(image).get_paths()]


@rule("gimp-path-get-current")
def _current_path(call: Any, image: int) -> Optional[str]:
    chosen = values.image(image).get_selected_paths()
    return chosen[0].get_name() if chosen else None


@rule("gimp-path-set-current")
def _set_current_path(call: Any, image: int, name: str) -> None:
    values.image(image).set_selected_paths([_path(image, name)])


@rule("gimp-path-delete")
def _delete_path(call: Any, image: int, name: str) -> None:
    values.image(image).remove_path(_path(image, name))


@rule("gimp-path-get-tattoo")
def _path_tattoo(call: Any, image: int, name: str) -> int:
    return int(_path(image, name).get_tattoo())


@rule("gimp-path-set-tattoo")
def _set_path_tattoo(call: Any, image: int, name: str, tattoo: int) -> None:
    _path(image, name).set_tattoo(tattoo)


@rule("gimp-path-get-locked")
def _path_locked(call: Any, image: int, name: str) -> int:
    return _get_linked(call, _path(image, name).get_id())


@rule("gimp-path-set-locked")
def _set_path_locked(call: Any, image: int, name: str, locked: int) -> None:
    _set_linked(call, _path(image, name).get_id(), locked)


@rule("gimp-get-path-by-tattoo")
def _path_by_tattoo(call: Any, image: int, tattoo: int) -> Optional[str]:
    found = values.image(image).get_path_by_tattoo(tattoo)
    return None if found is None else str(found.get_name())


@rule("gimp-path-to-selection")
def _path_to_selection(call: Any, image: int, name: str, *rest: Any) -> None:
    _select_path(call, _path(image, name).get_id(), *rest)


@rule("gimp-path-import")
def _import_path(call: Any, image: int, name: str, merge: int, scale: int) -> None:
    given: Dict[str, Any] = {"image": image, "file": name, "merge": merge, "scale": scale}
    call("gimp-image-import-paths-from-file", **given)


@rule("gimp-path-stroke-current")
def _stroke_current(call: Any, image: int) -> None:
    found = values.image(image)
    drawable = found.get_selected_drawables()[0]
    drawable.edit_stroke_item(found.get_selected_paths()[0])


# -- files -----------------------------------------------------------------------------------------


@rule("gimp-file-save")
def _save(call: Any, run_mode: int, image: int, drawable: int, name: str, raw: str) -> None:
    _saved(call, "gimp-file-save", image, drawable, name, {"run_mode": run_mode})


@rule("gimp-xcf-save")
def _save_xcf(call: Any, dummy: int, image: int, drawable: int, name: str, raw: str) -> None:
    call("gimp-xcf-save", run_mode=1, image=image, file=name)


def _saved(
    call: Any, target: str, image: int, drawable: int, name: str, more: Dict[str, Any]
) -> None:
    found = values.image(image)
    if files.keeps_layers(name) or drawable < 0:
        call(target, image=image, file=name, **more)
        return
    with files.alone(found, values.item(drawable)) as single:
        call(target, image=single.get_id(), file=name, **more)


def _export_rule(target: str, names: Dict[str, str], olds: Sequence[str]) -> Rule:
    def export(call: Any, *given: Any) -> None:
        by_name = dict(zip(olds, given))
        name = str(by_name.get("filename") or by_name.get("uri"))
        procedure = call.target(target)
        more: Dict[str, Any] = {"run_mode": by_name["run-mode"]}
        for old, value in by_name.items():
            new = names.get(old, old)
            given_else = new in ("run-mode", "image", "drawable", "file")
            if not given_else and procedure.find_argument(new) is not None:
                more[new.replace("-", "_")] = value
        _saved(call, target, by_name["image"], by_name["drawable"], name, more)

    return export


_EXPORT_NAMES = {
    "interlace": "interlaced",
    "comment": "include-comment",
    "svtrans": "save-transparent",
    "subsmp": "sub-sampling",
    "save-transp-pixels": "save-transparent-pixels",
    "anim-loop": "animation-loop",
    "animation": "animation",
    "kf-distance": "keyframe-distance",
    "exif": "include-exif",
    "iptc": "include-iptc",
    "xmp": "include-xmp",
    "thumbnail": "include-thumbnail",
    "delay": "default-delay",
    "savetype": "save-type",
    "mipmap-wrap": "mipmap-wrap",
}


def _add_exports() -> None:
    from _gimpfu.gimp3 import signatures

    for name in signatures.names():
        if not name.startswith("file-") or "-save" not in name or name in RULES:
            continue
        old = signatures.old(name)
        assert old is not None
        olds = [argument.name for argument in old.arguments]
        if "drawable" not in olds or "image" not in olds or olds[0] != "run-mode":
            continue
        target = name.split("-save")[0] + "-export"
        target = {"file-bigtiff-export": "file-tiff-export"}.get(target, target)
        if name == "file-save-rgbe":
            target = "file-rgbe-export"
        names = dict(_EXPORT_NAMES)
        if name.startswith("file-gif"):
            del names["interlace"]
        if name.startswith("file-jpeg"):
            del names["comment"]
        RULES[name] = _export_rule(target, names, olds)


_add_exports()


@rule("file-png-save-defaults")
def _save_png_defaults(
    call: Any, run_mode: int, image: int, drawable: int, name: str, raw: str
) -> None:
    _saved(call, "file-png-export", image, drawable, name, {"run_mode": run_mode})


@rule("file-jpeg-save")
def _save_jpeg(
    call: Any,
    run_mode: int,
    image: int,
    drawable: int,
    name: str,
    raw: str,
    quality: float,
    smoothing: float,
    optimize: int,
    progressive: int,
    comment: str,
    sampling: int,
    baseline: int,
    restart: int,
    dct: int,
) -> None:
    more: Dict[str, Any] = {"run_mode": run_mode, "quality": quality, "smoothing": smoothing}
    more.update(optimize=optimize, progressive=progressive, baseline=baseline, restart=restart)
    more.update(sub_sampling=sampling, dct=dct)
    _saved(call, "file-jpeg-export", image, drawable, name, more)


# -- plug-ins --------------------------------------------------------------------------------------


@rule("plug-in-icc-profile-set")
def _icc_set(call: Any, run_mode: int, image: int, profile: str) -> None:
    values.image(image).set_color_profile_from_file(values.file(profile))


@rule("plug-in-icc-profile-set-rgb")
def _icc_set_rgb(call: Any, run_mode: int, image: int) -> None:
    values.image(image).set_color_profile(Gimp.ColorProfile.new_rgb_srgb())


@rule("plug-in-icc-profile-apply")
def _icc_apply(call: Any, run_mode: int, image: int, profile: str, intent: int, bpc: int) -> None:
    made = Gimp.ColorProfile.new_from_file(values.file(profile))
    values.image(image).convert_color_profile(made, intent, bool(bpc))


@rule("plug-in-icc-profile-apply-rgb")
def _icc_apply_rgb(call: Any, run_mode: int, image: int, intent: int, bpc: int) -> None:
    made = Gimp.ColorProfile.new_rgb_srgb()
    values.image(image).convert_color_profile(made, intent, bool(bpc))


def _told(profile: Any) -> Tuple[str, str, str]:
    return profile.get_model(), profile.get_description(), profile.get_summary()


@rule("plug-in-icc-profile-info")
def _icc_info(call: Any, image: int) -> Tuple[str, str, str]:
    return _told(values.image(image).get_effective_color_profile())


@rule("plug-in-icc-profile-file-info")
def _icc_file_info(call: Any, name: str) -> Tuple[str, str, str]:
    return _told(Gimp.ColorProfile.new_from_file(values.file(name)))


@rule("plug-in-rotate")
def _rotate(
    call: Any, run_mode: int, image: int, drawable: int, quarters: int, everything: int
) -> None:
    if not 1 <= quarters <= 3:
        return
    if everything:
        call("gimp-image-rotate", image=image, rotate_type=quarters - 1)
    else:
        given = {"rotate_type": quarters - 1, "auto_center": 1, "center_x": 0, "center_y": 0}
        _transform(call, "rotate-simple", drawable, given)


@rule("plug-in-autocrop")
def _autocrop(call: Any, run_mode: int, image: int, drawable: int) -> None:
    _crop(call, "gimp-image-autocrop", image, drawable)


@rule("plug-in-autocrop-layer")
def _autocrop_layer(call: Any, run_mode: int, image: int, drawable: int) -> None:
    values.image(image).set_selected_layers([values.item(drawable)])
    _crop(call, "gimp-image-autocrop-selected-layers", image, drawable)


def _crop(call: Any, target: str, image: int, drawable: int) -> None:
    try:
        call(target, image=image, drawable=drawable)
    except CallFailed:
        # GIMP 3 calls it a failure that there is nothing to crop.
        return


@rule("plug-in-threshold-alpha")
def _threshold_alpha(call: Any, run_mode: int, image: int, drawable: int, threshold: int) -> None:
    table = bytes(255 if value > threshold else 0 for value in range(256))

    def change(data: bytearray) -> None:
        data[3::4] = data[3::4].translate(table)

    _change(drawable, change)


@rule("plug-in-semiflatten")
def _semiflatten(call: Any, run_mode: int, image: int, drawable: int) -> None:
    back = [round(255 * part) for part in values.components(Gimp.context_get_background())[:3]]

    def change(data: bytearray) -> None:
        for i, alpha in enumerate(data[3::4]):
            if 0 < alpha < 255:
                at = 4 * i
                for part in range(3):
                    mixed = data[at + part] * alpha + back[part] * (255 - alpha)
                    data[at + part] = (mixed + 127) // 255
                data[at + 3] = 255

    _change(drawable, change)


@rule("plug-in-max-rgb")
def _max_rgb(call: Any, run_mode: int, image: int, drawable: int, largest: int) -> None:
    kept = max if largest else min

    def change(data: bytearray) -> None:
        for at in range(0, len(data), 4):
            whole = data[at : at + 3]
            limit = kept(whole)
            data[at : at + 3] = bytes(part if part == limit else 0 for part in whole)

    _change(drawable, change)


def _change(drawable: int, change: Callable[[bytearray], None]) -> None:
    """Change the selected pixels of a drawable, as bytes of red, green, blue and alpha."""
    found = values.item(drawable)
    size = (0, 0, found.get_width(), found.get_height())
    data = bytearray(pixels.read(drawable, size, "R'G'B'A u8", False))
    change(data)
    pixels.write(drawable, size, bytes(data), "R'G'B'A u8", True)
    found.merge_shadow(True)
    found.update(*size)


@rule("plug-in-ccanalyze")
def _count_colors(call: Any, run_mode: int, image: int, drawable: int) -> int:
    found = values.item(drawable)
    size = (0, 0, found.get_width(), found.get_height())
    data = pixels.read(drawable, size, None, False)
    step = len(data) // (size[2] * size[3])
    whole = step - 1 if found.has_alpha() else step
    return len({data[i : i + whole] for i in range(0, len(data), step)})


def _filter_rule(name: str) -> Rule:
    def run(call: Any, run_mode: int, image: int, drawable: int, *given: Any) -> None:
        found = values.item(drawable)
        try:
            filters.apply(name, found, given)
        except filters.Unknown as missing:
            raise CallFailed(name, Status.CALLING_ERROR, str(missing)) from missing

    return run


for _name in filters.FILTERS:
    RULES[_name] = _filter_rule(_name)


# -- no successor ----------------------------------------------------------------------------------

_NEW = "GIMP 3 has gimp-%s instead"
#: What to tell somebody who calls one of these.
ADVICE: Dict[str, str] = {
    "file-gbr-save-internal": "use file-gbr-save",
    "file-gih-save-internal": "use file-gih-save",
    "file-pat-save-internal": "use file-pat-save",
    "file-pdf-save-multi": "GIMP 3 has file-pdf-export-multi instead",
    "file-pdf-save-multi-transparent": "GIMP 3 has file-pdf-export-multi instead",
    "file-png-get-defaults": "GIMP 3 keeps last values; give file-png-save2 its arguments",
    "file-png-set-defaults": "GIMP 3 keeps last values; give file-png-save2 its arguments",
    "file-raw-get-defaults": "GIMP 3 keeps last values; give file-raw-save2 its arguments",
    "file-raw-set-defaults": "GIMP 3 keeps last values; give file-raw-save2 its arguments",
    "file-ps-load-setargs": "GIMP 3's own file-ps-load takes these as arguments",
    "file-svg-load-thumb": "use gimp-file-load-thumbnail",
    "gimp-drawable-set-image": "2.10 could not do it either; use gimp-layer-new-from-drawable",
    "gimp-image-get-metadata": "use Gimp.Image.get_metadata of GIMP 3's own Python",
    "gimp-image-set-metadata": "use Gimp.Image.set_metadata of GIMP 3's own Python",
    "gimp-online-wiki": "GIMP 3 has gimp-online-main-web-site and gimp-online-docs-web-site",
    "gimp-path-get-points": _NEW % "path-stroke-get-points",
    "gimp-path-set-points": _NEW % "path-stroke-new-from-points",
    "gimp-path-get-point-at-dist": _NEW % "path-stroke-get-point-at-dist",
    "gimp-plugins-query": _NEW % "plug-ins-query",
    "gimp-progress-install": "GIMP 3 shows the progress of procedures itself",
    "gimp-progress-uninstall": "GIMP 3 shows the progress of procedures itself",
    "gimp-get-icon-theme-dir": "GIMP 3 has no procedure for it",
    "gimp-get-theme-dir": "GIMP 3 has no procedure for it",
    "plug-in-filter-pack": "GIMP 3 has its filters in the menu Colors",
    "plug-in-goat-exercise": "GIMP 3 has plug-in-goat-exercise-c and plug-in-goat-exercise-python",
}
