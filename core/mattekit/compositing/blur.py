"""A photo's own background, out of focus."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mattekit.compositing.gaussian import upsample_strips
from mattekit.cutout import Cutout
from mattekit.geometry import Placement, Size
from mattekit.imaging.morphology import dilation
from mattekit.imaging.resize import pyramid_reduce, resize_plane
from mattekit.imaging.samples import Pixels
from mattekit.photo import Photo
from mattekit.resampling import decoded, encoded, resample

__all__ = ["blurred_background"]

Plane = NDArray[np.float32]

#: The radius of the blur on the reduced copy, in pixels; more shows nothing more.
_RADIUS: Final = 10.0
#: Largest reduced copy, in pixels. Only blurs of less than about 0.5 % of a very large photo are
#: made a little softer by it.
_AREA: Final = 2_000_000
#: Alpha from which on a pixel is no pure background any more.
_SUBJECT: Final = 0.02


def blurred_background(cutout: Cutout, photo: Photo, amount: float) -> Pixels:
    """Return the background of a photo as a lens would show it that is focused on the subject.

    Parameters
    ----------
    cutout : Cutout
        The framed subject, without shadow or background.
    photo : Photo
        What it was cut out of.
    amount : float
        Radius of the blur as a share of the longer side of the canvas.

    Returns
    -------
    (H, W, 3) ndarray of the photo's dtype
        What the cut-out's canvas shows of the photo, blurred.

    Notes
    -----
    Subject pixels never take part: the hole that they leave is first filled from around it, from
    coarse to fine, then everything is averaged over discs in linear light. The canvas keeps showing
    its own part of the photo where the subject has been moved or scaled on it, and the fill
    continues the photo where the canvas reaches outside it.
    """
    canvas = cutout.size
    placement = cutout.placement or Placement.identity(photo.size)
    radius = amount * max(canvas)
    ratio = min(1.0, _RADIUS / max(radius, 1e-3), math.sqrt(_AREA / canvas.area))
    small = canvas.scaled(ratio)
    x_scale, y_scale = small.width / placement.window.width, small.height / placement.window.height
    view = Placement(
        small,
        placement.window,
        x_scale,
        y_scale,
        -placement.window.left * x_scale,
        -placement.window.top * y_scale,
        photo.size,
    )
    color, known = resample(photo.color, photo.alpha, view)
    weight = 1 - _subject_mask(cutout, placement, view)
    if known is not None:
        weight *= known.astype(np.float32) / float(np.iinfo(known.dtype).max)
    result = np.empty((canvas.height, canvas.width, 3), photo.color.dtype)
    small_radius = radius * small.width / canvas.width
    for channel in range(3):
        light = _filled(decoded(color[..., channel]), weight)
        for rows, strip in upsample_strips(_disc_mean(light, small_radius), canvas):
            result[rows, :, channel] = encoded(strip, photo.color.dtype)
    return result


def _subject_mask(cutout: Cutout, placement: Placement, view: Placement) -> Plane:
    """Return where the subject, and the light it sheds on its surroundings, was in the photo.

    Parameters
    ----------
    cutout : Cutout
    placement : Placement
        From the photo to the cut-out.
    view : Placement
        From the photo to the mask.

    Returns
    -------
    ndarray of float32
        0 or 1, of the view's size.
    """
    subject = Image.fromarray(
        (cutout.alpha > _SUBJECT * cutout.opaque).astype(np.uint8) * np.uint8(255)
    )
    # From mask to cut-out: undo the view, then apply the placement.
    x_step, y_step = placement.x_scale / view.x_scale, placement.y_scale / view.y_scale
    block = max(1, math.floor(min(x_step, y_step)))
    reduced = subject.reduce(block)
    affine = (
        x_step / block,
        0.0,
        (placement.dx - view.dx * x_step) / block,
        0.0,
        y_step / block,
        (placement.dy - view.dy * y_step) / block,
    )
    mask = reduced.transform(view.size, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
    reach = max(1, round(0.004 * max(view.size)))
    return dilation(np.asarray(mask) > 0, reach).astype(np.float32)


def _filled(light: Plane, weight: Plane) -> Plane:
    """Fill what `weight` leaves out from around it: averages of growing blocks, coarse to fine."""
    values, weights = [light * weight], [weight]
    while max(values[-1].shape) > 1:
        values.append(pyramid_reduce(values[-1]))
        weights.append(pyramid_reduce(weights[-1]))
    known: Any = values[-1] / np.maximum(weights[-1], np.float32(1e-6))
    for value, share in zip(values[-2::-1], weights[-2::-1], strict=True):
        size = Size(value.shape[1], value.shape[0])
        coarse = resize_plane(known, size)
        known = value + np.clip(1 - share, 0, 1) * coarse
    result: Plane = known
    return result


def _disc_mean(plane: Plane, radius: float) -> Plane:
    """Average over discs, as an open lens does; the plane continues with its outermost pixels."""
    reach = math.ceil(radius) + 1
    if radius < 0.5:
        return plane
    offsets = np.arange(-reach, reach + 1, dtype=np.float32)
    disc = np.clip(radius + 0.5 - np.hypot(offsets[:, None], offsets[None]), 0, 1)
    disc /= disc.sum()
    shape = [_fast_length(side + 2 * reach) for side in plane.shape]
    padded = np.pad(plane, reach, mode="edge")
    spectrum = np.fft.rfft2(padded, shape) * np.fft.rfft2(disc, shape)
    blurred = np.fft.irfft2(spectrum, shape)
    rows, columns = (slice(2 * reach, 2 * reach + side) for side in plane.shape)
    return np.maximum(blurred[rows, columns], 0).astype(np.float32)


def _fast_length(length: int) -> int:
    """Return the next length without prime factors above 5."""
    while True:
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
        length += 1
