"""From a coarse matte to a subject at full size: the steps and their order."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.cutout import Cutout
from mattekit.geometry import Box, Size
from mattekit.imaging.labels import bounding_box, label
from mattekit.imaging.samples import Levels, Pixels, as_shares, strips
from mattekit.matting._assemble import assemble
from mattekit.matting._foreground import foreground, small_colors
from mattekit.matting._refine import refine
from mattekit.matting.cleaning import clean
from mattekit.matting.edges import EdgeChange
from mattekit.matting.graphic import color_key
from mattekit.matting.matte import Correction, Matte
from mattekit.matting.opaque import fill_semitransparent
from mattekit.matting.parts import Parts
from mattekit.matting.planes import upsample
from mattekit.matting.selecting import selected
from mattekit.matting.small_parts import remove_uncertain_objects
from mattekit.matting.tiling import pad_box
from mattekit.memory import check_room
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.tasks import stage
from mattekit.threads import for_each

__all__ = ["Extraction", "extract", "uncorrected"]

#: Pixels around a changed part that are refined with it, besides an eighth of its size.
_CONTEXT = 16
#: Bytes per pixel and byte of depth that the work takes beyond the photo, and those of them that
#: are the subject's own colours; see `docs/memory.md`.
_EXTRACTED: Final = 4
_COLORS: Final = 3


class Extraction(NamedTuple):
    """A subject at full size, before anything is corrected.

    Attributes
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1], or of the photo's dtype
    color : (H, W, 3) ndarray of uint8 or uint16
    graphic : bool
        Whether the photo is a flat graphic.
    parts : Parts
        Corrected parts, for when they are asked for again.
    """

    alpha: Levels
    color: Pixels
    graphic: bool
    parts: Parts


@stage("matting")
def extract(
    photo: Photo,
    matte: Matte,
    options: Options,
    *,
    original: Size | None = None,
    before: Extraction | None = None,
    spend: bool = False,
) -> Cutout:
    """Bring a coarse matte to full size and free the subject's edges of the old background.

    Parameters
    ----------
    photo : Photo
    matte : Matte
        Of this photo.
    options : Options
        `type`, `subjects`, `refine`, `specks`, `holes`, `semitransparency`, `edge_shift`,
        `edge_soften`, `decontaminate`.
    original : Size, optional
        Of the picture, where `photo` is a smaller copy of it: lengths in px are of that.
    before : Extraction, optional
        What `uncorrected` returned for the same arguments.
    spend : bool
        Whether nobody looks at the photo's colours any more: the subject's may be put in their
        place, instead of a second picture.

    Returns
    -------
    Cutout
        On the photo's canvas, nothing behind it.

    Raises
    ------
    NotEnoughMemory
        It would take more than this process may hold, where the system tells.
    """
    fix, ours = matte.correction, spend
    # What edges become, and hints, is made of the photo's own colours once more.
    spend = spend and fix is None and not (options.edge_shift.value or options.edge_soften.value)
    pixels, each = photo.size.area, _EXTRACTED - (_COLORS if spend else 0)
    check_room(photo.source, pixels, each * photo.color.itemsize * pixels)
    original = original or photo.size
    found = before or uncorrected(photo, matte, options, original=original, spend=spend)
    alpha, color, graphic, _ = found
    change = EdgeChange.of(alpha, options, photo.size.width / original.width)
    if fix is not None:
        alpha, color = _corrected(photo, matte, fix, found, options)
    if any(change):
        moved = change.apply(as_shares(alpha), photo, matte.roi)
        if fix is not None:
            fix.hints.enforce(moved, photo.size.box)
        alpha = moved
        color = foreground(photo.color, alpha) if options.decontaminate else photo.color
    if graphic:
        kind = "graphic" if options.type == "auto" else options.type
        matte = dataclasses.replace(matte, found=True, kind=kind)
    if before is not None:  # who gave it needs it again, and the result is the caller's to change
        alpha = alpha.copy() if alpha is before.alpha else alpha
        color = color.copy() if color is before.color else color
    color = _without_hidden(color, photo, in_place=ours or color is not photo.color)
    return assemble(photo, color, alpha, matte)


def uncorrected(
    photo: Photo,
    matte: Matte,
    options: Options,
    *,
    original: Size | None = None,
    spend: bool = False,
) -> Extraction:
    """Bring to full size what a matte was before hints corrected it; as `extract`."""
    original = original or photo.size
    first = matte if matte.correction is None else matte.correction.before
    result = _freed(photo, first, options, original, spend=spend)
    kernels.give_back()
    return result


def _freed(
    photo: Photo, first: Matte, options: Options, original: Size, *, spend: bool
) -> Extraction:
    """Return the subject with its own colours, where they are asked for."""
    if not options.decontaminate:
        return _alpha(photo, first, options, original)
    small = functools.cache(lambda: small_colors(photo.color))
    result = _alpha(photo, first, options, original, small)
    color = foreground(photo.color, result.alpha, small=small, in_place=spend)
    return result._replace(color=color)


def _alpha(
    photo: Photo,
    first: Matte,
    options: Options,
    original: Size,
    small: Callable[[], NDArray[np.float32]] | None = None,
) -> Extraction:
    """Return the subject with the photo's own colours."""
    alpha: Levels | None = (
        None if first.mask else color_key(photo, first, enclosed=options.enclosed)
    )
    graphic = alpha is not None
    if alpha is None:
        alpha = refine(photo, first, quality=options.refine, small=small, dtype=photo.color.dtype)
        if first.mask is None:
            alpha = remove_uncertain_objects(alpha, first)
    if graphic or first.mask:
        # Elsewhere the coarse matte has those subjects only that were asked for.
        alpha = selected(alpha, options.subjects, original.box, original)
    alpha = clean(alpha, options)
    return Extraction(alpha, photo.color, graphic, Parts())


