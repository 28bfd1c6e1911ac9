"""What is done to one layer.

Every action first gets its result from the worker and only then touches the image, inside one undo
group: what goes wrong before leaves the image as it was.
"""

from typing import Any, Callable, Dict

import gimp
import gimpenums as enums

from mattekit_bridge.geometry import Box, margins
from mattekit_gimp.plugin import mask_parasite, pixels
from mattekit_gimp.plugin.targets import (
    Refusal,
    Request,
    Target,
    add_channel,
    alpha_of,
    ask,
    cut_to_selection,
    insert_above,
    one_step,
    put_mask,
    select,
    selection_bounds,
    shown,
)

__all__ = ["ACTIONS"]

pdb = gimp.pdb


def mask(target: Target, request: Request) -> None:
    """Give the layer a mask that hides the background, in place of one that it has."""
    alpha = alpha_of(target, request)
    with one_step(target.image):
        put_mask(target, request, target.layer, alpha)
        if not request.selected or not selection_bounds(target.image)[0]:
            # A correction goes on from here; what a selection has cut off is no network's answer.
            found = mask_parasite.Memory.of(
                target.layer.width, target.layer.height, request.options
            )
            mask_parasite.remember(target.layer, found, alpha)


def layer(target: Target, request: Request) -> None:
    """Put the subject into a layer of its own above, its edges free of the old background."""
    put = _subject(target, request)
    with one_step(target.image):
        put()


def _subject(target: Target, request: Request) -> Callable[[], None]:
    """Ask for the subject and return what adds its layer."""
    old = target.layer
    if old.is_indexed:
        # A palette has no room for cleaned colours, and its alpha is all or nothing.
        alpha = alpha_of(target, request)

        def put_copy() -> None:
            new = old.copy(True)
            insert_above(target, new)
            put_mask(target, request, new, alpha)

        return put_copy
    _, result = ask(target, request, "pam")

    def put() -> None:
        kind = enums.GRAYA_IMAGE if old.is_gray else enums.RGBA_IMAGE
        new = gimp.Layer(target.image, old.name, old.width, old.height, kind, old.opacity, old.mode)
        insert_above(target, new)
        pixels.write_rgba(new, result.picture)
        shown(new)
        if request.selected and selection_bounds(target.image)[0]:
            made = new.create_mask(enums.ADD_WHITE_MASK)
            new.add_mask(made)
            x, y = new.offsets
            cut_to_selection(target, request, made, -x, -y)
            new.remove_mask(enums.MASK_APPLY)

    return put


def selection(target: Target, request: Request) -> None:
    """Select the subject."""
    alpha = alpha_of(target, request)
    with one_step(target.image):
        select(target, request, alpha)


def channel(target: Target, request: Request) -> None:
    """Keep the subject's alpha as a channel."""
    alpha = alpha_of(target, request)
    active = target.image.active_layer
    with one_step(target.image):
        add_channel(target, request, alpha, "%s, subject" % target.layer.name)
        target.image.active_layer = active


def crop(target: Target, request: Request) -> None:
    """Crop the image to the subject of the layer, which keeps its background."""
    options = dict(request.options)
    text = options.pop("crop_margin")
    try:
        margins(text)
    except ValueError as error:
        raise Refusal(str(error)) from None
    _, result = ask(target, request._replace(options=options), "pgm")
    if result.box is None:
        raise Refusal("No subject was found.")
    left, top, width, height = result.box
    x, y = target.layer.offsets
    box = Box(left, top, left + width, top + height).moved(x, y)
    rect = box.with_margins(text).intersection(target.canvas)
    if rect is None:
        raise Refusal("The subject lies outside the image. Image > Fit Canvas to Layers helps.")
    with one_step(target.image):
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
    with one_step(target.image):
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
