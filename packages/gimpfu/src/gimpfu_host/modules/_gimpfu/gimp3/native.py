"""What introspection does not carry, or copies, through ctypes.

Arrays of numbers and the data of parasites it does not carry; pixels it copies.

The wrapper of a GObject, a boxed value or a structure hashes to its address.
"""

import ctypes as c
from typing import Any, Dict, List, Optional, Sequence, Tuple

from gi.repository import Gimp

_base = c.CDLL("libgimpbase-3.0.so.0")
_gobject = c.CDLL("libgobject-2.0.so.0")
_gobject.g_type_from_name.restype = c.c_size_t
_gobject.g_value_init.argtypes = [c.c_void_p, c.c_size_t]
_gobject.g_value_unset.argtypes = [c.c_void_p]
_gobject.g_object_set_property.argtypes = [c.c_void_p, c.c_char_p, c.c_void_p]

_gegl = c.CDLL("libgegl-0.4.so.0")
_babl = c.CDLL("libbabl-0.1.so.0")
_babl.babl_format.argtypes = [c.c_char_p]
_babl.babl_format.restype = c.c_void_p
_pixels = [c.c_void_p, c.c_void_p]
_gegl.gegl_buffer_get.argtypes = [*_pixels, c.c_double, *_pixels, c.c_int, c.c_int]
_gegl.gegl_buffer_get.restype = None
_gegl.gegl_buffer_set.argtypes = [*_pixels, c.c_int, *_pixels, c.c_int]
_gegl.gegl_buffer_set.restype = None

_base.gimp_value_array_index.argtypes = [c.c_void_p, c.c_int]
_base.gimp_value_array_index.restype = c.c_void_p

_ELEMENTS: Dict[str, Any] = {"GimpDoubleArray": c.c_double, "GimpInt32Array": c.c_int32}
_SETTERS: Dict[str, Any] = {
    "GimpDoubleArray": _base.gimp_value_set_double_array,
    "GimpInt32Array": _base.gimp_value_set_int32_array,
}
for _setter in _SETTERS.values():
    _setter.argtypes = [c.c_void_p, c.c_void_p, c.c_size_t]


class _Value(c.Structure):
    _fields_ = [("type", c.c_size_t), ("data", c.c_uint64 * 2)]


class _Array(c.Structure):
    _fields_ = [("data", c.c_void_p), ("length", c.c_size_t)]  # length in bytes


class _Parasite(c.Structure):
    _fields_ = [
        ("name", c.c_char_p),
        ("flags", c.c_uint32),
        ("size", c.c_uint32),
        ("data", c.c_void_p),
    ]


def set_array(config: Any, name: str, kind: str, numbers: Sequence[float]) -> None:
    """Set a property that is a GimpDoubleArray or a GimpInt32Array."""
    items = (_ELEMENTS[kind] * max(1, len(numbers)))(*numbers)
    value = _Value()
    _gobject.g_value_init(c.byref(value), _gobject.g_type_from_name(kind.encode()))
    _SETTERS[kind](c.byref(value), items, len(numbers))
    _gobject.g_object_set_property(hash(config), name.encode(), c.byref(value))
    _gobject.g_value_unset(c.byref(value))


def set_result(results: Any, index: int, kind: str, numbers: Sequence[float]) -> None:
    """Set a value of a GimpValueArray that is a GimpDoubleArray or a GimpInt32Array."""
    items = (_ELEMENTS[kind] * max(1, len(numbers)))(*numbers)
    _SETTERS[kind](_base.gimp_value_array_index(hash(results), index), items, len(numbers))


def get_array(boxed: Any, kind: str) -> List[Any]:
    """Return the numbers in a boxed GimpDoubleArray or GimpInt32Array."""
    if boxed is None:
        return []
    array = _Array.from_address(hash(boxed))
    element = _ELEMENTS[kind]
    if not array.data:
        return []
    count = array.length // c.sizeof(element)
    return list(c.cast(array.data, c.POINTER(element))[:count])


def read_buffer(buffer: Any, rect: Tuple[int, int, int, int], name: Optional[str], to: Any) -> None:
    """Read a rectangle of a GEGL buffer in a babl format, None for its own, into memory."""
    _gegl.gegl_buffer_get(hash(buffer), (c.c_int * 4)(*rect), 1.0, _format(name), to, 0, 0)


def write_buffer(
    buffer: Any, rect: Tuple[int, int, int, int], name: Optional[str], data: Any
) -> None:
    """Write a rectangle of a GEGL buffer in a babl format, None for its own."""
    _gegl.gegl_buffer_set(hash(buffer), (c.c_int * 4)(*rect), 0, _format(name), data, 0)


def _format(name: Optional[str]) -> Optional[int]:
    return None if name is None else int(_babl.babl_format(name.encode()))


def parasite(name: str, flags: int, data: bytes) -> Any:
    """Return a new parasite."""
    signed = list(memoryview(bytes(data)).cast("b")) if data else []
    return Gimp.Parasite.new(name, flags, signed)


def parasite_data(value: Any) -> bytes:
    """Return the data of a parasite."""
    raw = _Parasite.from_address(hash(value))
    return c.string_at(raw.data, raw.size) if raw.data else b""
