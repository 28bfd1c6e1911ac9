"""Pixels of GIMP 2.10: tiles for the plain 8-bit view, GEGL buffers for any format.

GIMP shows a plug-in every drawable with 8 bits per channel until the plug-in asks for more; from
then on tiles have the image's own precision, and the plain view is a conversion like any other.
GEGL takes a moment to load; where tiles as they are will do, it is not.
"""

import ctypes as c
from typing import Any, Dict, Optional, Tuple

from _gimpfu.gimp2.library import LibGegl, LibGimp
from _gimpfu.gimp2.structs import PixelRgn, Rectangle
from _gimpfu.memory import Data, pointer, uninitialized

Rect = Tuple[int, int, int, int]

# By GimpImageType; indexed pixels are indices in every view.
_PLAIN = {0: "R'G'B' u8", 1: "R'G'B'A u8", 2: "Y' u8", 3: "Y'A u8"}
_PLAIN_BYTES = (3, 4, 1, 2, 1, 2)
_MASK = "Y u8"
_U8_GAMMA = 150  # of GimpPrecision: what the plain view shows is what is stored


class Pixels:
    """Reads and writes rectangles of drawables."""

    def __init__(self, gimp: LibGimp) -> None:
        self._gimp = gimp
        self._gegl: Optional[LibGegl] = None
        self._drawables: Dict[int, Any] = {}
        self._types: Dict[int, int] = {}
        self._sizes: Dict[int, Tuple[int, int]] = {}
        self._stored: Dict[int, Optional[str]] = {}
        self._is_precise = False

    def forget(self) -> None:
        """Let go of the drawables: a procedure may change their size, type and pixels."""
        while self._drawables:
            self._gimp.drawable_detach(self._drawables.popitem()[1])
        self._types.clear()
        self._sizes.clear()
        self._stored.clear()

    def format(self, drawable: int) -> str:
        """Return the babl format that a drawable is stored in."""
        stored = self._known(drawable)
        if stored is not None:
            return stored
        self._precise()
        assert self._gegl is not None
        name = self._gegl.name(self._gimp.drawable_format(drawable))
        return str(name.decode())

    def read(self, drawable: int, rect: Rect, format: Optional[str], shadow: bool) -> bytes:
        """Read a rectangle."""
        babl = self._format(drawable, format, rect)
        if babl is None:
            data = uninitialized(rect[2] * rect[3] * self._bytes(drawable))
            self._gimp.get_rect(c.byref(self._region(drawable, rect, False, shadow)), data, *rect)
            return data
        assert self._gegl is not None
        data = uninitialized(rect[2] * rect[3] * self._gegl.bytes_per_pixel(babl))
        buffer = self._buffer(drawable, shadow)
        self._gegl.get(buffer, c.byref(Rectangle(*rect)), 1.0, babl, data, 0, 0)
        self._gimp.unref(buffer)
        return data

    def write(
        self, drawable: int, rect: Rect, data: Data, format: Optional[str], shadow: bool
    ) -> None:
        """Write a rectangle."""
        babl = self._format(drawable, format, rect)
        if babl is None:
            self._check(data, rect, self._bytes(drawable))
            region = self._region(drawable, rect, True, shadow)
            self._gimp.set_rect(c.byref(region), pointer(data), *rect)
            self._gimp.drawable_flush(self._drawables[drawable])
            return
        assert self._gegl is not None
        self._check(data, rect, self._gegl.bytes_per_pixel(babl))
        buffer = self._buffer(drawable, shadow)
        self._gegl.set(buffer, c.byref(Rectangle(*rect)), 0, babl, pointer(data), 0)
        self._gegl.flush(buffer)
        self._gimp.unref(buffer)

    @staticmethod
    def _check(data: Data, rect: Rect, pixel: int) -> None:
        expected = rect[2] * rect[3] * pixel
        if len(data) != expected:
            raise ValueError("%d bytes for a rectangle of %d" % (len(data), expected))

    def _type(self, drawable: int) -> int:
        if drawable not in self._types:
            self._types[drawable] = self._gimp.drawable_type(drawable)
        return self._types[drawable]

    def _bytes(self, drawable: int) -> int:
        return _PLAIN_BYTES[self._type(drawable)]

    def _precise(self) -> None:
        if self._gegl is None:
            self._show_precision()
            self._gegl = LibGegl()

    def _show_precision(self) -> None:
        if not self._is_precise:
            self.forget()
            self._gimp.enable_precision()
            self._is_precise = True

    def _holds(self, drawable: int, rect: Rect) -> bool:
        if drawable not in self._sizes:
            self._sizes[drawable] = self._gimp.width(drawable), self._gimp.height(drawable)
        x, y, width, height = rect
        right, bottom = self._sizes[drawable]
        return x >= 0 and y >= 0 and x + width <= right and y + height <= bottom

    def _format(self, drawable: int, format: Optional[str], rect: Rect) -> Optional[int]:
        """Return the babl format to convert from or to, None for the tiles as they are.

        GIMP refuses tiles of what lies partly outside without a word to us; GEGL knows what to do.
        """
        is_inside = self._holds(drawable, rect)
        is_known = format is not None and format == self._known(drawable)
        if is_inside and is_known and self._gegl is None:
            if format == _MASK:
                self._show_precision()
            return None
        if format is None:
            if self._type(drawable) not in _PLAIN:
                if not is_inside:
                    raise ValueError("%r is not inside of the drawable" % (rect,))
                return None
            if is_inside and not self._is_precise:
                return None
            is_mask = self._gimp.item_is["channel"](drawable)
            format = _MASK if is_mask else _PLAIN[self._type(drawable)]
        self._precise()
        assert self._gegl is not None
        if not self._gegl.format_exists(format.encode()):
            raise ValueError("%r is no pixel format of babl" % format)
        return int(self._gegl.format(format.encode()))

    def _known(self, drawable: int) -> Optional[str]:
        """Return the format that a drawable is stored in, if that is known without GEGL.

        In images of 8 bits the plain view shows layers as they are. A mask is linear, which it does
        not show. A channel is stored like grey layers, and a selection is not: left to GEGL.
        """
        if drawable not in self._stored:
            is_plain = self._gimp.precision(self._gimp.item_image(drawable)) == _U8_GAMMA
            known = None
            if is_plain and self._gimp.item_is["layer_mask"](drawable):
                known = _MASK
            elif is_plain and not self._gimp.item_is["channel"](drawable):
                known = _PLAIN.get(self._type(drawable))
            self._stored[drawable] = known
        return self._stored[drawable]

    def _buffer(self, drawable: int, shadow: bool) -> int:
        make = self._gimp.shadow_buffer if shadow else self._gimp.buffer
        return int(make(drawable))

    def _region(self, drawable: int, rect: Rect, dirty: bool, shadow: bool) -> PixelRgn:
        if drawable not in self._drawables:
            self._drawables[drawable] = self._gimp.drawable(drawable)
        region = PixelRgn()
        self._gimp.region(
            c.byref(region), self._drawables[drawable], *rect, int(dirty), int(shadow)
        )
        return region
