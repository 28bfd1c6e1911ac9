"""Framing: which part of the canvas a cut-out keeps, and where its subject sits on it.

What each option does, and in which order, is written down in ``docs/decisions.md``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit.cutout import Cutout
from mattekit.geometry import Box, Margins, Placement, Position, Size, fit_area
from mattekit.parts import labelled, pooled
from mattekit.photo import Photo, Pixels

if TYPE_CHECKING:
    from mattekit.options import Options

__all__ = ["area_limit", "frame", "place", "reduced", "related", "subject_box"]

#: Largest area of a result by `size`, in pixels. `original` has no limit.
_AREAS: Final = {
    "preview": 250_000,
    "small": 250_000,
    "regular": 250_000,
    "medium": 1_500_000,
    "hd": 4_000_000,
    "full": 25_000_000,
    "4k": 25_000_000,
    "auto": 25_000_000,
    "50MP": 50_000_000,
}
#: Largest area of a PNG whatever the `size`, `original` excepted.
_PNG_AREA: Final = 10_000_000

#: How much larger than the result a photo must be to be reduced before its edges are refined.
_WORTH: Final = 1.5

#: Alpha below this share of opaque is no subject: 5 %, well above the noise of a network and below
#: the hair that a viewer sees.
_VISIBLE: Final = 0.05
#: Parts below this share of the largest part are specks.
_PART: Final = 0.005
#: Parts are found on a copy whose longer side has about this many cells.
_CELLS: Final = 512


def frame(cutout: Cutout, options: Options) -> Cutout:
    """Crop, scale, move and shrink a cut-out as `crop` … `size` say.

    Parameters
    ----------
    cutout : Cutout
        At full size, as matting made it.
    options : Options
        `crop`, `crop_margin`, `scale`, `position`, `size`; `format`, `channels` and the background
        for the caps that depend on the file format; the shadow for the room that a crop leaves it.

    Returns
    -------
    Cutout
        With `box`, `placement` and `max_size` brought up to date. The subject is resampled at most
        once; where no size changes its pixels are copied or shared, bit for bit.
    """
    from mattekit.compositing import shadow_room

    size = cutout.size
    box = cutout.box or subject_box(cutout.alpha)
    window, factor, offset = size.box, 1.0, (0.0, 0.0)
    if box is not None:
        room = shadow_room(cutout, box, options) if options.crop else box
        window, factor, offset = place(
            size,
            box,
            crop=options.crop,
            margins=options.crop_margin,
            scale=options.scale,
            position=options.position,
            room=room,
        )
    limit, most = area_limit(cutout, options)
    canvas = window.size if limit is None else fit_area(window.size, limit)
    largest = window.size if most is None else fit_area(window.size, most)
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
        return cutout.replace(box=box, max_size=largest, placement=placement)
    from mattekit.resampling import resample

    color, alpha = resample(cutout.color, cutout.alpha, placement)
    return cutout.replace(
        color=color,
        alpha=alpha,
        box=None if box is None else placement.moved(box),
        max_size=largest,
        placement=placement,
    )


def place(
    size: Size,
    box: Box,
    *,
    crop: bool,
    margins: Margins,
    scale: float | None,
    position: Position | None,
    room: Box | None = None,
) -> tuple[Box, float, tuple[float, float]]:
    """Compute a frame at full resolution.

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


def area_limit(cutout: Cutout, options: Options) -> tuple[int | None, int | None]:
    """Return the largest area for the wished `size`, and for the best size there is, in pixels.

    None is no limit. A PNG has at most 10 megapixels, and `format=auto` means PNG where the result
    will have transparency: no background, or one that is not opaque, behind a subject that does not
    fill the picture. A background picture counts as opaque.
    """
    if options.size == "original":
        return None, None
    best = _AREAS["50MP" if options.size == "50MP" else "full"]
    limit = _AREAS[options.size]
    png = options.format == "png"
    if options.format == "auto" and options.channels != "alpha":
        color = options.bg_color
        covered = options.bg_image is not None or options.bg_blur > 0
        covered = covered or (color is not None and color.alpha == 255)
        png = not covered and int(cutout.alpha.min(initial=cutout.opaque)) < cutout.opaque
    if png:
        return min(limit, _PNG_AREA), min(best, _PNG_AREA)
    return limit, best


