"""Layers, channels and what they have in common."""

import array
import functools
import warnings
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from _gimpfu import makers
from _gimpfu.backend import ITEMS, Type
from _gimpfu.calls import call
from _gimpfu.host import backend
from _gimpfu.memory import as_data
from _gimpfu.parasites import HasParasites
from _gimpfu.pixels import TILE, PixelRgn, Tile, store

#: Classes by what `Backend.item_kind` says, and by the type that GIMP announced for an id that it
#: says nothing of.
_kinds: Dict[Optional[str], Any] = {}
_announced: Dict[Type, Any] = {}


def register(cls: Any, kinds: Sequence[str], types: Sequence[Type]) -> None:
    """Say which class stands for items of these kinds, and of these types."""
    _kinds.update(dict.fromkeys(kinds, cls))
    _announced.update(dict.fromkeys(types, cls))


def item(id: int, type: Type = Type.ITEM) -> Any:
    """Return the object for an item's id, None for none; `type` is what GIMP announced."""
    if id < 0:
        return None
    made: Any = _kinds.get(backend().item_kind(id)) or _announced.get(type, Item)
    return made.of(id)


for _type in ITEMS:
    makers.register(_type, functools.partial(item, type=_type))


def items_of(ids: Any) -> List[Any]:
    """Return the objects for a list of ids."""
    return [item(id) for id in ids]


def simple(read: str, write: Optional[str] = None, from_gimp: Any = None, doc: str = "") -> Any:
    """Return a property that one procedure reads and another one writes."""

    def get(self: Any) -> Any:
        value = call(read, self)
        return value if from_gimp is None else from_gimp(value)

    def set(self: Any, value: Any) -> None:
        assert write is not None
        call(write, self, value)

    return property(get, set if write else None, doc=doc or None)


class HasId:
    """Something that GIMP knows by a number."""

    _id: int

    @classmethod
    def of(cls, id: int) -> Any:
        """Return the object for an id, None for none."""
        if id < 0:
            return None
        made = cls.__new__(cls)
        made._id = id
        return made

    @property
    def ID(self) -> int:
        return self._id

    def __hash__(self) -> int:
        return hash((self._family(), self._id))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HasId):
            return NotImplemented
        return self._family() == other._family() and self._id == other._id

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: "HasId") -> bool:
        return self._id < other._id

    def __reduce__(self) -> Any:
        return _from_id, (self._family(), self._id)

    def _family(self) -> str:
        raise NotImplementedError


def _from_id(family: str, id: int) -> Any:
    """Return the object of a pickle."""
    return makers.make(Type[family.upper()], id)


class Item(HasId):
    """Anything in an image: a layer, a channel, a path."""

    def __init__(self, *_: Any) -> None:
        raise TypeError("an Item comes from an image or from Item.from_id")

    def _family(self) -> str:
        return "item"

    @staticmethod
    def from_id(id: int) -> Any:
        """Return the layer, channel or path with this id."""
        return item(id)

    name = simple("gimp-item-get-name", "gimp-item-set-name")
    image = simple("gimp-item-get-image")
    linked = simple("gimp-item-get-linked", "gimp-item-set-linked", bool)
    visible = simple("gimp-item-get-visible", "gimp-item-set-visible", bool)
    tattoo = simple("gimp-item-get-tattoo", "gimp-item-set-tattoo")
    parent = simple("gimp-item-get-parent")

    @property
    def children(self) -> List[Any]:
        return items_of(call("gimp-item-get-children", self)[1])

    def __repr__(self) -> str:
        return "<gimp.%s '%s'>" % (type(self).__name__, self.name)


