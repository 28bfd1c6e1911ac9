"""Brushes, gradients, palettes and patterns by name."""

from typing import Any, Dict, Iterator, List, Sequence, Tuple

from gi.repository import Babl, Gegl, Gimp

from _gimpfu.gimp3 import values
from _gimpfu.gimp3.rules.base import RULES, Rule, rule


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
