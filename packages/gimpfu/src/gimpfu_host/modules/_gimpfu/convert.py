"""Objects of plug-ins to the plain values of `backend.py`, and back."""

import numbers
from typing import Any, Sequence, Tuple

import gimpcolor

from _gimpfu import makers
from _gimpfu.backend import ITEMS, ParasiteValue, Type

_INTS = (Type.INT32, Type.INT16, Type.STATUS)
_IDS = (*ITEMS, Type.IMAGE, Type.DISPLAY)


def to_value(type: Type, given: Any) -> Any:
    """Return a plain value. Raises TypeError or ValueError when there is none."""
    if type in _INTS:
        return int(given)
    if type is Type.INT8:
        return int(given) & 0xFF
    if type is Type.FLOAT:
        return float(given)
    if type is Type.STRING:
        return text(given)
    if type in _IDS:
        return to_id(given)
    if type is Type.COLOR:
        return to_color(given)
    if type is Type.INT8ARRAY:
        return to_bytes(given)
    if type in (Type.INT32ARRAY, Type.INT16ARRAY):
        return [_number_or_id(each) for each in given]
    if type is Type.FLOATARRAY:
        return [float(each) for each in given]
    if type is Type.STRINGARRAY:
        return [text(each) for each in given]
    if type is Type.COLORARRAY:
        return [to_color(each) for each in given]
    return ParasiteValue(given.name, given.flags, bytes(given.data))


def text(given: Any) -> Any:
    """Return a string, or None for None; bytes are UTF-8."""
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, bytes):
        return given.decode("utf-8", "surrogateescape")
    return str(given)


def to_id(given: Any) -> int:
    """Return the id of an object, -1 for None; a number is an id already."""
    if given is None:
        return -1
    if isinstance(given, int):
        return given
    return int(given.ID)


def _number_or_id(given: Any) -> int:
    return int(given.ID) if hasattr(given, "ID") else int(given)


def to_color(given: Any) -> Tuple[float, float, float, float]:
    """Return a colour from a gimpcolor.RGB, a sequence, or a CSS name."""
    color = gimpcolor.as_rgb(given)
    return (color.r, color.g, color.b, color.a)


def to_bytes(given: Any) -> bytes:
    """Return bytes from anything that old plug-ins hand over as a string of bytes."""
    if isinstance(given, str):
        return given.encode("latin-1")
    if hasattr(given, "tobytes"):
        return bytes(given.tobytes())
    if isinstance(given, (bytes, bytearray)):
        return bytes(given)
    items = list(given)
    if items and not isinstance(items[0], numbers.Real):
        return b"".join(to_bytes(item) for item in items)
    # Fractions and higher bits are cut off, as C did it.
    return bytes(int(item) & 0xFF for item in items)


def from_value(type: Type, value: Any) -> Any:
    """Return the object for a plain value."""
    if type is Type.COLOR:
        return gimpcolor.RGB(*(float(part) for part in value))
    if type is Type.COLORARRAY:
        return tuple(gimpcolor.RGB(*each) for each in value)
    made = makers.make(type, value)
    return tuple(made) if isinstance(made, (list, tuple, bytes)) else made


def from_values(types: Sequence[Type], values: Sequence[Any]) -> Tuple[Any, ...]:
    """Return objects for values."""
    return tuple(from_value(type, value) for type, value in zip(types, values))