def _corrected(
    photo: Photo, matte: Matte, fix: Correction, before: Extraction, options: Options
) -> tuple[Levels, Pixels]:
    """Bring what hints changed to full size; all else stays as it is, to the bit.

    Each changed part is refined by itself, with some of its surroundings, and put in with weights
    that end where nothing changed.
    """
    labels, count = label(fix.weight > 0)
    if not count:
        return before.alpha, before.color
    alpha = as_shares(before.alpha.copy())
    color = before.color.copy() if options.decontaminate else before.color
    fx, fy = fix.weight.shape[1] / matte.box.width, fix.weight.shape[0] / matte.box.height
    for cells in _boxes(labels, count):
        part = Box.covering(cells.left / fx, cells.top / fy, cells.right / fx, cells.bottom / fy)
        part = part.moved(*matte.box[:2]).intersection(matte.box)
        around = pad_box(part, _CONTEXT + max(part.size) // 8, matte.box)
        fine = before.parts.refined(photo, matte, around, options.refine)
        fix.hints.enforce(fine, around)
        inside = around.moved(-matte.box.left, -matte.box.top)
        edges = inside.left * fx, inside.top * fy, inside.right * fx, inside.bottom * fy
        weight = upsample(fix.weight[None], around.size, edges)[0]
        old = alpha[around.slices]
        mixed = np.where(weight > 0, old + weight * (fine - old), old)
        mixed = np.where(weight >= 1, fine, mixed)
        fix.hints.enforce(mixed, around)
        if not options.semitransparency:
            mixed = np.where(weight > 0, fill_semitransparent(mixed), old)
            fix.hints.enforce(mixed, around)
        alpha[around.slices] = mixed
        if options.decontaminate:
            own = before.parts.freed(photo, around, mixed)
            np.copyto(color[around.slices], own, where=(weight > 0)[..., None])
    return alpha, color


def _without_hidden(color: Pixels, photo: Photo, *, in_place: bool) -> Pixels:
    """Return colours that are black where the photo's own transparency hid them.

    `keep_color` and layers give back what the photo showed; what it did not is nobody's to see.
    """
    alpha = photo.alpha
    if alpha is None or alpha.min() > 0:
        return color
    result = color if in_place and color.flags.writeable else color.copy()

    def fill(part: slice) -> None:
        hidden = alpha[part] == 0
        for channel in range(3):
            np.copyto(result[part, :, channel], 0, where=hidden)

    for_each(fill, list(strips(result.shape)))
    return result


def _boxes(labels: NDArray[np.intp], count: int) -> list[Box]:
    """Return the boxes of connected parts, united where they overlap."""
    boxes: list[Box] = []
    for number in range(1, count + 1):
        box = bounding_box(labels == number)
        if box is None:
            continue
        while True:
            touching = [each for each in boxes if not each.intersection(box).empty]
            if not touching:
                break
            for each in touching:
                boxes.remove(each)
                box = box.union(each)
        boxes.append(box)
    return boxes
