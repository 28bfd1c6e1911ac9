"""Rectangles of pixels through GEGL buffers."""

from typing import Any, Optional, Tuple

from gi.repository import Babl, Gimp

from _gimpfu.gimp3 import native, values
from _gimpfu.memory import Data, pointer, uninitialized

Rect = Tuple[int, int, int, int]


def format_of(drawable: int) -> str:
    """Return the babl format that a drawable is stored in."""
    return str(Babl.get_name(values.item(drawable).get_format()))


def read(drawable: int, rect: Rect, format: Optional[str], shadow: bool) -> bytes:
    """Read a rectangle."""
    found = values.item(drawable)
    name, size = _format(found, format)
    data = uninitialized(rect[2] * rect[3] * size)
    native.read_buffer(_buffer(found, shadow), rect, name, data)
    return data


def write(drawable: int, rect: Rect, data: Data, format: Optional[str], shadow: bool) -> None:
    """Write a rectangle."""
    found = values.item(drawable)
    name, size = _format(found, format)
    expected = rect[2] * rect[3] * size
    if len(data) != expected:
        raise ValueError("%d bytes for a rectangle of %d" % (len(data), expected))
    buffer = _buffer(found, shadow)
    native.write_buffer(buffer, rect, name, pointer(data))
    buffer.flush()


def _buffer(drawable: Any, shadow: bool) -> Any:
    return drawable.get_shadow_buffer() if shadow else drawable.get_buffer()


def _format(drawable: Any, format: Optional[str]) -> Tuple[Optional[str], int]:
    """Return the name of a format and its bytes per pixel; None for a drawable's own.

    An indexed drawable has indices in its own format, which has no name that can be given.
    """
    name = _named(drawable, format)
    babl = drawable.get_format() if name is None else Babl.format(name)
    return name, int(Babl.format_get_bytes_per_pixel(babl))


def _named(drawable: Any, format: Optional[str]) -> Optional[str]:
    """Return the name of the format to convert from or to, None for indices."""
    if format is not None:
        if not Babl.format_exists(format):
            raise ValueError("%r is no pixel format of babl" % format)
        if isinstance(drawable, Gimp.Channel):
            return format
        # The numbers stay those of the drawable's own colour space, as on 2.10.
        return str(Babl.get_name(Babl.format_with_space(format, drawable.get_format())))
    if drawable.is_indexed():
        return None
    if isinstance(drawable, Gimp.Channel):
        return "Y u8"
    name = "R'G'B'" if drawable.is_rgb() else "Y'"
    name += "A u8" if drawable.has_alpha() else " u8"
    # In the drawable's own colour space: the plain view converts nothing but precision.
    return str(Babl.get_name(Babl.format_with_space(name, drawable.get_format())))
