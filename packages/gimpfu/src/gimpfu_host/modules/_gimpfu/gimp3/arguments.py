"""What a plug-in registers, as arguments of GIMP 3, and the values that come with a run."""

import re
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set

from gi.repository import Gimp, GObject

from _gimpfu import widgets as w
from _gimpfu.backend import Argument, Type
from _gimpfu.convert import to_color
from _gimpfu.gimp3 import native, values

READWRITE = GObject.ParamFlags.READWRITE
_LEAST, _MOST = -(2**31), 2**31 - 1
_RANGES = {w.PF_INT8: (0, 255), w.PF_INT16: (-(2**15), 2**15 - 1)}
_RESOURCES = {
    w.PF_BRUSH: "brush",
    w.PF_FONT: "font",
    w.PF_GRADIENT: "gradient",
    w.PF_PALETTE: "palette",
    w.PF_PATTERN: "pattern",
}
_OBJECTS = {
    Type.ITEM: "item",
    Type.DRAWABLE: "drawable",
    Type.LAYER: "layer",
    Type.CHANNEL: "channel",
    Type.VECTORS: "path",
    Type.IMAGE: "image",
    Type.DISPLAY: "display",
}
_ARRAYS = {
    Type.INT8ARRAY: "bytes",
    Type.INT16ARRAY: "int32_array",
    Type.INT32ARRAY: "int32_array",
    Type.FLOATARRAY: "double_array",
    Type.STRINGARRAY: "string_array",
}
_ACTIONS = {
    # Any other action refuses files that are not there yet, which 2.10 did not.
    w.PF_FILE: Gimp.FileChooserAction.ANY,
    w.PF_FILENAME: Gimp.FileChooserAction.ANY,
    w.PF_DIRNAME: Gimp.FileChooserAction.ANY,
}


class Named(NamedTuple):
    """An argument under the name that it has in GIMP 3."""

    name: str
    argument: Argument


def named(arguments: Sequence[Argument], reserved: Sequence[str] = ()) -> List[Named]:
    """Give every argument a name that GIMP 3 accepts and no other one has."""
    used: Set[str] = set(reserved)
    result = []
    for argument in arguments:
        plain = re.sub("[^a-zA-Z0-9-]", "-", argument.name)
        base = plain if plain[:1].isalpha() else "arg-" + plain
        name, count = base, 1
        while name in used:
            count += 1
            name = "%s-%d" % (base, count)
        used.add(name)
        result.append(Named(name, argument))
    return result


def add(procedure: Any, one: Named, suffix: str = "argument") -> None:
    """Add an argument (`suffix` argument) or a result (return_value) to a procedure."""
    kind, more = _kind(one.argument, suffix == "return_value")
    label = (one.argument.description or one.name).replace("_", "")
    nick = mnemonic(one)
    method = getattr(procedure, "add_%s_%s" % (kind, suffix))
    method(one.name, nick, label, *more, READWRITE)


def mnemonic(one: Named) -> str:
    """Return the label with an underscore before a letter; GIMP complains where there is none."""
    label = one.argument.description or one.name
    return label if "_" in label else "_" + label


def _kind(argument: Argument, is_result: bool) -> Any:
    """Return GIMP 3's kind of argument and the parts that only this kind has."""
    widget, kind = argument.widget, argument.type
    if widget == w.PF_TOGGLE:
        return "boolean", (_truth(argument.default),)
    if widget in _RESOURCES:
        # GIMP asks for arguments before it has loaded any brush, so there is none to name here.
        return _RESOURCES[widget], () if is_result else (False, None, True)
    if widget == w.PF_RADIO and argument.extra and not is_result:
        return "choice", _choice(argument)
    if widget in _ACTIONS and not is_result:
        return "file", (_ACTIONS[widget], True, None)
    if kind in (Type.INT32, Type.INT16, Type.INT8):
        low, high = _whole_range(argument)
        return "int", (low, high, _within(_number(argument.default), low, high))
    if kind is Type.FLOAT:
        ends = [float(end) for end in _range(argument) or (-1.7e308, 1.7e308)]
        return "double", (*ends, _within(_number(argument.default), *ends))
    if kind is Type.STRING:
        default = argument.default
        return "string", ("" if default is None else str(default),)
    if kind is Type.COLOR:
        return "color", (True, values.color(_color(argument.default)))
    if kind in _OBJECTS:
        return _OBJECTS[kind], (True,)
    if kind in _ARRAYS:
        return _ARRAYS[kind], ()
    if kind is Type.PARASITE:
        return "parasite", ()
    return "string", ("",)


