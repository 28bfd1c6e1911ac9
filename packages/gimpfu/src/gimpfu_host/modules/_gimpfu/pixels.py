"""Pixels as pygimp showed them: pixel regions, tiles and fetchers, 8 bits per channel.

All of them look through one store of tiles, so that they agree with each other, and a program that
sets single pixels asks GIMP once per tile. The store gives back what it holds before GIMP is asked
for anything else.
"""

import collections
import weakref
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

import gimpcolor

from _gimpfu import calls
from _gimpfu.convert import to_bytes
from _gimpfu.host import backend

TILE = 64
_BYTES = (3, 4, 1, 2, 1, 2)  # by GimpImageType

Key = Tuple[int, bool, int, int]


class Pixels(bytes):
    """Pixel data: bytes that can be joined to and compared with Python 2's strings of bytes."""

    def __add__(self, other: Any) -> "Pixels":
        return Pixels(bytes(self) + to_bytes(other))

    def __radd__(self, other: Any) -> "Pixels":
        return Pixels(to_bytes(other) + bytes(self))

    def __getitem__(self, key: Any) -> Any:
        part = bytes.__getitem__(self, key)
        return Pixels(part) if isinstance(key, slice) else part

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return bytes(self) == other.encode("latin-1", "replace")
        return bytes.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return bytes.__hash__(self)


class _Block:
    """A tile's pixels, as long as they are those of GIMP."""

    def __init__(self, key: Key, rect: Tuple[int, int, int, int]) -> None:
        self.key = key
        self.rect = rect
        self.data: Optional[bytearray] = None
        self.dirty = False