class Drawable(Item, HasParasites):
    """A layer or a channel: something with pixels."""

    _parasites = "gimp-item"

    width = simple("gimp-drawable-width")
    height = simple("gimp-drawable-height")
    has_alpha = simple("gimp-drawable-has-alpha", None, bool)
    is_rgb = simple("gimp-drawable-is-rgb", None, bool)
    is_gray = is_grey = simple("gimp-drawable-is-gray", None, bool)
    is_indexed = simple("gimp-drawable-is-indexed", None, bool)
    is_layer_mask = simple("gimp-item-is-layer-mask", None, bool)
    type = simple("gimp-drawable-type")
    type_with_alpha = simple("gimp-drawable-type-with-alpha")
    offsets = simple("gimp-drawable-offsets")

    @property
    def bpp(self) -> int:
        """Bytes per pixel of regions and tiles, which have 8 bits per channel."""
        return store.size(self._id)[2]

    @property
    def mask_bounds(self) -> Tuple[int, int, int, int]:
        """The selection's box in the drawable, x1, y1, x2, y2; all of it without a selection."""
        x1, y1, x2, y2 = call("gimp-drawable-mask-bounds", self)[1:]
        return x1, y1, x2, y2

    @property
    def mask_intersect(self) -> Optional[Tuple[int, int, int, int]]:
        """The selection's box as x, y, width, height; None if it misses the drawable."""
        found, x, y, width, height = call("gimp-drawable-mask-intersect", self)
        return (x, y, width, height) if found else None

    def flush(self) -> None:
        """Give pixels that were set to GIMP."""
        store.flush()

    def update(self, x: int, y: int, width: int, height: int) -> None:
        call("gimp-drawable-update", self, x, y, width, height)

    def merge_shadow(self, undo: Any = False) -> None:
        call("gimp-drawable-merge-shadow", self, undo)

    def free_shadow(self) -> None:
        call("gimp-drawable-free-shadow", self)

    def fill(self, fill: int = 0) -> None:
        call("gimp-drawable-fill", self, fill)

    def get_tile(self, shadow: Any, row: int, col: int) -> Optional[Tile]:
        """Return the tile of a row and column of tiles, None outside."""
        width, height, _ = store.size(self._id)
        row, col = int(row), int(col)
        if 0 <= row * TILE < height and 0 <= col * TILE < width:
            return Tile(self, shadow, row, col)
        return None

    def get_tile2(self, shadow: Any, x: int, y: int) -> Optional[Tile]:
        """Return the tile that a pixel is in, None outside."""
        return self.get_tile(shadow, int(y) // TILE, int(x) // TILE)

    def get_pixel_rgn(
        self, x: int, y: int, width: int, height: int, dirty: Any = True, shadow: Any = False
    ) -> PixelRgn:
        return PixelRgn(self, x, y, width, height, dirty, shadow)

    def get_data(self, format: str = "RGBA float") -> Any:
        """Return all pixels in a babl format, as an array of its numbers."""
        code = next((c for end, c in _CODES if format.endswith(end)), None)
        if code is None:
            warnings.warn("no array type for %r: bytes" % format, stacklevel=2)
        return array.array(code or "B", self.get_rect(0, 0, self.width, self.height, format))

    def get_rect(
        self, x: int, y: int, width: int, height: int, format: Optional[str] = None
    ) -> bytes:
        """Read a rectangle in a babl format, "R'G'B'A u16" for instance; not in the original.

        None is the plain format of regions and tiles. Once a format is named, the image's own
        precision is used: nothing is lost on the way.
        """
        store.flush()
        return backend().read(self._id, (x, y, width, height), format)

    def set_rect(
        self, x: int, y: int, width: int, height: int, data: Any, format: Optional[str] = None
    ) -> None:
        """Write a rectangle of bytes or a buffer in a babl format; not in the original."""
        store.flush()
        backend().write(self._id, (x, y, width, height), as_data(data), format)

    @property
    def pixel_format(self) -> str:
        """The babl format that the pixels are stored in; not in the original."""
        return backend().pixel_format(self._id)

    def get_pixel(self, *place: Any) -> Tuple[int, ...]:
        """Return a pixel's numbers: `get_pixel(x, y)` or `get_pixel((x, y))`."""
        x, y = place[0] if len(place) == 1 else place
        return tuple(call("gimp-drawable-get-pixel", self, x, y)[1])

    def set_pixel(self, *given: Any) -> None:
        """Set a pixel's numbers: `set_pixel(x, y, pixel)` or `set_pixel((x, y), pixel)`."""
        (x, y), pixel = given if len(given) == 2 else (given[:2], given[2])
        numbers = [ord(each) if isinstance(each, str) else int(each) for each in pixel]
        call("gimp-drawable-set-pixel", self, x, y, len(numbers), bytes(numbers))

    def offset(self, wrap_around: Any, fill_type: int, offset_x: int, offset_y: int) -> None:
        call("gimp-drawable-offset", self, wrap_around, fill_type, offset_x, offset_y)


_CODES = (("double", "d"), ("float", "f"), ("u32", "I"), ("u16", "H"), ("u8", "B"))

_LONG = ("transform_direction", "interpolation", "supersample", "recursion_level", "clip_result")
_SHORT = ("interpolate", "clip_result")
_BOX = ("x0", "y0", "x1", "y1")
_QUAD = (*_BOX, "x2", "y2", "x3", "y3")
_PLACE = ("source_x", "source_y", "scale_x", "scale_y", "angle", "dest_x", "dest_y")
_MATRIX = tuple("coeff_%d_%d" % (row, column) for row in range(3) for column in range(3))
_TURN = ("auto_center", "center_x", "center_y")
_OPTIONAL = {"supersample": False, "recursion_level": 3, "clip_result": 0, "interpolate": False}

_TRANSFORMS = {
    "flip": (*_BOX, *_LONG),
    "flip_simple": ("flip_type", "auto_center", "axis", "clip_result"),
    "flip_default": (*_BOX, *_SHORT),
    "perspective": (*_QUAD, *_LONG),
    "perspective_default": (*_QUAD, *_SHORT),
    "rotate": ("angle", *_TURN, *_LONG),
    "rotate_simple": ("rotate_type", *_TURN, "clip_result"),
    "rotate_default": ("angle", *_TURN, *_SHORT),
    "scale": (*_BOX, *_LONG),
    "scale_default": (*_BOX, *_SHORT),
    "shear": ("shear_type", "magnitude", *_LONG),
    "shear_default": ("shear_type", "magnitude", *_SHORT),
    "2d": (*_PLACE, *_LONG),
    "2d_default": (*_PLACE, *_SHORT),
    "matrix": (*_MATRIX, *_LONG),
    "matrix_default": (*_MATRIX, *_SHORT),
}


def _transform(name: str, names: Tuple[str, ...]) -> Callable[..., Any]:
    procedure = "gimp-drawable-transform-" + name.replace("_", "-")

    def transform(self: Drawable, *args: Any, **kwargs: Any) -> Any:
        if len(args) > len(names):
            raise TypeError("at most %d arguments: %s" % (len(names), ", ".join(names)))
        given = dict(zip(names, args))
        twice = [key for key in kwargs if key in given or key not in names]
        missing = [n for n in names if n not in given and n not in kwargs and n not in _OPTIONAL]
        if twice or missing:
            raise TypeError("takes %s; wrong: %s" % (", ".join(names), ", ".join(twice + missing)))
        values = {**_OPTIONAL, **given, **kwargs}
        return call(procedure, self, *(values[each] for each in names))

    transform.__name__ = "transform_" + name
    transform.__doc__ = "Call `%s(%s)`." % (procedure, ", ".join(names))
    return transform


for _name, _names in _TRANSFORMS.items():
    setattr(Drawable, "transform_" + _name, _transform(_name, _names))


class Layer(Drawable):
    """`Layer(image, name, width, height, type=RGB_IMAGE, opacity=100, mode=normal)`."""

    def __init__(
        self,
        image: Any,
        name: str,
        width: int,
        height: int,
        type: int = 0,
        opacity: float = 100.0,
        mode: Optional[int] = None,
    ) -> None:
        if mode is None:
            mode = normal_mode()
        made = call("gimp-layer-new", image, width, height, type, name, opacity, mode)
        self._id = made.ID

    is_floating_sel = simple("gimp-layer-is-floating-sel", None, bool)
    mask = simple("gimp-layer-get-mask")
    apply_mask = simple("gimp-layer-get-apply-mask", "gimp-layer-set-apply-mask", bool)
    edit_mask = simple("gimp-layer-get-edit-mask", "gimp-layer-set-edit-mask", bool)
    show_mask = simple("gimp-layer-get-show-mask", "gimp-layer-set-show-mask", bool)
    mode = simple("gimp-layer-get-mode", "gimp-layer-set-mode")
    opacity = simple("gimp-layer-get-opacity", "gimp-layer-set-opacity")
    lock_alpha = simple("gimp-layer-get-lock-alpha", "gimp-layer-set-lock-alpha", bool)
    preserve_trans = lock_alpha

    def copy(self, add_alpha: Any = False) -> Any:
        """Return a copy, which is in no image yet."""
        return call("gimp-layer-copy", self, add_alpha)

    def add_alpha(self) -> None:
        call("gimp-layer-add-alpha", self)

    def create_mask(self, type: int) -> Any:
        """Return a mask, which is not on the layer yet."""
        return call("gimp-layer-create-mask", self, type)

    def add_mask(self, mask: Any) -> None:
        call("gimp-layer-add-mask", self, mask)

    def remove_mask(self, mode: int) -> None:
        """Apply or discard the mask."""
        call("gimp-layer-remove-mask", self, mode)

    def resize(self, width: int, height: int, offset_x: int = 0, offset_y: int = 0) -> None:
        call("gimp-layer-resize", self, width, height, offset_x, offset_y)

    def resize_to_image_size(self) -> None:
        call("gimp-layer-resize-to-image-size", self)

    def scale(
        self, width: int, height: int, local_origin: Any = False, interpolation: int = -1
    ) -> None:
        with interpolated(interpolation):
            call("gimp-layer-scale", self, width, height, local_origin)

    def translate(self, offset_x: int, offset_y: int) -> None:
        """Move by so many pixels."""
        x, y = self.offsets
        self.set_offsets(x + int(offset_x), y + int(offset_y))

    def set_offsets(self, offset_x: int, offset_y: int) -> None:
        call("gimp-layer-set-offsets", self, offset_x, offset_y)


class GroupLayer(Layer):
    """`GroupLayer(image, name="Layer Group", opacity=100, mode=normal)`."""

    def __init__(
        self,
        image: Any,
        name: str = "Layer Group",
        opacity: float = 100.0,
        mode: Optional[int] = None,
    ) -> None:
        self._id = call("gimp-layer-group-new", image).ID
        self.name = name
        self.opacity = opacity
        self.mode = normal_mode() if mode is None else mode

    @property
    def layers(self) -> List[Any]:
        return self.children


class Channel(Drawable):
    """`Channel(image, name, width, height, opacity, color)`."""

    def __init__(
        self, image: Any, name: str, width: int, height: int, opacity: float, color: Any
    ) -> None:
        self._id = call("gimp-channel-new", image, width, height, name, opacity, color).ID

    color = colour = simple("gimp-channel-get-color", "gimp-channel-set-color")
    opacity = simple("gimp-channel-get-opacity", "gimp-channel-set-opacity")
    show_masked = simple("gimp-channel-get-show-masked", "gimp-channel-set-show-masked", bool)

    def copy(self) -> Any:
        """Return a copy, which is in no image yet."""
        return call("gimp-channel-copy", self)

    def combine_masks(
        self, channel: Any, operation: int, offset_x: int = 0, offset_y: int = 0
    ) -> None:
        call("gimp-channel-combine-masks", self, channel, operation, offset_x, offset_y)


register(Layer, ("layer", "text"), (Type.LAYER,))
register(GroupLayer, ("group",), ())
register(Channel, ("channel", "mask", "selection"), (Type.CHANNEL, Type.SELECTION))
register(Drawable, (), (Type.DRAWABLE,))


def normal_mode() -> int:
    """Return LAYER_MODE_NORMAL of the running GIMP."""
    return backend().constants().get("LAYER_MODE_NORMAL", 0)


class interpolated:
    """Another interpolation for what happens inside; -1 leaves it alone."""

    def __init__(self, interpolation: int) -> None:
        self._interpolation = interpolation

    def __enter__(self) -> None:
        if self._interpolation != -1:
            call("gimp-context-push")
            call("gimp-context-set-interpolation", self._interpolation)

    def __exit__(self, *_: Any) -> None:
        if self._interpolation != -1:
            call("gimp-context-pop")


def delete(thing: Any) -> None:
    """Delete an image, an item that is in no image, or a display."""
    family = thing._family() if isinstance(thing, HasId) else None
    procedures = {
        "image": "gimp-image-delete",
        "item": "gimp-item-delete",
        "display": "gimp-display-delete",
    }
    if family is None:
        raise TypeError("%r is no image, item or display" % (thing,))
    call(procedures[family], thing)
