"""Layers, channels and single pixels."""

from typing import Any, Dict

from gi.repository import Gimp

from _gimpfu.gimp3 import native, pixels, values
from _gimpfu.gimp3.rules.base import RULES, rule

_LINKED = "gimpfu-linked"


@rule("gimp-layer-copy")
def _layer_copy(call: Any, layer: int, add_alpha: int) -> int:
    copy = call("gimp-layer-copy", layer=layer)[0]
    if add_alpha:
        call("gimp-layer-add-alpha", layer=copy)
    return int(copy)


@rule("gimp-layer-group-new")
def _group(call: Any, image: int) -> int:
    return int(Gimp.GroupLayer.new(values.image(image), None).get_id())


def get_linked(call: Any, item: int) -> int:
    return int(values.item(item).get_parasite(_LINKED) is not None)


def set_linked(call: Any, item: int, linked: int) -> None:
    # GIMP 3 has no chains. What was asked for is remembered; transformations do not follow it.
    found = values.item(item)
    if linked:
        found.attach_parasite(native.parasite(_LINKED, 0, b"1"))
    elif found.get_parasite(_LINKED) is not None:
        found.detach_parasite(_LINKED)


for _kind in ("item", "drawable", "layer", "vectors"):
    RULES["gimp-%s-get-linked" % _kind] = get_linked
    RULES["gimp-%s-set-linked" % _kind] = set_linked


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