class _Store:
    """Tiles that were read and not yet given back."""

    def __init__(self) -> None:
        self.limit = 1024
        self._blocks: "collections.OrderedDict[Key, _Block]" = collections.OrderedDict()
        self._sizes: Dict[int, Tuple[int, int, int]] = {}
        # Tiles in a plug-in's hands outlive their place in the store.
        self._alive: "weakref.WeakValueDictionary[Key, _Block]" = weakref.WeakValueDictionary()

    def size(self, drawable: int) -> Tuple[int, int, int]:
        """Width, height and bytes per pixel."""
        if drawable not in self._sizes:
            width = calls.call("gimp-drawable-width", drawable)
            height = calls.call("gimp-drawable-height", drawable)
            pixel = _BYTES[calls.call("gimp-drawable-type", drawable)]
            self._sizes[drawable] = (width, height, pixel)
        return self._sizes[drawable]

    def block(self, key: Key) -> _Block:
        """Return a tile's block, whether its pixels are here or not."""
        found = self._alive.get(key)
        if found is None:
            width, height, _ = self.size(key[0])
            x, y = key[3] * TILE, key[2] * TILE
            rect = (x, y, min(TILE, width - x), min(TILE, height - y))
            found = self._alive[key] = _Block(key, rect)
        return found

    def data(self, block: _Block) -> bytearray:
        """Return a block's pixels."""
        if block.data is None:
            drawable, shadow = block.key[:2]
            block.data = bytearray(backend().read(drawable, block.rect, None, shadow))
            self._blocks[block.key] = block
            if len(self._blocks) > self.limit:
                self._drop(self._blocks.popitem(last=False)[1])
        return block.data

    def _drop(self, block: _Block) -> None:
        if block.dirty and block.data is not None:
            backend().write(block.key[0], block.rect, bytes(block.data), None, block.key[1])
        block.data, block.dirty = None, False

    def flush(self) -> None:
        """Give everything back and hold nothing."""
        while self._blocks:
            self._drop(self._blocks.popitem(last=False)[1])
        self._sizes.clear()

    def read(self, drawable: int, shadow: bool, x: int, y: int, w: int, h: int) -> bytes:
        """Read a rectangle; narrow ones through the tiles."""
        if h >= TILE:
            self.flush()
            return backend().read(drawable, (x, y, w, h), None, shadow)
        out = bytearray()
        pixel = self.size(drawable)[2]
        for row in range(y, y + h):
            for data, start, length, _ in self._runs(drawable, shadow, x, row, w, pixel):
                out += data[start : start + length]
        return bytes(out)

    def write(
        self, drawable: int, shadow: bool, rect: Tuple[int, int, int, int], new: bytes
    ) -> None:
        """Write a rectangle."""
        x, y, w, h = rect
        if h >= TILE:
            self.flush()
            backend().write(drawable, rect, new, None, shadow)
            return
        pixel = self.size(drawable)[2]
        at = 0
        for row in range(y, y + h):
            for data, start, length, block in self._runs(drawable, shadow, x, row, w, pixel):
                data[start : start + length] = new[at : at + length]
                block.dirty = True
                at += length

    def _runs(self, drawable: int, shadow: bool, x: int, y: int, w: int, pixel: int) -> Any:
        """Yield the pieces of a row: a tile's data, where in it, how many bytes, the tile."""
        end = x + w
        while x < end:
            block = self.block((drawable, shadow, y // TILE, x // TILE))
            data = self.data(block)
            left, top, width, _ = block.rect
            count = min(end, left + width) - x
            yield data, ((y - top) * width + x - left) * pixel, count * pixel, block
            x += count


store = _Store()
calls.before.append(store.flush)


def _get_pixel(objects: Sequence[Any]) -> Optional[List[Any]]:
    """Answer gimp-drawable-get-pixel: plug-ins call it for each pixel of a picture."""
    place = _place(objects[:3]) if len(objects) == 3 else None
    if place is None:
        return None
    drawable, x, y = place
    pixel = store.read(drawable, False, x, y, 1, 1)
    return [len(pixel), tuple(pixel)]


def _set_pixel(objects: Sequence[Any]) -> Optional[List[Any]]:
    """Answer gimp-drawable-set-pixel."""
    place = _place(objects[:3]) if len(objects) == 5 else None
    if place is None:
        return None
    drawable, x, y = place
    size = store.size(drawable)[2]
    try:
        pixel = to_bytes(objects[4])
    except (TypeError, ValueError):
        return None
    if objects[3] != size or len(pixel) != size:
        return None
    store.write(drawable, False, (x, y, 1, 1), pixel)
    return []


def _place(objects: Sequence[Any]) -> Optional[Tuple[int, int, int]]:
    """Return the id of a drawable and a place in it; None for anything else."""
    drawable, x, y = objects
    if not hasattr(drawable, "ID"):
        return None
    try:
        x, y = int(x), int(y)
    except (TypeError, ValueError):
        return None
    width, height, _ = store.size(drawable.ID)
    return (drawable.ID, x, y) if 0 <= x < width and 0 <= y < height else None


calls.local["gimp-drawable-get-pixel"] = _get_pixel
calls.local["gimp-drawable-set-pixel"] = _set_pixel


class Tile:
    """64 × 64 pixels of a drawable: `tile[x, y]`, `tile[i]`."""

    def __init__(self, drawable: Any, shadow: Any, row: int, col: int) -> None:
        self._drawable = drawable
        self._columns = -(-store.size(drawable.ID)[0] // TILE)
        self._block = store.block((drawable.ID, bool(shadow), row, col))
        self._bpp = store.size(drawable.ID)[2]

    @property
    def drawable(self) -> Any:
        return self._drawable

    @property
    def shadow(self) -> bool:
        return self._block.key[1]

    @property
    def ewidth(self) -> int:
        return self._block.rect[2]

    @property
    def eheight(self) -> int:
        return self._block.rect[3]

    @property
    def bpp(self) -> int:
        return self._bpp

    @property
    def tile_num(self) -> int:
        return self._block.key[2] * self._columns + self._block.key[3]

    @property
    def dirty(self) -> bool:
        return self._block.dirty

    def flush(self) -> None:
        """Give the pixels back to GIMP."""
        store.flush()

    def __len__(self) -> int:
        return self.ewidth * self.eheight

    def _index(self, key: Any) -> int:
        if isinstance(key, tuple):
            x, y = (int(each) for each in key)
            inside = 0 <= x < self.ewidth and 0 <= y < self.eheight
            index = x + y * self.ewidth
        else:
            index = int(key)
            inside = 0 <= index < len(self)
        if not inside:
            raise IndexError("%r is outside a tile of %d×%d" % (key, self.ewidth, self.eheight))
        return index * self._bpp

    def __getitem__(self, key: Any) -> Pixels:
        start = self._index(key)
        return Pixels(store.data(self._block)[start : start + self._bpp])

    def __setitem__(self, key: Any, pixel: Any) -> None:
        start = self._index(key)
        new = _exact(pixel, self._bpp)
        store.data(self._block)[start : start + self._bpp] = new
        self._block.dirty = True

    def __repr__(self) -> str:
        return "<gimp.Tile for drawable '%s'%s>" % (
            self._drawable.name,
            " (shadow)" if self.shadow else "",
        )


class PixelRgn:
    """A rectangle of a drawable: `region[x, y]`, `region[x1:x2, y]`, `region[x1:x2, y1:y2]`.

    Coordinates are the drawable's. What is written arrives with `drawable.flush()`.
    """

    def __init__(
        self,
        drawable: Any,
        x: int,
        y: int,
        width: int,
        height: int,
        dirty: Any = True,
        shadow: Any = False,
    ) -> None:
        self._drawable = drawable
        self._dirty = bool(dirty)
        self._shadow = bool(shadow)
        all_width, all_height, self._bpp = store.size(drawable.ID)
        x, y = min(max(0, int(x)), all_width - 1), min(max(0, int(y)), all_height - 1)
        width, height = int(width), int(height)
        width = all_width - x if width < 0 else min(width, all_width - x)
        height = all_height - y if height < 0 else min(height, all_height - y)
        self._rect = (x, y, width, height)

    @property
    def drawable(self) -> Any:
        return self._drawable

    @property
    def bpp(self) -> int:
        return self._bpp

    @property
    def rowstride(self) -> int:
        return self._rect[2] * self._bpp

    @property
    def x(self) -> int:
        return self._rect[0]

    @property
    def y(self) -> int:
        return self._rect[1]

    @property
    def w(self) -> int:
        return self._rect[2]

    @property
    def h(self) -> int:
        return self._rect[3]

    @property
    def dirty(self) -> bool:
        return self._dirty

    @property
    def shadow(self) -> bool:
        return self._shadow

    def resize(self, x: int, y: int, width: int, height: int) -> None:
        """Look at another rectangle."""
        self._rect = (int(x), int(y), int(width), int(height))

    def _span(self, key: Any, start: int, size: int, axis: str) -> Tuple[int, int]:
        if isinstance(key, slice):
            first = start if not key.start else int(key.start)
            last = start + size if key.stop is None else min(int(key.stop), start + size)
            if key.step not in (None, 1) or not start <= first < last:
                raise IndexError("invalid %s slice %r in a region of %r" % (axis, key, self._rect))
            return first, last - first
        at = int(key)
        if not start <= at < start + size:
            raise IndexError("%s = %d is outside the region %r" % (axis, at, self._rect))
        return at, 1

    def _where(self, key: Any) -> Tuple[int, int, int, int]:
        if not isinstance(key, tuple) or len(key) != 2:
            raise TypeError("a pixel region takes two subscripts, [x, y]")
        x, width = self._span(key[0], self._rect[0], self._rect[2], "x")
        y, height = self._span(key[1], self._rect[1], self._rect[3], "y")
        return x, y, width, height

    def __getitem__(self, key: Any) -> Pixels:
        return Pixels(store.read(self._drawable.ID, self._shadow, *self._where(key)))

    def __setitem__(self, key: Any, pixels: Any) -> None:
        rect = self._where(key)
        new = _exact(pixels, rect[2] * rect[3] * self._bpp)
        store.write(self._drawable.ID, self._shadow, rect, new)

    def __repr__(self) -> str:
        return "<gimp.PixelRgn for drawable '%s'>" % self._drawable.name


EDGE_NONE, EDGE_WRAP, EDGE_SMEAR, EDGE_BLACK, EDGE_BACKGROUND = range(5)


class PixelFetcher:
    """Single pixels, also beyond a drawable's edge: `fetcher[x, y]`."""

    def __init__(
        self,
        drawable: Any,
        shadow: Any = False,
        bg_color: Any = (0, 0, 0),
        edge_mode: int = EDGE_NONE,
    ) -> None:
        self._drawable = drawable
        self._shadow = bool(shadow)
        self.bg_color = bg_color
        self.edge_mode = int(edge_mode)

    @property
    def bg_color(self) -> Any:
        return self._background

    @bg_color.setter
    def bg_color(self, color: Any) -> None:
        self._background = gimpcolor.as_rgb(color)

    def _outside(self, pixel: int) -> bytes:
        red, green, blue, alpha = self._background[:]
        if self.edge_mode == EDGE_BACKGROUND:
            if pixel >= 3:
                return bytes((red, green, blue, alpha)[:pixel])
            gray = int(self._background.luminance() * 255 + 0.5)
            return bytes((gray, alpha)[:pixel])
        black = bytearray(pixel)
        if self.edge_mode == EDGE_BLACK and pixel in (2, 4):
            black[-1] = 255
        return bytes(black)

    def get_pixel(self, x: int, y: int) -> Pixels:
        """Return the pixel at a place, beyond the edge what `edge_mode` says."""
        x, y = int(x), int(y)
        width, height, pixel = store.size(self._drawable.ID)
        if not (0 <= x < width and 0 <= y < height):
            if self.edge_mode == EDGE_WRAP:
                x, y = x % width, y % height
            elif self.edge_mode == EDGE_SMEAR:
                x, y = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
            else:
                return Pixels(self._outside(pixel))
        return Pixels(store.read(self._drawable.ID, self._shadow, x, y, 1, 1))

    def put_pixel(self, x: int, y: int, pixel: Any) -> None:
        """Set a pixel; beyond the edge nothing happens."""
        width, height, size = store.size(self._drawable.ID)
        if 0 <= x < width and 0 <= y < height:
            store.write(
                self._drawable.ID, self._shadow, (int(x), int(y), 1, 1), _exact(pixel, size)
            )

    def __getitem__(self, key: Tuple[int, int]) -> Pixels:
        return self.get_pixel(*key)

    def __setitem__(self, key: Tuple[int, int], pixel: Any) -> None:
        self.put_pixel(key[0], key[1], pixel)

    def __repr__(self) -> str:
        return "<gimp.PixelFetcher for drawable '%s'>" % self._drawable.name


def _exact(given: Union[bytes, str, Any], size: int) -> bytes:
    data = to_bytes(given)
    if len(data) != size:
        raise TypeError("%d bytes of pixels expected, %d given" % (size, len(data)))
    return data
