"""Plain values to what a property of GIMP 3 takes, and results back."""

import struct
from typing import Any, Optional, Sequence, Tuple

from gi.repository import Babl, Gegl, Gimp, Gio, GLib

from _gimpfu.backend import ParasiteValue, Type
from _gimpfu.gimp3 import enums, native

ITEMS = {
    "GimpItem": Type.ITEM,
    "GimpDrawable": Type.DRAWABLE,
    "GimpLayer": Type.LAYER,
    "GimpTextLayer": Type.LAYER,
    "GimpGroupLayer": Type.LAYER,
    "GimpChannel": Type.CHANNEL,
    "GimpLayerMask": Type.CHANNEL,
    "GimpSelection": Type.SELECTION,
    "GimpPath": Type.VECTORS,
}
RESOURCES = {
    "GimpBrush": Gimp.Brush,
    "GimpFont": Gimp.Font,
    "GimpGradient": Gimp.Gradient,
    "GimpPalette": Gimp.Palette,
    "GimpPattern": Gimp.Pattern,
}
_ACTIVE = {
    "GimpBrush": Gimp.context_get_brush,
    "GimpFont": Gimp.context_get_font,
    "GimpGradient": Gimp.context_get_gradient,
    "GimpPalette": Gimp.context_get_palette,
    "GimpPattern": Gimp.context_get_pattern,
}
_PLAIN = {
    "gint": Type.INT32,
    "guint": Type.INT32,
    "gboolean": Type.INT32,
    "guchar": Type.INT32,
    "GimpUnit": Type.INT32,
    "GimpDrawableFilter": Type.INT32,
    "GimpResource": Type.STRING,
    "gdouble": Type.FLOAT,
    "gchararray": Type.STRING,
    "GFile": Type.STRING,
    "GimpImage": Type.IMAGE,
    "GimpDisplay": Type.DISPLAY,
    "GeglColor": Type.COLOR,
    "GimpColorArray": Type.COLORARRAY,
    "GBytes": Type.INT8ARRAY,
    "GStrv": Type.STRINGARRAY,
    "GimpDoubleArray": Type.FLOATARRAY,
    "GimpInt32Array": Type.INT32ARRAY,
    "GimpParasite": Type.PARASITE,
    **ITEMS,
    **dict.fromkeys(RESOURCES, Type.STRING),
}
ARRAYS = (
    *(Type.INT32ARRAY, Type.INT16ARRAY, Type.INT8ARRAY),
    *(Type.FLOATARRAY, Type.STRINGARRAY, Type.COLORARRAY),
)

_DOUBLES = "4d"


# Regular fonts had no style in their name on 2.10, and one of fontconfig's aliases another name.
_REGULAR = ("", " Regular", " Book", " Roman", " Normal", " Medium")
_SANS, _SANS_SERIF = "Sans", "Sans-serif"


class NoSuchValue(Exception):
    """A name or an id that GIMP does not know, or a number that it does not take.

    The message says which.
    """


def type_of(spec: Any) -> Optional[Type]:
    """Return the type that 2.10 would have for a property, None for one that it would not have."""
    name = spec.value_type.name
    if name == "GimpCoreObjectArray":
        element = Gimp.param_spec_core_object_array_get_object_type(spec).name
        return Type.STRINGARRAY if element in RESOURCES else Type.INT32ARRAY
    if spec.__gtype__.name == "GParamEnum":
        return Type.INT32
    return _PLAIN.get(name)


def color(value: Sequence[float]) -> Any:
    """Return a colour of GIMP's for (red, green, blue, alpha) with sRGB's curve."""
    # While GIMP asks what there is, nothing else has done it yet; again costs nothing.
    Babl.init()
    made = Gegl.Color.new("black")
    raw = GLib.Bytes.new(struct.pack(_DOUBLES, *value))
    made.set_bytes(Babl.format("R'G'B'A double"), raw)
    return made


def components(value: Any) -> Tuple[float, ...]:
    """Return (red, green, blue, alpha) with sRGB's curve."""
    raw = value.get_bytes(Babl.format("R'G'B'A double")).get_data()
    return struct.unpack(_DOUBLES, raw)


def file(name: Optional[str]) -> Any:
    """Return the file for a path or an URI."""
    if not name:
        return None
    return Gio.File.new_for_commandline_arg(name)


def path(value: Any) -> Optional[str]:
    """Return the path of a file, or its URI where it has none."""
    if value is None:
        return None
    return str(value.get_path() or value.get_uri())


def resource(kind: str, name: Optional[str]) -> Any:
    """Return a brush, font, … by name; the active one for an empty name, as 2.10 does."""
    if not name:
        return _ACTIVE[kind]()
    find = _font if kind == "GimpFont" else RESOURCES[kind].get_by_name
    found = find(name)
    if found is None:
        raise NoSuchValue("%s %r not found" % (kind[len("Gimp") :], name))
    return found


def _font(name: str) -> Any:
    """Return a font by the name that it has here, or had on 2.10; None where there is none."""
    family, space, style = name.partition(" ")
    if family == _SANS and Gimp.Font.get_by_name(name) is None:
        name = _SANS_SERIF + space + style
    for ending in _REGULAR:
        found = Gimp.Font.get_by_name(name + ending)
        if found is not None:
            return found
    return None


