"""Framing: which part of the canvas a cut-out keeps, and where its subject sits on it.

What each option does, and in which order, is written down in ``docs/decisions.md``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from mattekit.cutout import Cutout
from mattekit.formats import AUTO, max_area
from mattekit.geometry import Aspect, Box, Margins, Placement, Position, Size, fit_area
from mattekit.photo import Photo

if TYPE_CHECKING:
    from mattekit.options import Options

__all__ = [
    "PREVIEW_AREA",
    "area_limit",
    "downscale",
    "frame",
    "layout",
    "prescale",
    "with_original_size",
]

#: Largest area of a preview, in pixels.
PREVIEW_AREA: Final = 250_000
#: Largest area of a result by `size`, in pixels. `original` has no limit.
_AREAS: Final = {
    **dict.fromkeys(("preview", "small", "regular"), PREVIEW_AREA),
    "medium": 1_500_000,
    "hd": 4_000_000,
    "full": 25_000_000,
    "4k": 25_000_000,
    "auto": 25_000_000,
    "50MP": 50_000_000,
}

#: How much larger than the result a photo must be to be reduced before its edges are refined.
_WORTH: Final = 1.5


def frame(cutout: Cutout, options: Options, *, room: Box | None = None) -> Cutout:
    """Crop, scale, move and shrink a cut-out as `crop` … `size` say.

    Parameters
    ----------
    cutout : Cutout
        As matting made it, with its `box`.
    options : Options
        `crop`, `crop_margin`, `aspect`, `scale`, `position`, `size`; `format`, `channels` and the
        background for the caps that depend on the file format.
    room : Box, optional
        What a crop keeps besides the subject (its shadow).

    Returns
    -------
    Cutout
        With `box`, `placement` and `max_size` brought up to date. The subject is resampled at most
        once; where no size changes its pixels are copied or shared, bit for bit.
    """
    size, box = cutout.size, cutout.box
    window, factor, offset = size.box, 1.0, (0.0, 0.0)
    if box is not None:
        window, factor, offset = layout(
            size,
            box,
            crop=options.crop,
            margins=options.crop_margin,
            scale=options.scale,
            position=options.position,
            aspect=options.aspect,
            room=room,
        )
    canvas, largest = (
        window.size if limit is None else fit_area(window.size, limit)
        for limit in area_limit(options)
    )
    x_share, y_share = canvas.width / window.width, canvas.height / window.height
    placement = Placement(
        canvas,
        window,
        factor * x_share,
        factor * y_share,
        offset[0] * x_share,
        offset[1] * y_share,
        size,
    )
    if placement == Placement.identity(size):
        return cutout.replace(max_size=largest, placement=placement)
    from mattekit.resampling import resample

    color, alpha = resample(cutout.color, cutout.alpha, placement)
    return cutout.replace(
        color=color,
        alpha=alpha,
        box=None if box is None else placement.moved(box),
        max_size=largest,
        placement=placement,
    )


def layout(
    size: Size,
    box: Box,
    *,
    crop: bool,
    margins: Margins,
    scale: float | None,
    position: Position | None,
    aspect: Aspect | None = None,
    room: Box | None = None,
) -> tuple[Box, float, tuple[float, float]]:
    """Compute where the frame lies and where in it the subject goes.

    Parameters
    ----------
    size : Size
        The photo's canvas.
    box : Box
        The subject's box.
    crop : bool
        Whether the frame is the subject with its margins rather than the whole canvas.
    margins : Margins
        Used when cropping; percentages are of the subject's width and height.
    scale : float or None
        Per cent: the subject's width is that share of the frame's, or its height, whichever makes
        it smaller.
    position : Position or None
        Where the subject sits; None leaves it where it is, or centres it if `scale` is given.
    aspect : Aspect or None
        What the frame is brought to, by room on two sides.
    room : Box, optional
        What a crop keeps besides the subject (its shadow).

    Returns
    -------
    window : Box
        The frame, in the photo's pixels.
    factor : float
        Size of the subject in the frame, relative to the photo.
    offset : tuple of float
        Where the photo's corner goes, relative to the frame: ``x * factor + offset[0]``. Whole
        numbers where `factor` is 1.
    """
    window = margins.around(box.union(room or box), box.size) if crop else size.box
    if aspect is not None:
        window = aspect.around(window)
    if scale is None and position is None:
        return window, 1.0, (float(-window.left), float(-window.top))
    factor = 1.0
    if scale is not None:
        factor = scale / 100 * min(window.width / box.width, window.height / box.height)
    x, y = position or Position(50, 50)
    left = x / 100 * (window.width - factor * box.width) - factor * box.left
    top = y / 100 * (window.height - factor * box.height) - factor * box.top
    if factor == 1:
        left, top = float(math.floor(left + 0.5)), float(math.floor(top + 0.5))
    return window, factor, (left, top)


def area_limit(options: Options) -> tuple[int | None, int | None]:
    """Return the largest area for the wished `size`, and for the best size there is, in pixels.

    None is no limit. A PNG has at most 10 megapixels. `format=auto` counts as one unless the
    options leave nothing transparent (a background colour that is opaque, a picture or a blur as
    background, the matte alone), whatever the subject then looks like: the size must be known
    before edges are refined at it, and no PNG may be larger.

    Parameters
    ----------
    options : Options
        `size`, `format`, `channels`, `bg_color`, `bg_image`, `bg_blur`.
    """
    if options.size == "original":
        return None, None
    most = max_area(_format(options))
    best = "50MP" if options.size == "50MP" else "full"
    sized, largest = (_AREAS[each] for each in (options.size, best))
    return (sized, largest) if most is None else (min(sized, most), min(largest, most))


def _format(options: Options) -> str:
    """Return the format whose limit counts."""
    if options.format != "auto":
        return options.format
    color = options.bg_color
    covered = (color is not None and color.alpha == 255) or options.bg_image is not None
    return AUTO[bool(covered or options.bg_blur or options.channels == "alpha")]


def prescale(photo: Photo, options: Options) -> Photo:
    """Return the photo at the size of the result, where that is known before the subject is.

    Nothing finer than the result is worth refining: edges and colours are estimated at the size at
    which they will be seen. That is so where the whole canvas is scaled down; where the subject
    decides about the frame (or a region, in the photo's pixels, about the subject) the photo is
    left as it is, and so is what is hardly larger.

    Parameters
    ----------
    photo : Photo
        At full size.
    options : Options
        `size`, `roi`, `crop`, `aspect`, `scale`, `position`; `format`, `channels` and the
        background for the caps that depend on the file format.

    Returns
    -------
    Photo
        The same one, or a copy of the size that `frame` would give.
    """
    framed = options.crop or (options.aspect, options.scale, options.position) != (None,) * 3
    limit, _ = area_limit(options)
    if limit is None or framed or not options.roi.whole:
        return photo
    canvas = fit_area(photo.size, limit)
    # Rounding may leave a canvas that would be scaled once more; a picture is resampled once.
    if photo.size.area < _WORTH * limit or fit_area(canvas, limit) != canvas:
        return photo
    return downscale(photo, canvas)


def downscale(photo: Photo, size: Size) -> Photo:
    """Return a copy of a photo of another size, resampled as `frame` does."""
    from mattekit.resampling import resample

    color, alpha = resample(photo.color, photo.alpha, _downscaling(photo.size, size))
    return photo.replace(color=color, alpha=alpha)


def with_original_size(cutout: Cutout, photo: Size, options: Options) -> Cutout:
    """Return a finished cut-out of a photo that `prescale` scaled as one of the photo itself.

    Parameters
    ----------
    cutout : Cutout
    photo : Size
        Of the photo itself.
    options : Options
        As for `area_limit`.

    Returns
    -------
    Cutout
        Its `placement` starts from, and its `max_size` is that of, the photo itself.
    """
    _, best = area_limit(options)
    return cutout.replace(
        max_size=photo if best is None else fit_area(photo, best),
        placement=_downscaling(photo, cutout.size),
    )


def _downscaling(photo: Size, canvas: Size) -> Placement:
    x_scale, y_scale = canvas.width / photo.width, canvas.height / photo.height
    return Placement(canvas, photo.box, x_scale, y_scale, 0.0, 0.0, photo)
