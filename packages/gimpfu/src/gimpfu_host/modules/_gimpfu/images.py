"""Images and the windows that show them."""

from typing import Any, List, Optional, Tuple

from _gimpfu import makers
from _gimpfu.backend import Type
from _gimpfu.calls import call
from _gimpfu.convert import to_bytes
from _gimpfu.host import backend
from _gimpfu.items import HasId, Layer, interpolated, items_of, normal_mode, simple
from _gimpfu.parasites import HasParasites

_TOP = -1


class Image(HasId, HasParasites):
    """`Image(width, height, type=RGB)`."""

    _parasites = "gimp-image"

    def __init__(self, width: int, height: int, type: int = 0) -> None:
        self._id = call("gimp-image-new", width, height, type).ID

    def _family(self) -> str:
        return "image"

    active_channel = simple("gimp-image-get-active-channel", "gimp-image-set-active-channel")
    active_drawable = simple("gimp-image-get-active-drawable")
    active_layer = simple("gimp-image-get-active-layer", "gimp-image-set-active-layer")
    active_vectors = simple("gimp-image-get-active-vectors", "gimp-image-set-active-vectors")
    base_type = simple("gimp-image-base-type")
    dirty = simple("gimp-image-is-dirty", None, bool)
    filename = simple("gimp-image-get-filename", "gimp-image-set-filename")
    floating_selection = simple("gimp-image-get-floating-sel")
    floating_sel_attached_to = simple("gimp-image-floating-sel-attached-to")
    height = simple("gimp-image-height")
    name = simple("gimp-image-get-name")
    precision = simple("gimp-image-get-precision")
    selection = simple("gimp-image-get-selection")
    tattoo_state = simple("gimp-image-get-tattoo-state", "gimp-image-set-tattoo-state")
    unit = simple("gimp-image-get-unit", "gimp-image-set-unit")
    uri = simple("gimp-image-get-uri")
    width = simple("gimp-image-width")

    @property
    def layers(self) -> List[Any]:
        """The layers, the top one first."""
        return items_of(call("gimp-image-get-layers", self)[1])

    @property
    def channels(self) -> List[Any]:
        return items_of(call("gimp-image-get-channels", self)[1])

    @property
    def vectors(self) -> List[Any]:
        return items_of(call("gimp-image-get-vectors", self)[1])

    @property
    def colormap(self) -> bytes:
        """The colours of an indexed image, three bytes each."""
        return bytes(call("gimp-image-get-colormap", self)[1])

    @colormap.setter
    def colormap(self, colors: Any) -> None:
        data = to_bytes(colors)
        call("gimp-image-set-colormap", self, len(data), data)

    @property
    def resolution(self) -> Tuple[float, float]:
        """Pixels per inch, across and down."""
        x, y = call("gimp-image-get-resolution", self)
        return x, y

    @resolution.setter
    def resolution(self, resolution: Tuple[float, float]) -> None:
        call("gimp-image-set-resolution", self, *resolution)

    # -- layers and channels ---------------------------------------------------------------------

    def insert_layer(self, layer: Any, parent: Any = None, position: int = _TOP) -> None:
        """Add a layer to the image; without a position above the active one."""
        call("gimp-image-insert-layer", self, layer, parent, position)

    def add_layer(self, layer: Any, position: int = _TOP) -> None:
        self.insert_layer(layer, None, position)

    def insert_channel(self, channel: Any, parent: Any = None, position: int = _TOP) -> None:
        call("gimp-image-insert-channel", self, channel, parent, position)

    def add_channel(self, channel: Any, position: int = _TOP) -> None:
        self.insert_channel(channel, None, position)

    def new_layer(
        self,
        name: str = "New Layer",
        width: Optional[int] = None,
        height: Optional[int] = None,
        offset_x: int = 0,
        offset_y: int = 0,
        alpha: Any = True,
        pos: int = _TOP,
        opacity: float = 100.0,
        mode: Optional[int] = None,
        fill_mode: int = -1,
    ) -> Any:
        """Make a layer, fill it, add it to the image, and return it."""
        width = self.width if width is None else width
        height = self.height if height is None else height
        type = 2 * self.base_type + (1 if alpha else 0)
        layer = Layer(
            self, name, width, height, type, opacity, normal_mode() if mode is None else mode
        )
        if fill_mode == -1:
            filling = "FILL_TRANSPARENT" if alpha else "FILL_BACKGROUND"
            fill_mode = backend().constants()[filling]
        layer.fill(fill_mode)
        self.insert_layer(layer, None, pos)
        layer.set_offsets(offset_x, offset_y)
        return layer

    def remove_layer(self, layer: Any) -> None:
        call("gimp-image-remove-layer", self, layer)

    def remove_channel(self, channel: Any) -> None:
        call("gimp-image-remove-channel", self, channel)

    def raise_layer(self, layer: Any) -> None:
        call("gimp-image-raise-item", self, layer)

    def raise_layer_to_top(self, layer: Any) -> None:
        call("gimp-image-raise-item-to-top", self, layer)

    def lower_layer(self, layer: Any) -> None:
        call("gimp-image-lower-item", self, layer)

    def lower_layer_to_bottom(self, layer: Any) -> None:
        call("gimp-image-lower-item-to-bottom", self, layer)

    def raise_channel(self, channel: Any) -> None:
        call("gimp-image-raise-item", self, channel)

    def lower_channel(self, channel: Any) -> None:
        call("gimp-image-lower-item", self, channel)

    def flatten(self) -> Any:
        """Merge all visible layers into one without alpha, and return it."""
        return call("gimp-image-flatten", self)

    def merge_visible_layers(self, merge_type: int) -> Any:
        return call("gimp-image-merge-visible-layers", self, merge_type)

    def merge_down(self, layer: Any, merge_type: int) -> Any:
        return call("gimp-image-merge-down", self, layer, merge_type)

    def pick_correlate_layer(self, x: int, y: int) -> Any:
        return call("gimp-image-pick-correlate-layer", self, x, y)

    def get_layer_by_tattoo(self, tattoo: int) -> Any:
        return call("gimp-image-get-layer-by-tattoo", self, tattoo)

    def get_channel_by_tattoo(self, tattoo: int) -> Any:
        return call("gimp-image-get-channel-by-tattoo", self, tattoo)

    def unset_active_channel(self) -> None:
        call("gimp-image-unset-active-channel", self)

    # -- the whole image -------------------------------------------------------------------------

    def resize(self, width: int, height: int, offset_x: int = 0, offset_y: int = 0) -> None:
        call("gimp-image-resize", self, width, height, offset_x, offset_y)

    def resize_to_layers(self) -> None:
        call("gimp-image-resize-to-layers", self)

    def scale(self, width: int, height: int, interpolation: int = -1) -> None:
        with interpolated(interpolation):
            call("gimp-image-scale", self, width, height)

    def crop(self, width: int, height: int, offset_x: int = 0, offset_y: int = 0) -> None:
        call("gimp-image-crop", self, width, height, offset_x, offset_y)

    def duplicate(self) -> Any:
        return call("gimp-image-duplicate", self)

    def clean_all(self) -> None:
        call("gimp-image-clean-all", self)

    def free_shadow(self) -> None:
        call("gimp-image-free-shadow", self)

    def get_component_active(self, component: int) -> bool:
        return bool(call("gimp-image-get-component-active", self, component))

    def set_component_active(self, component: int, active: Any) -> None:
        call("gimp-image-set-component-active", self, component, active)

    def get_component_visible(self, component: int) -> bool:
        return bool(call("gimp-image-get-component-visible", self, component))

    def set_component_visible(self, component: int, visible: Any) -> None:
        call("gimp-image-set-component-visible", self, component, visible)

    # -- undo ------------------------------------------------------------------------------------

    def disable_undo(self) -> bool:
        return bool(call("gimp-image-undo-disable", self))

    def enable_undo(self) -> bool:
        return bool(call("gimp-image-undo-enable", self))

    def undo_is_enabled(self) -> bool:
        return bool(call("gimp-image-undo-is-enabled", self))

    def undo_freeze(self) -> bool:
        return bool(call("gimp-image-undo-freeze", self))

    def undo_thaw(self) -> bool:
        return bool(call("gimp-image-undo-thaw", self))

    def undo_group_start(self) -> None:
        call("gimp-image-undo-group-start", self)

    def undo_group_end(self) -> None:
        call("gimp-image-undo-group-end", self)

    # -- guides ----------------------------------------------------------------------------------

    def add_hguide(self, yposition: int) -> int:
        return int(call("gimp-image-add-hguide", self, yposition))

    def add_vguide(self, xposition: int) -> int:
        return int(call("gimp-image-add-vguide", self, xposition))

    def delete_guide(self, guide: int) -> None:
        call("gimp-image-delete-guide", self, guide)

    def find_next_guide(self, guide: int) -> int:
        """Return the guide behind this one, the first one for 0, 0 at the end."""
        return int(call("gimp-image-find-next-guide", self, guide))

    def get_guide_orientation(self, guide: int) -> int:
        return int(call("gimp-image-get-guide-orientation", self, guide))

    def get_guide_position(self, guide: int) -> int:
        return int(call("gimp-image-get-guide-position", self, guide))

    def __repr__(self) -> str:
        return "<gimp.Image '%s'>" % self.name


class Display(HasId):
    """A window that shows an image: `Display(image)`."""

    def __init__(self, image: Any) -> None:
        self._id = call("gimp-display-new", image).ID

    def _family(self) -> str:
        return "display"

    def __repr__(self) -> str:
        return "<gimp.Display %d>" % self._id


makers.register(Type.IMAGE, Image.of)
makers.register(Type.DISPLAY, Display.of)