def _truth(default: Any) -> bool:
    return bool(default) and default != "0"


def _number(default: Any) -> float:
    try:
        return float(default)
    except (TypeError, ValueError):
        return 0.0


def _range(argument: Argument) -> Optional[Sequence[float]]:
    if argument.widget not in (w.PF_SLIDER, w.PF_SPINNER) or not argument.extra:
        return None
    low, high = argument.extra[:2]
    return (low, high) if low <= high else (high, low)


def _whole_range(argument: Argument) -> Sequence[int]:
    if argument.widget == w.PF_OPTION and argument.extra:
        return 0, len(argument.extra) - 1
    limits = _range(argument) or _RANGES.get(argument.widget or 0, (_LEAST, _MOST))
    return max(_LEAST, int(limits[0])), min(_MOST, int(limits[1]))


def _within(number: float, low: float, high: float) -> Any:
    kind = type(low)
    return kind(min(max(number, low), high))


def _color(default: Any) -> Sequence[float]:
    try:
        return to_color(default)
    except (TypeError, ValueError, AttributeError):
        return (0.0, 0.0, 0.0, 1.0)


def _choice(argument: Argument) -> Any:
    choice = Gimp.Choice.new()
    nicks = []
    for number, (label, value) in enumerate(argument.extra):
        nicks.append(str(value))
        choice.add(nicks[-1], number, str(label), "")
    default = str(argument.default)
    return choice, default if default in nicks else nicks[0]


def read(config: Any, one: Named) -> Any:
    """Return the plain value of an argument in a run's config."""
    spec = config.get_procedure().find_argument(one.name)
    kind = spec.value_type.name
    if kind in ("GimpDoubleArray", "GimpInt32Array"):
        return native.get_array(config.get_property(one.name), kind)
    value = config.get_property(one.name)
    if value is None:
        return values.nothing(kind) if one.argument.type is not Type.STRING else ""
    return values.plain(value)


def write(config: Any, one: Named, value: Any) -> None:
    """Set an argument in a run's config; a value that GIMP 3 does not take is left out."""
    spec = config.get_procedure().find_argument(one.name)
    try:
        if value not in (None, "") or spec.value_type.name == "gchararray":
            values.put(config, spec, _fitting(spec, value))
    except (values.NoSuchValue, TypeError, ValueError):
        # A brush that was deleted since, a text where a number is meant: the default stands.
        return


def _fitting(spec: Any, value: Any) -> Any:
    low, high = getattr(spec, "minimum", None), getattr(spec, "maximum", None)
    if low is None or high is None or isinstance(value, str):
        return value
    return min(max(value, low), high)


def results(
    procedure: Any, status: Any, outs: Sequence[Named], given: Sequence[Any], error: Any
) -> Any:
    """Return what a run gives back to GIMP."""
    returned = procedure.new_return_values(status, error)
    if status == Gimp.PDBStatusType.SUCCESS:
        specs: Dict[str, Any] = {s.name: s for s in procedure.get_return_values()}
        for i, (one, value) in enumerate(zip(outs, given)):
            kind = specs[one.name].value_type.name
            if kind in ("GimpDoubleArray", "GimpInt32Array"):
                native.set_result(returned, i + 1, kind, list(value))
                continue
            made = GObject.Value(specs[one.name].value_type)
            made.set_value(values.given(specs[one.name], value))
            returned.remove(i + 1)
            returned.insert(i + 1, made)
    return returned
