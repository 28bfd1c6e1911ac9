"""The enumerations of GIMP 2.10, read from its own type system."""

import ctypes as c
from typing import Dict, Iterator, Tuple

from _gimpfu.gimp2.library import declare, load_library
from _gimpfu.gimp2.structs import EnumClass

_PREFIX = "GIMP_"


def constants() -> Dict[str, int]:
    """Return every value of every registered enumeration, old names included."""
    return dict(_values())


def _values() -> Iterator[Tuple[str, int]]:
    gimp, gobject, glib = load_library("gimp"), load_library("gobject"), load_library("glib")
    declare(gimp, None, "gimp_enums_init")()
    names_of = declare(gimp, c.POINTER(c.c_char_p), "gimp_enums_get_type_names", c.POINTER(c.c_int))
    from_name = declare(gobject, c.c_size_t, "g_type_from_name", c.c_char_p)
    qdata = declare(gobject, c.c_size_t, "g_type_get_qdata", c.c_size_t, c.c_uint32)
    quark = declare(glib, c.c_uint32, "g_quark_from_string", c.c_char_p)(b"gimp-compat-enum")

    base = load_library("gimpbase")
    for getter in ("gimp_check_size_get_type", "gimp_check_type_get_type"):
        yield from _of(declare(base, c.c_size_t, getter)())
    count = c.c_int()
    names = names_of(c.byref(count))
    for i in range(count.value):
        kind = from_name(names[i])
        yield from _of(kind)
        # An enumeration that was renamed carries its old one.
        old = qdata(kind, quark)
        if old:
            yield from _of(old)


def _of(kind: int) -> Iterator[Tuple[str, int]]:
    gobject = load_library("gobject")
    ref = declare(gobject, c.POINTER(EnumClass), "g_type_class_ref", c.c_size_t)
    fundamental = declare(gobject, c.c_size_t, "g_type_fundamental", c.c_size_t)
    if fundamental(kind) != 12 << 2:  # G_TYPE_ENUM; flags have no names that plug-ins use
        return
    described = ref(kind).contents
    for i in range(described.count):
        value = described.values[i]
        name = value.name.decode()
        yield name[len(_PREFIX) :] if name.startswith(_PREFIX) else name, value.value