def item(number: int) -> Any:
    """Return an item by its id, None for -1."""
    if number < 0:
        return None
    found = Gimp.Item.get_by_id(number)
    if found is None:
        raise NoSuchValue("no item with the id %d" % number)
    return found


def image(number: int) -> Any:
    """Return an image by its id, None for -1."""
    if number < 0:
        return None
    if not Gimp.Image.id_is_valid(number):
        raise NoSuchValue("no image with the id %d" % number)
    return Gimp.Image.get_by_id(number)


def put(config: Any, spec: Any, value: Any) -> None:
    """Set the property of a config from a plain value. Raises NoSuchValue."""
    name, kind = spec.name, spec.value_type.name
    if kind in ("GimpDoubleArray", "GimpInt32Array"):
        native.set_array(config, name, kind, list(value))
    elif kind == "GimpCoreObjectArray":
        element = Gimp.param_spec_core_object_array_get_object_type(spec).name
        config.set_core_object_array(name, [_object(element, one) for one in value])
    elif kind == "GimpColorArray":
        config.set_color_array(name, [color(one) for one in value])
    elif kind != "GimpExportOptions":
        set_property(config, name, given(spec, value))


def set_property(config: Any, name: str, value: Any) -> None:
    """Set a property. Raises NoSuchValue for a number out of its range, a choice that is none.

    GIMP 2.10 refused such a call, GIMP 3 does something else with a warning.
    """
    config.set_property(name, value)
    if isinstance(value, (int, float)):
        kept = config.get_property(name)
        if kept not in (value, int(value)):
            raise NoSuchValue("%s cannot be %s: the value is out of range" % (name, value))
    elif isinstance(value, str) and config.get_property(name) != value:
        raise NoSuchValue("%s cannot be %r: that is none of its choices" % (name, value))


def given(spec: Any, value: Any) -> Any:
    """Return what a property that is no array takes for a plain value."""
    kind = spec.value_type.name
    if spec.__gtype__.name == "GParamEnum":
        return enums.to_3(kind, int(value))
    if kind == "gboolean":
        return bool(value)
    if kind in ("gint", "guint", "guchar"):
        return int(value)
    if kind == "gchararray":
        return _nick(spec, value) if isinstance(value, int) else value
    if kind == "GBytes":
        return GLib.Bytes.new(bytes(value))
    if kind == "GeglColor":
        return value if value is None else color(value)
    if kind == "GFile":
        return file(value)
    if kind == "GimpUnit":
        return Gimp.Unit.get_by_id(int(value))
    if kind == "GimpParasite":
        return native.parasite(value.name, value.flags, value.data)
    if kind == "gdouble":
        return float(value)
    if kind == "GStrv":
        return list(value)
    return _object(kind, value)


def _object(kind: str, value: Any) -> Any:
    if kind in RESOURCES:
        return resource(kind, value)
    if kind == "GimpImage":
        return image(value)
    if kind == "GimpDisplay":
        return Gimp.Display.get_by_id(value) if value >= 0 else None
    if kind == "GimpDrawableFilter":
        return Gimp.DrawableFilter.get_by_id(value)
    if kind in ITEMS:
        return item(value)
    if kind == "GimpResource":
        for _, found in RESOURCES.items():
            made = found.get_by_name(value)
            if made is not None:
                return made
        raise NoSuchValue("no brush, font, … called %r" % value)
    return value


def _nick(spec: Any, number: int) -> str:
    """Return the name of a choice by its number: 2.10 counted what 3.x names."""
    if spec.__gtype__.name != "GimpParamChoice":
        return str(number)
    choice = Gimp.param_spec_choice_get_choice(spec)
    for nick in choice.list_nicks():
        if choice.get_id(nick) == number:
            return str(nick)
    raise NoSuchValue("%s has no choice with the number %d" % (spec.name, number))


def get(values: Any, index: int, spec: Any) -> Any:
    """Return a result as a plain value."""
    kind = spec.value_type.name
    if kind == "GimpCoreObjectArray":
        return [plain(one) for one in values.get_core_object_array(index)]
    if kind == "GimpColorArray":
        return [components(one) for one in values.get_color_array(index)]
    value = values.index(index)
    if kind in ("GimpDoubleArray", "GimpInt32Array"):
        return native.get_array(value, kind)
    if value is None:
        return nothing(kind)
    if spec.__gtype__.name == "GParamEnum":
        return enums.to_2(kind, int(value))
    return plain(value)


def nothing(kind: str) -> Any:
    """Return what stands for no value of a kind."""
    if kind in ITEMS or kind in ("GimpImage", "GimpDisplay"):
        return -1
    if kind == "GBytes":
        return b""
    if kind == "GStrv":
        return []
    return None


def plain(value: Any) -> Any:
    """Return a value of GIMP's that says itself what it is as a plain one."""
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, Gimp.Resource):
        return value.get_name()
    if isinstance(value, (Gimp.Item, Gimp.Image, Gimp.Display, Gimp.Unit, Gimp.DrawableFilter)):
        return value.get_id()
    if isinstance(value, Gegl.Color):
        return components(value)
    if isinstance(value, GLib.Bytes):
        return value.get_data() or b""
    if isinstance(value, Gio.File):
        return path(value)
    if isinstance(value, Gimp.Parasite):
        return ParasiteValue(value.name, value.flags, native.parasite_data(value))
    return value
