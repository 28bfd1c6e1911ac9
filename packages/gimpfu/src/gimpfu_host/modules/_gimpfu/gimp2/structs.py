"""The C structures of libgimp 2.10 that the backend fills or reads."""

import ctypes as c


class Rgb(c.Structure):
    """GimpRGB."""

    _fields_ = [("r", c.c_double), ("g", c.c_double), ("b", c.c_double), ("a", c.c_double)]


class Parasite(c.Structure):
    """GimpParasite."""

    _fields_ = [
        ("name", c.c_char_p),
        ("flags", c.c_uint32),
        ("size", c.c_uint32),
        ("data", c.c_void_p),
    ]


class ParamData(c.Union):
    """GimpParamData: the members that differ in C; an id of any kind is an int32."""

    _fields_ = [
        ("int32", c.c_int32),
        ("int16", c.c_int16),
        ("int8", c.c_uint8),
        ("float", c.c_double),
        ("string", c.c_char_p),
        ("pointer", c.c_void_p),
        ("color", Rgb),
        ("parasite", Parasite),
    ]


class Param(c.Structure):
    """GimpParam."""

    _fields_ = [("type", c.c_int), ("data", ParamData)]


class ParamDef(c.Structure):
    """GimpParamDef."""

    _fields_ = [("type", c.c_int), ("name", c.c_char_p), ("description", c.c_char_p)]


InitProc = c.CFUNCTYPE(None)
RunProc = c.CFUNCTYPE(
    None,
    c.c_char_p,
    c.c_int,
    c.POINTER(Param),
    c.POINTER(c.c_int),
    c.POINTER(c.POINTER(Param)),
)


class PlugInInfo(c.Structure):
    """GimpPlugInInfo."""

    _fields_ = [("init", InitProc), ("quit", InitProc), ("query", InitProc), ("run", RunProc)]


class PixelRgn(c.Structure):
    """GimpPixelRgn; the two flags are bits of one integer, which nobody reads here."""

    _fields_ = [
        ("data", c.c_void_p),
        ("drawable", c.c_void_p),
        ("bpp", c.c_int),
        ("rowstride", c.c_int),
        ("x", c.c_int),
        ("y", c.c_int),
        ("w", c.c_int),
        ("h", c.c_int),
        ("flags", c.c_uint),
        ("process_count", c.c_int),
    ]


class Rectangle(c.Structure):
    """GeglRectangle."""

    _fields_ = [("x", c.c_int), ("y", c.c_int), ("width", c.c_int), ("height", c.c_int)]


class EnumValue(c.Structure):
    """GEnumValue and GFlagsValue."""

    _fields_ = [("value", c.c_int), ("name", c.c_char_p), ("nick", c.c_char_p)]


class EnumClass(c.Structure):
    """GEnumClass."""

    _fields_ = [
        ("type", c.c_size_t),
        ("minimum", c.c_int),
        ("maximum", c.c_int),
        ("count", c.c_uint),
        ("values", c.POINTER(EnumValue)),
    ]
