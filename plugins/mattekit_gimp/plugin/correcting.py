"""Corrections: the mask of a layer, and the selection, made right by what is selected.

What is far from a correction keeps its value to the bit: of a mask that somebody made only what the
correction has changed is written.
"""

from typing import Any, Callable, Dict, Optional

import mattekit_bridge as bridge
from mattekit_bridge import Picture
from mattekit_gimp.plugin import mask_parasite, pixels
from mattekit_gimp.plugin.mask_parasite import Memory
from mattekit_gimp.plugin.targets import (
    Refusal,
    Request,
    Target,
    one_step,
    put_mask,
    read_layer,
    select,
    selection_bounds,
)

__all__ = ["ACTIONS"]


_ANY = bytes([0]) + bytes([255]) * 255
_HALF = bytes(128) + bytes([255]) * 128


def keep_selected(target: Target, request: Request) -> None:
    """Make what is selected part of the subject."""
    _correct(target, request, keep=True)


def remove_selected(target: Target, request: Request) -> None:
    """Make what is selected part of the background."""
    _correct(target, request, keep=False)


def refine_mask(target: Target, request: Request) -> None:
    """Look for the edge of the layer's mask in the picture."""
    picture = read_layer(target, request)
    mask = _mask_of(target.layer, picture)
    if mask is None:
        raise Refusal(
            "The layer has no mask that could be refined. As Layer Mask makes one; Refine "
            "Selection does it for a selection."
        )
    alpha = _asked(request, picture, {"mask": mask})
    with one_step(target.image):
        put_mask(target, request, target.layer, alpha)


def refine_selection(target: Target, request: Request) -> None:
    """Look for the edge of the selection in the picture."""
    chosen = _selected(target, "Select the subject roughly first.")
    picture = read_layer(target, request)
    if picture.maximum > 255:
        chosen = _in_two_bytes(chosen)
    mask = Picture(picture.width, picture.height, 1, picture.maximum, chosen)
    alpha = _asked(request, picture, {"mask": mask})
    with one_step(target.image):
        select(target, request, alpha)


def _correct(target: Target, request: Request, *, keep: bool) -> None:
    what = "belongs to the subject" if keep else "does not belong to the subject"
    selected = _selected(target, "Select what %s first." % what).translate(_HALF)
    if not any(selected):
        raise Refusal("Nothing is selected firmly enough. Select what %s first." % what)
    picture = read_layer(target, request)
    mask = _mask_of(target.layer, picture)
    known = mask_parasite.recall(target.layer, mask)
    if known is None:
        known = Memory.of(picture.width, picture.height, request.options, mask)
    known = known.marked(selected, keep=keep)
    alpha = _corrected(request, picture, known)
    with one_step(target.image):
        put_mask(target, request, target.layer, alpha)
        mask_parasite.remember(target.layer, known, alpha)


def _corrected(request: Request, picture: Picture, known: Memory) -> Picture:
    """Return the mask with everything that is marked."""
    request = request._replace(options=known.options)
    if known.base is None:
        return _asked(request, picture, known.pictures())
    base = {"mask": known.base}
    before = _asked(request, picture, base)
    after = _asked(request, picture, {**base, **known.pictures()})
    was, now, then = (bytes(each.samples) for each in (known.base, before, after))
    samples = _changed(was, now, then, after.maximum)
    return after._replace(samples=samples)


def _asked(request: Request, picture: Picture, pictures: Dict[str, Picture]) -> Picture:
    result = bridge.remove_background(
        request.worker, picture, request.options, "pgm", request.progress, pictures
    )
    return pixels.divided(result.picture, picture)


def _changed(base: bytes, before: bytes, after: bytes, maximum: int) -> bytes:
    """Return the base, and where a correction has made a difference what it made."""
    size = len(base)
    numbers = [int.from_bytes(each, "little") for each in (base, before, after)]
    differs = (numbers[1] ^ numbers[2]).to_bytes(size, "little").translate(_ANY)
    if maximum > 255:
        # Either byte of a sample counts for both.
        either = bytearray(size)
        either[0::2] = either[1::2] = _either(differs[0::2], differs[1::2])
        differs = bytes(either)
    where = int.from_bytes(differs, "little")
    return (numbers[0] & ~where | numbers[2] & where).to_bytes(size, "little")


def _either(one: bytes, other: bytes) -> bytes:
    both = int.from_bytes(one, "little") | int.from_bytes(other, "little")
    return both.to_bytes(len(one), "little")


# -- what is there -----------------------------------------------------------------------------


def _mask_of(layer: Any, picture: Picture) -> Optional[Picture]:
    """Return the mask of a layer in the depth that the layer is read in, None where it has none."""
    if layer.mask is None:
        return None
    return pixels.read_alpha(layer.mask, picture.maximum)


def _selected(target: Target, otherwise: str) -> bytes:
    """Return how far each pixel of the layer is selected, a byte each; raises Refusal for none."""
    there, *_ = selection_bounds(target.image)
    inside = target.rect.intersection(target.canvas)
    if not there or inside is None:
        raise Refusal(otherwise)
    plane = pixels.read_part(target.image.selection, inside)
    size = target.rect
    whole = bytearray(size.width * size.height)
    for row in range(inside.height):
        start = (inside.top - size.top + row) * size.width + inside.left - size.left
        whole[start : start + inside.width] = plane[row * inside.width : (row + 1) * inside.width]
    if not any(whole):
        raise Refusal("The selection lies outside the layer. " + otherwise)
    return bytes(whole)


def _in_two_bytes(plane: bytes) -> bytes:
    """Return bytes as samples of two."""
    made = bytearray(2 * len(plane))
    made[0::2] = made[1::2] = plane
    return bytes(made)


#: By name, as `entries` and scripts call them.
ACTIONS: Dict[str, Callable[[Target, Request], None]] = {
    "refine-mask": refine_mask,
    "refine-selection": refine_selection,
    "keep-selected": keep_selected,
    "remove-selected": remove_selected,
}
