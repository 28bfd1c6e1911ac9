"""Plain values to GimpParam and back."""

import ctypes as c
from typing import Any, Dict, List, Optional, Sequence, Tuple

from _gimpfu.backend import ParasiteValue, Type
from _gimpfu.gimp2.structs import Param, Parasite, Rgb

_ELEMENTS: Dict[Type, Any] = {
    Type.INT32ARRAY: c.c_int32,
    Type.INT16ARRAY: c.c_int16,
    Type.FLOATARRAY: c.c_double,
    Type.STRINGARRAY: c.c_char_p,
    Type.COLORARRAY: Rgb,
}


def encode(text: Optional[str]) -> Optional[bytes]:
    """Return a string as GIMP wants it; names of files may hold any byte."""
    return None if text is None else text.encode("utf-8", "surrogateescape")


def decode(text: Optional[bytes]) -> Optional[str]:
    """Return a string of GIMP's as Python's."""
    return None if text is None else text.decode("utf-8", "surrogateescape")


def to_params(types: Sequence[int], values: Sequence[Any]) -> Tuple[Any, List[Any]]:
    """Return a GimpParam array and what has to stay alive as long as it does.

    The array is None for no values: libgimp wants NULL then.
    """
    if not types:
        return None, []
    params = (Param * len(types))()
    alive: List[Any] = [params]
    for param, kind, value in zip(params, types, values):
        _fill(param, Type(kind), value, alive)
    return params, alive


def _fill(param: Param, kind: Type, value: Any, alive: List[Any]) -> None:
    param.type = int(kind)
    data = param.data
    if kind is Type.FLOAT:
        data.float = value
    elif kind is Type.STRING:
        text = encode(value)
        alive.append(text)
        data.string = text
    elif kind is Type.INT16:
        data.int16 = value
    elif kind is Type.INT8:
        data.int8 = value
    elif kind is Type.COLOR:
        data.color = Rgb(*value)
    elif kind is Type.INT8ARRAY:
        buffer = (c.c_uint8 * max(1, len(value))).from_buffer_copy(bytes(value) or b"\0")
        alive.append(buffer)
        data.pointer = c.addressof(buffer)
    elif kind in _ELEMENTS:
        element = _ELEMENTS[kind]
        if kind is Type.STRINGARRAY:
            items: List[Any] = [encode(item) for item in value]
            alive.append(items)
        elif kind is Type.COLORARRAY:
            items = [Rgb(*item) for item in value]
        else:
            items = list(value)
        array = (element * max(1, len(items)))(*items)
        alive.append(array)
        data.pointer = c.addressof(array)
    elif kind is Type.PARASITE:
        content = c.create_string_buffer(bytes(value.data), max(1, len(value.data)))
        name = encode(value.name)
        alive += [content, name]
        data.parasite = Parasite(name, value.flags, len(value.data), c.addressof(content))
    else:
        data.int32 = value


def from_params(params: Any, first: int, count: int) -> List[Any]:
    """Read values from a GimpParam array."""
    values: List[Any] = []
    for i in range(first, count):
        param = params[i]
        kind = Type(param.type)
        length = values[-1] if values and isinstance(values[-1], int) else 0
        values.append(_read(kind, param.data, length))
    return values


def _read(kind: Type, data: Any, length: int) -> Any:
    if kind is Type.FLOAT:
        return data.float
    if kind is Type.STRING:
        return decode(data.string)
    if kind is Type.INT16:
        return data.int16
    if kind is Type.INT8:
        return data.int8
    if kind is Type.COLOR:
        return (data.color.r, data.color.g, data.color.b, data.color.a)
    if kind is Type.INT8ARRAY:
        return c.string_at(data.pointer, length) if data.pointer else b""
    if kind in _ELEMENTS:
        if not data.pointer:
            return []
        array = c.cast(data.pointer, c.POINTER(_ELEMENTS[kind]))
        if kind is Type.STRINGARRAY:
            return [decode(array[i]) or "" for i in range(length)]
        if kind is Type.COLORARRAY:
            return [(array[i].r, array[i].g, array[i].b, array[i].a) for i in range(length)]
        return list(array[:length])
    if kind is Type.PARASITE:
        parasite = data.parasite
        content = c.string_at(parasite.data, parasite.size) if parasite.data else b""
        return ParasiteValue(decode(parasite.name) or "", parasite.flags, content)
    return data.int32
