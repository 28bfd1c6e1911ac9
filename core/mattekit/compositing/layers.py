"""The order in which things are put behind a subject."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from mattekit.compositing.source_over import over, over_color, over_picture
from mattekit.cutout import Cutout
from mattekit.formats import has_layers
from mattekit.photo import Photo
from mattekit.picture import BACKGROUND

if TYPE_CHECKING:
    from mattekit.compositing.shadowplan import Shadow
    from mattekit.options import Options

__all__ = ["composite"]


def composite(cutout: Cutout, photo: Photo, shadow: Shadow | None, options: Options) -> Cutout:
    """Put a shadow, then the background that `options` name behind a subject.

    Parameters
    ----------
    cutout : Cutout
        Framed.
    photo : Photo
        What it was cut out of; its background is needed for `bg_blur`.
    shadow : Shadow or None
        As `plan_shadow` chose it.
    options : Options
        `bg_color`, `bg_image`, `bg_blur`, `format`, `subjects`.

    Returns
    -------
    Cutout
        On the same canvas; the cut-out itself where nothing was asked for. With `layers` where the
        format has them.
    """
    things = list(_behind(cutout, photo, shadow, options))
    flat = functools.reduce(lambda on_top, put: put(on_top), things, cutout)
    if not has_layers(options.format):
        return flat
    subjects = cutout.parts()[::-1] if options.subjects == "each" else (cutout,)
    if not things:
        return cutout if len(subjects) == 1 else cutout.replace(layers=subjects)
    nothing = cutout.replace(alpha=np.zeros_like(cutout.alpha), name=BACKGROUND)
    backdrop = functools.reduce(lambda on_top, put: put(on_top), things, nothing)
    return flat.replace(layers=(backdrop, *subjects))


def _behind(
    cutout: Cutout, photo: Photo, shadow: Shadow | None, options: Options
) -> Iterator[Callable[[Cutout], Cutout]]:
    """Yield what puts something behind a cut-out, the foremost first."""
    if shadow is not None and cutout.box is not None and not cutout.box.empty:
        from mattekit.compositing.shadows import cast

        alpha = cast(cutout, *shadow)
        yield lambda on_top: over(on_top, (0, 0, 0), alpha)
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
