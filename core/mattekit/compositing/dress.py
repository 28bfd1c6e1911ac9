"""The order in which things are put behind a subject."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from mattekit.compositing.over import over, over_color, over_picture
from mattekit.cutout import Cutout
from mattekit.geometry import Box
from mattekit.photo import Photo

if TYPE_CHECKING:
    from mattekit.options import Options

__all__ = ["dress", "shadow_choice", "shadow_room"]

#: Formats that keep apart what lies behind the subject.
_LAYERED: Final = frozenset({"ora", "psd"})
#: The shadow that `auto` means, by kind of subject.
_AUTO: Final = {
    "car": "car",
    "product": "drop",
    "person": "3D",
    "animal": "drop",
    "transportation": "3D",
    "graphic": "drop",
    "other": "drop",
}


def dress(cutout: Cutout, photo: Photo, options: Options) -> Cutout:
    """Put the shadow, then the background that `options` name behind a subject.

    Parameters
    ----------
    cutout : Cutout
        Framed.
    photo : Photo
        What it was cut out of; its background is needed for `bg_blur`.
    options : Options
        `add_shadow`, `shadow_type`, `shadow_opacity`, `bg_color`, `bg_image`, `bg_blur`.

    Returns
    -------
    Cutout
        On the same canvas; the cut-out itself where nothing was asked for. With `layers` where the
        format has them.
    """
    things = list(_behind(cutout, photo, options))
    if not things:
        return cutout
    dressed = functools.reduce(lambda on_top, put: put(on_top), things, cutout)
    if options.format not in _LAYERED:
        return dressed
    nothing = cutout.replace(alpha=np.zeros_like(cutout.alpha))
    backdrop = functools.reduce(lambda on_top, put: put(on_top), things, nothing)
    return dressed.replace(layers=(backdrop, cutout))


def _behind(cutout: Cutout, photo: Photo, options: Options) -> Iterator[Callable[[Cutout], Cutout]]:
    """Yield what puts something behind a cut-out, the foremost first."""
    name, opacity = shadow_choice(cutout, options)
    if name != "none" and opacity > 0 and cutout.box is not None and not cutout.box.empty:
        from mattekit.compositing.shadows import cast

        shadow = cast(cutout, name, opacity)
        yield lambda on_top: over(on_top, (0, 0, 0), shadow)
    color = options.bg_color
    if color is not None:
        yield lambda on_top: over_color(on_top, color)
    elif options.bg_image is not None:
        from mattekit import codecs

        picture = codecs.decode(options.bg_image)
        yield lambda on_top: over_picture(on_top, picture)
    elif options.bg_blur:
        from mattekit.compositing.blur import blurred_background

        blurred = blurred_background(cutout, photo, options.bg_blur / 100)
        yield lambda on_top: over(on_top, blurred, None)


def shadow_choice(cutout: Cutout, options: Options) -> tuple[str, float]:
    """Return the shadow for this subject (``"none"`` … ``"drop"``) and its opacity in [0, 1].

    `add_shadow` is a car's shadow under cars where `shadow_type` names none for them. `auto` gives
    no 3D shadow to a subject that the bottom of the photo cuts off: it stands nowhere in sight.
    """
    kind = cutout.kind
    name = options.shadow_type.get(kind, options.shadow_type[""])
    if name == "none" and options.add_shadow and kind == "car":
        name = "car"
    if name == "auto":
        name = _AUTO[kind]
        if name == "3D" and _cut_off(cutout):
            name = "drop"
    opacity = options.shadow_opacity.get(kind, options.shadow_opacity[""])
    if opacity is None:
        opacity = 90 if kind == "car" else 50
    return name, opacity / 100


def shadow_room(cutout: Cutout, box: Box, options: Options) -> Box:
    """Return what a crop must keep: the subject's box and the shadow that it will get."""
    name, opacity = shadow_choice(cutout, options)
    if name == "none" or opacity == 0:
        return box
    from mattekit.compositing.shadows import room

    return room(cutout.alpha, box, name, opacity)


def _cut_off(cutout: Cutout) -> bool:
    """Return whether the subject touches the bottom of the photo."""
    if cutout.box is None:
        return False
    if cutout.placement is None:
        return cutout.box.bottom >= cutout.size.height
    where = cutout.placement
    return where.photo_box(cutout.box).bottom >= where.photo.height
