"""The layer that is meant, what is wanted of it, and what every action does with it."""

import contextlib
from typing import Any, Callable, Dict, Iterator, Mapping, NamedTuple, Optional, Tuple

import gimp
import gimpenums as enums

import mattekit_bridge as bridge
from mattekit_bridge.geometry import Box
from mattekit_gimp.plugin import pixels

__all__ = [
    "Progress",
    "Refusal",
    "Request",
    "Target",
    "add_channel",
    "alpha_of",
    "ask",
    "cut_to_selection",
    "insert_above",
    "one_step",
    "options_of",
    "put_mask",
    "read_layer",
    "selection_bounds",
    "shown",
    "target_of",
]

pdb = gimp.pdb

#: Takes the share that is done and what is being done.
Progress = Callable[[float, str], Optional[bool]]


class Refusal(Exception):
    """It cannot be done; the text is for the user."""


class Target(NamedTuple):
    """The layer that is meant.

    Attributes
    ----------
    image : gimp.Image
    layer : gimp.Layer
    """

    image: Any
    layer: Any

    @property
    def rect(self) -> Box:
        """Where the layer lies in the image."""
        x, y = self.layer.offsets
        return Box(x, y, x + self.layer.width, y + self.layer.height)

    @property
    def canvas(self) -> Box:
        """The image."""
        return Box(0, 0, self.image.width, self.image.height)

    @property
    def position(self) -> Tuple[Any, int]:
        """The group that the layer is in, None for none, and its place there."""
        number = pdb.gimp_image_get_item_position(self.image, self.layer)
        return self.layer.parent, number


class Request(NamedTuple):
    """What is wanted.

    Attributes
    ----------
    worker : bridge.Worker
    options : mapping of str to str
        For the worker.
    selected : bool
        Whether only what is selected can be subject, where something is.
    extra : mapping of str to object
        What only one action needs.
    progress : callable
    """

    worker: bridge.Worker
    options: Mapping[str, str]
    selected: bool
    extra: Mapping[str, Any]
    progress: Progress


def target_of(image: Any, drawable: Any) -> Target:
    """Return the layer that is meant by a layer, a group or the mask of one.

    Raises
    ------
    Refusal
        It is a channel, or nothing.
    """
    if drawable is None:
        raise Refusal("No layer is chosen. Click the layer of the photo in the Layers dialog.")
    if isinstance(drawable, gimp.Channel):
        if not drawable.is_layer_mask:
            raise Refusal("A channel is active. Click the layer of the photo in the Layers dialog.")
        drawable = pdb.gimp_layer_from_mask(drawable)
    if drawable.is_floating_sel:
        raise Refusal("Anchor the floating selection first (Layer > Anchor Layer).")
    return Target(image, drawable)


# -- asking the worker -------------------------------------------------------------------------


def ask(target: Target, request: Request, output: str) -> Tuple[bridge.Picture, bridge.Result]:
    """Return the pixels of the layer and what the worker made of them."""
    options = options_of(target, request)
    picture = read_layer(target, request)
    return picture, bridge.remove_background(
        request.worker, picture, options, output, request.progress
    )


def options_of(target: Target, request: Request) -> Dict[str, str]:
    """Return what the worker is asked for, with the place where it is to look."""
    options = dict(request.options)
    if request.selected:
        there, *corners = selection_bounds(target.image)
        if there:
            inside = Box(*corners).intersection(target.rect)
            if inside is None:
                raise Refusal("The selection lies outside the layer. Select around the subject.")
            roi = inside.moved(-target.rect.left, -target.rect.top)
            options["roi"] = "%dpx %dpx %dpx %dpx" % roi
    return options


def read_layer(target: Target, request: Request) -> bridge.Picture:
    """Return the pixels of the layer."""
    request.progress(0.0, "Reading the layer")
    return pixels.read(target.layer, _profile(target.image))


def _profile(image: Any) -> bytes:
    """Return the image's colour profile, empty where it has none."""
    _, data = pdb.gimp_image_get_color_profile(image)
    return bytes(data or b"")


def alpha_of(target: Target, request: Request) -> bridge.Picture:
    """Return the subject's alpha, without the layer's own."""
    picture, result = ask(target, request, "pgm")
    return pixels.divided(result.picture, picture)


def selection_bounds(image: Any) -> Tuple[bool, int, int, int, int]:
    """Return whether anything is selected, and the box around it."""
    there, left, top, right, bottom = pdb.gimp_selection_bounds(image)
    return bool(there), left, top, right, bottom


def cut_to_selection(target: Target, request: Request, mask: Any, x: int, y: int) -> None:
    """Take from a mask or channel what is not selected; soft selections stay soft."""
    if request.selected and selection_bounds(target.image)[0]:
        pdb.gimp_channel_combine_masks(
            mask, target.image.selection, enums.CHANNEL_OP_INTERSECT, x, y
        )


def shown(drawable: Any) -> None:
    """Let windows and previews show what was written."""
    drawable.update(0, 0, drawable.width, drawable.height)


@contextlib.contextmanager
def one_step(image: Any) -> Iterator[None]:
    """Make what is done meanwhile one step of undo."""
    image.undo_group_start()
    try:
        yield
    finally:
        image.undo_group_end()


# -- changing the image ------------------------------------------------------------------------


def put_mask(target: Target, request: Request, layer: Any, alpha: bridge.Picture) -> None:
    """Give a layer a mask, in place of one that it has."""
    if layer.mask is not None:
        layer.remove_mask(enums.MASK_DISCARD)
    made = layer.create_mask(enums.ADD_WHITE_MASK)
    pixels.write_alpha(made, alpha)
    layer.add_mask(made)
    x, y = layer.offsets
    cut_to_selection(target, request, made, -x, -y)
    shown(made)
    layer.edit_mask = False


def select(target: Target, request: Request, alpha: bridge.Picture) -> None:
    """Select what an alpha of the layer says, in place of what is selected."""
    active = target.image.active_layer
    made = add_channel(target, request, alpha, "subject")
    pdb.gimp_image_select_item(target.image, enums.CHANNEL_OP_REPLACE, made)
    target.image.remove_channel(made)
    target.image.active_layer = active


def insert_above(target: Target, new: Any) -> None:
    """Put a layer where the old one lies, right above it, and hide that."""
    parent, number = target.position
    target.image.insert_layer(new, parent, number)
    new.set_offsets(*target.layer.offsets)
    new.name = "%s, subject" % target.layer.name
    new.visible = True
    target.layer.visible = False
    target.image.active_layer = new


def add_channel(target: Target, request: Request, alpha: bridge.Picture, name: str) -> Any:
    """Add a channel of the image's size with an alpha of the layer; returns it."""
    canvas = target.canvas
    made = gimp.Channel(target.image, name, canvas.width, canvas.height, 50.0, (0.0, 0.0, 0.0))
    target.image.insert_channel(made, None, 0)
    # Filling a channel with transparency makes it white.
    made.set_rect(0, 0, canvas.width, canvas.height, bytes(canvas.width * canvas.height), "Y u8")
    pixels.write_alpha(made, alpha, target.rect.left, target.rect.top)
    cut_to_selection(target, request, made, 0, 0)
    shown(made)
    made.visible = False
    return made
