"""Text and units."""

from typing import Any, Dict, Sequence, Tuple

from gi.repository import Gimp

from _gimpfu.gimp3 import values
from _gimpfu.gimp3.rules.base import RULES, Rule, rule

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
