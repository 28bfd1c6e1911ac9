"""What is done to one layer.

Every action first gets its result from the worker and only then touches the image, inside one undo
group: what goes wrong before leaves the image as it was.
"""

import contextlib
from typing import Any, Callable, Dict, Iterator, Mapping, NamedTuple, Optional, Tuple

import gimp
import gimpenums as enums

import mattekit_bridge as bridge
from mattekit_bridge.geometry import Box, margins
from mattekit_gimp.plugin import pixels

__all__ = ["ACTIONS", "Refusal", "Request", "Target", "target_of"]

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


def _ask(target: Target, request: Request, output: str) -> Tuple[bridge.Picture, bridge.Result]:
    """Return the pixels of the layer and what the worker made of them."""
    options = dict(request.options)
    if request.selected:
        there, *corners = _selection(target.image)
        if there:
            inside = Box(*corners).intersection(target.rect)
            if inside is None:
                raise Refusal("The selection lies outside the layer. Select around the subject.")
            roi = inside.moved(-target.rect.left, -target.rect.top)
            options["roi"] = "%dpx %dpx %dpx %dpx" % roi
    request.progress(0.0, "Reading the layer")
    picture = pixels.read(target.layer, _profile(target.image))
    return picture, bridge.remove_background(
        request.worker, picture, options, output, request.progress
    )


def _profile(image: Any) -> bytes:
    """Return the image's colour profile, empty where it has none."""
    _, data = pdb.gimp_image_get_color_profile(image)
    return bytes(data or b"")


def _alpha(target: Target, request: Request) -> bridge.Picture:
    picture, result = _ask(target, request, "pgm")
    return pixels.divided(result.picture, picture)


def _selection(image: Any) -> Tuple[bool, int, int, int, int]:
    there, left, top, right, bottom = pdb.gimp_selection_bounds(image)
    return bool(there), left, top, right, bottom


def _clip(target: Target, request: Request, mask: Any, x: int, y: int) -> None:
    """Take from a mask or channel what is not selected; soft selections stay soft."""
    if request.selected and _selection(target.image)[0]:
        pdb.gimp_channel_combine_masks(
            mask, target.image.selection, enums.CHANNEL_OP_INTERSECT, x, y
        )


def _shown(drawable: Any) -> None:
    """Let windows and previews show what was written."""
    drawable.update(0, 0, drawable.width, drawable.height)


@contextlib.contextmanager
def _one_step(image: Any) -> Iterator[None]:
    image.undo_group_start()
    try:
        yield
    finally:
        image.undo_group_end()


# -- the actions -------------------------------------------------------------------------------


def mask(target: Target, request: Request) -> None:
    """Give the layer a mask that hides the background, in place of one that it has."""
    alpha = _alpha(target, request)
    with _one_step(target.image):
        _put_mask(target, request, target.layer, alpha)


def _put_mask(target: Target, request: Request, layer: Any, alpha: bridge.Picture) -> None:
    if layer.mask is not None:
        layer.remove_mask(enums.MASK_DISCARD)
    made = layer.create_mask(enums.ADD_WHITE_MASK)
    pixels.write_alpha(made, alpha)
    layer.add_mask(made)
    x, y = layer.offsets
    _clip(target, request, made, -x, -y)
    _shown(made)
    layer.edit_mask = False


def layer(target: Target, request: Request) -> None:
    """Put the subject into a layer of its own above, its edges free of the old background."""
    put = _subject(target, request)
    with _one_step(target.image):
        put()


def _subject(target: Target, request: Request) -> Callable[[], None]:
    """Ask for the subject and return what adds its layer."""
    old = target.layer
    if old.is_indexed:
        # A palette has no room for cleaned colours, and its alpha is all or nothing.
        alpha = _alpha(target, request)

        def put_copy() -> None:
            new = old.copy(True)
            _insert(target, new)
            _put_mask(target, request, new, alpha)

        return put_copy
    _, result = _ask(target, request, "pam")

    def put() -> None:
        kind = enums.GRAYA_IMAGE if old.is_gray else enums.RGBA_IMAGE
        new = gimp.Layer(target.image, old.name, old.width, old.height, kind, old.opacity, old.mode)
        _insert(target, new)
        pixels.write_rgba(new, result.picture)
        _shown(new)
        if request.selected and _selection(target.image)[0]:
            made = new.create_mask(enums.ADD_WHITE_MASK)
            new.add_mask(made)
            x, y = new.offsets
            _clip(target, request, made, -x, -y)
            new.remove_mask(enums.MASK_APPLY)

    return put