def reduced(photo: Photo, options: Options) -> Photo:
    """Return the photo at the size of the result, where that is known before the subject is.

    Nothing finer than the result is worth refining: edges and colours are estimated at the size at
    which they will be seen. That is so where the canvas is merely scaled down to a `size` that no
    file format overrules; all else is left as it is, and so is what is hardly larger.

    Parameters
    ----------
    photo : Photo
        At full size.
    options : Options
        `size`, `format`, `roi`, `crop`, `scale`, `position`.

    Returns
    -------
    Photo
        The same one, or a copy of the size that `frame` would give.
    """
    limit = _AREAS.get(options.size)
    framed = options.crop or options.scale is not None or options.position is not None
    if limit is None or framed or not options.roi.whole:
        return photo
    if options.format == "png":
        limit = min(limit, _PNG_AREA)
    elif options.format == "auto" and limit > _PNG_AREA:
        return photo
    canvas = fit_area(photo.size, limit)
    # Rounding may leave a canvas that would be scaled once more; a picture is resampled once.
    if photo.size.area < _WORTH * limit or fit_area(canvas, limit) != canvas:
        return photo
    from mattekit.resampling import resample

    color, alpha = resample(photo.color, photo.alpha, _shrinking(photo.size, canvas))
    return photo.replace(color=color, alpha=alpha)


def related(cutout: Cutout, photo: Size, most: int | None) -> Cutout:
    """Return a cut-out of a photo that `reduced` made as one of the photo itself.

    Parameters
    ----------
    cutout : Cutout
        Framed.
    photo : Size
        Of the photo itself.
    most : int or None
        Of `area_limit`.
    """
    return cutout.replace(
        max_size=photo if most is None else fit_area(photo, most),
        placement=_shrinking(photo, cutout.size),
    )


def _shrinking(photo: Size, canvas: Size) -> Placement:
    x_scale, y_scale = canvas.width / photo.width, canvas.height / photo.height
    return Placement(canvas, photo.box, x_scale, y_scale, 0.0, 0.0, photo)


def subject_box(alpha: Pixels) -> Box | None:
    """Return the subject's box: all parts of it that matter, and no specks.

    Parameters
    ----------
    alpha : (H, W) ndarray of uint8 or uint16
        Straight alpha.

    Returns
    -------
    Box or None
        Its edges are exact to the pixel: the outermost columns and rows of the kept parts where
        alpha reaches 5 % of opaque. None where alpha reaches that nowhere.

    Notes
    -----
    Parts are found on a copy of at most 512 cells a side, each cell holding the largest alpha of
    its block, so that the cost is one pass over the picture. Cells that touch, corners included,
    belong together. A part is kept where it has at least 0.5 % of the largest part's weight, the
    weight being the sum of its cells.
    """
    height, width = alpha.shape
    if not height or not width:
        return None
    threshold = max(1, math.ceil(_VISIBLE * int(np.iinfo(alpha.dtype).max)))
    step = max(1, -(-max(height, width) // _CELLS))
    cells: Any = pooled(alpha, step, np.maximum)
    mask = cells >= threshold
    if not mask.any():
        return None
    labels, count = labelled(mask)
    weights = np.bincount(labels.ravel(), cells.ravel(), count + 1)[1:]
    cell_counts = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    kept = weights >= _PART * weights.max()
    if step > 1 or cell_counts.max() >= 64:
        kept &= cell_counts >= 2
    kept[weights.argmax()] = True
    keep = np.concatenate([[False], kept])[labels]
    return _exact_box(alpha, keep, threshold, step)


def _exact_box(alpha: Pixels, keep: NDArray[np.bool_], threshold: int, step: int) -> Box:
    """Return the box of the pixels in kept cells that reach `threshold`."""
    columns, rows = np.flatnonzero(keep.any(axis=0)), np.flatnonzero(keep.any(axis=1))

    def edge(cell: int, axis: int, last: bool) -> int:
        """Return the first or last index along `axis` inside the kept cells at `cell`."""
        part = alpha if axis == 0 else alpha.T
        cells = keep[cell] if axis == 0 else keep[:, cell]
        block = part[cell * step : (cell + 1) * step]
        inside = np.repeat(cells, step)[: block.shape[1]]
        hits = np.flatnonzero(((block >= threshold) & inside).any(axis=1))
        return cell * step + int(hits[-1 if last else 0])

    return Box(
        edge(int(columns[0]), 1, False),
        edge(int(rows[0]), 0, False),
        edge(int(columns[-1]), 1, True) + 1,
        edge(int(rows[-1]), 0, True) + 1,
    )
