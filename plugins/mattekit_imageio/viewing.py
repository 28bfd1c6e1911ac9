"""What the network sees of a frame whose samples are no plain picture: square pixels, in sRGB."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Final, NamedTuple

from mattekit.geometry import Box, Length, Placement, Region, Size
from mattekit.imaging.resize import downsample
from mattekit.imaging.samples import Pixels
from mattekit.matting import Matte, rescale
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.resampling import resample
from mattekit_imageio.colorimetry import BT709, Colorimetry, to_srgb
from mattekit_imageio.decoding import squared

__all__ = ["PLAIN", "View", "squeezed"]

#: Longer side of what is shown to a network: more than any of them takes in.
_SIDE: Final = 2048


class View(NamedTuple):
    """How frames differ from plain pictures.

    Attributes
    ----------
    pixel_aspect : Fraction
        Width of a pixel over its height.
    colorimetry : Colorimetry
        What their R'G'B' means.
    """

    pixel_aspect: Fraction = Fraction(1)
    colorimetry: Colorimetry = BT709

    def segment(
        self, photo: Photo, options: Options, segment: Callable[[Photo, Options], Matte]
    ) -> Matte:
        """Return the matte of a frame from what `segment` says of a plain picture of it."""
        if self == PLAIN:
            return segment(photo, options)
        roi = options.roi
        inside = photo.size.box if roi is None else roi.box(photo.size)
        size = squared(photo.size, self.pixel_aspect)
        size = size.scaled(min(1.0, _SIDE / max(size)))
        plain = photo.replace(
            color=self._plain(downsample(photo.color, photo.size.box, size)),
            alpha=None if photo.alpha is None else downsample(photo.alpha, photo.size.box, size),
        )
        if inside != photo.size.box:
            box = _scaled(inside, photo.size, size)
            options = options.replace(roi=Region(*(Length(value, "px") for value in box)))
        matte = segment(plain, options)
        return dataclasses.replace(rescale(matte, size, photo), roi=inside)

    def _plain(self, colors: Pixels) -> Pixels:
        return to_srgb(colors, self.colorimetry) if self.colorimetry.wide else colors


#: Frames that are plain pictures.
PLAIN: Final = View()


def _scaled(box: Box, size: Size, to: Size) -> Box:
    """Return a box in the pixels of another size of the same picture, never smaller."""
    fx, fy = Fraction(to.width, size.width), Fraction(to.height, size.height)
    left, top = int(box.left * fx), int(box.top * fy)
    right, bottom = -int(-box.right * fx // 1), -int(-box.bottom * fy // 1)
    return Box(left, top, min(right, to.width), min(bottom, to.height))


def squeezed(photo: Photo, pixel_aspect: Fraction) -> Photo:
    """Return a picture of square pixels in pixels of another aspect."""
    if pixel_aspect == 1:
        return photo
    size = Size(max(1, round(photo.size.width / pixel_aspect)), photo.size.height)
    scale = size.width / photo.size.width
    placement = Placement(size, photo.size.box, scale, 1.0, 0.0, 0.0, photo.size)
    color, alpha = resample(photo.color, photo.alpha, placement)
    return photo.replace(color=color, alpha=alpha)