def _insert(target: Target, new: Any) -> None:
    """Put a layer where the old one lies, right above it, and hide that."""
    parent, number = target.position
    target.image.insert_layer(new, parent, number)
    new.set_offsets(*target.layer.offsets)
    new.name = "%s, subject" % target.layer.name
    new.visible = True
    target.layer.visible = False
    target.image.active_layer = new


def selection(target: Target, request: Request) -> None:
    """Select the subject."""
    alpha = _alpha(target, request)
    active = target.image.active_layer
    with _one_step(target.image):
        made = _channel(target, request, alpha, "subject")
        pdb.gimp_image_select_item(target.image, enums.CHANNEL_OP_REPLACE, made)
        target.image.remove_channel(made)
        target.image.active_layer = active


def channel(target: Target, request: Request) -> None:
    """Keep the subject's alpha as a channel."""
    alpha = _alpha(target, request)
    active = target.image.active_layer
    with _one_step(target.image):
        _channel(target, request, alpha, "%s, subject" % target.layer.name)
        target.image.active_layer = active


def _channel(target: Target, request: Request, alpha: bridge.Picture, name: str) -> Any:
    canvas = target.canvas
    made = gimp.Channel(target.image, name, canvas.width, canvas.height, 50.0, (0.0, 0.0, 0.0))
    target.image.insert_channel(made, None, 0)
    # Filling a channel with transparency makes it white.
    made.set_rect(0, 0, canvas.width, canvas.height, bytes(canvas.width * canvas.height), "Y u8")
    pixels.write_alpha(made, alpha, target.rect.left, target.rect.top)
    _clip(target, request, made, 0, 0)
    _shown(made)
    made.visible = False
    return made


def crop(target: Target, request: Request) -> None:
    """Crop the image to the subject of the layer, which keeps its background."""
    options = dict(request.options)
    text = options.pop("crop_margin")
    try:
        margins(text)
    except ValueError as error:
        raise Refusal(str(error)) from None
    _, result = _ask(target, request._replace(options=options), "pgm")
    if result.box is None:
        raise Refusal("No subject was found.")
    left, top, width, height = result.box
    x, y = target.layer.offsets
    box = Box(left, top, left + width, top + height).moved(x, y)
    rect = box.with_margins(text).intersection(target.canvas)
    if rect is None:
        raise Refusal("The subject lies outside the image. Image > Fit Canvas to Layers helps.")
    with _one_step(target.image):
        target.image.crop(rect.width, rect.height, rect.left, rect.top)


def background(target: Target, request: Request) -> None:
    """Put the subject into a layer of its own, and a colour or another layer behind it."""
    source = request.extra["layer"] if request.extra["with"] == "layer" else None
    if request.extra["with"] == "layer":
        if source is None:
            raise Refusal("Choose the layer that is to be the new background.")
        if source.ID == target.layer.ID:
            raise Refusal(
                "The new background is the layer of the photo itself. Choose another layer, or "
                "open a picture with File > Open as Layers first."
            )
    put = _subject(target, request)
    with _one_step(target.image):
        put()
        canvas = target.canvas
        behind = (
            _filled(target, request.extra["color"])
            if source is None
            else pdb.gimp_layer_new_from_drawable(source, target.image)
        )
        parent, number = target.position
        target.image.insert_layer(behind, parent, number)
        behind.name = "%s, background" % target.layer.name
        behind.visible = True
        if source is not None:
            _cover(behind, canvas)


def _filled(target: Target, color: Any) -> Any:
    old = target.layer
    kind = (
        enums.INDEXED_IMAGE if old.is_indexed
        else enums.GRAY_IMAGE if old.is_gray else enums.RGB_IMAGE
    )  # fmt: skip
    canvas = target.canvas
    made = gimp.Layer(
        target.image, "background", canvas.width, canvas.height, kind, 100.0, old.mode
    )
    gimp.context_push()
    try:
        gimp.set_background(color)
        made.fill(enums.BACKGROUND_FILL)
    finally:
        gimp.context_pop()
    return made


def _cover(made: Any, canvas: Box) -> None:
    """Scale a layer so that it covers the canvas, centred, and cut off what lies outside."""
    scale = max(canvas.width / made.width, canvas.height / made.height)
    width = max(canvas.width, round(made.width * scale))
    height = max(canvas.height, round(made.height * scale))
    if (width, height) != (made.width, made.height):
        made.scale(width, height, False)
    left, top = (width - canvas.width) // 2, (height - canvas.height) // 2
    if (width, height) != (canvas.width, canvas.height):
        made.resize(canvas.width, canvas.height, -left, -top)
    made.set_offsets(0, 0)


#: By name, as `entries` and scripts call them.
ACTIONS: Dict[str, Callable[[Target, Request], None]] = {
    "mask": mask,
    "layer": layer,
    "selection": selection,
    "channel": channel,
    "crop": crop,
    "background": background,
}
