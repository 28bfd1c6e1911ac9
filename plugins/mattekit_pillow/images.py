"""Between Pillow's images and the two values that travel through mattekit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImagePalette

from mattekit import codecs, pipeline
from mattekit.codecs.coders.pillow import info_of, stored_orientation
from mattekit.codecs.color import is_rgb_profile
from mattekit.cutout import Cutout
from mattekit.errors import InvalidFileType
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.subject import subject_box

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from PIL._imaging import ImagingCore

__all__ = ["composed", "cutout_of", "filtered", "photo_of", "to_image"]

#: How a picture of each EXIF orientation is turned upright, and back.
_UPRIGHT: Final = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_LEFT_RIGHT),
    3: (Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_180),
    4: (Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_TOP_BOTTOM),
    5: (Image.Transpose.TRANSPOSE, Image.Transpose.TRANSPOSE),
    6: (Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_90),
    7: (Image.Transpose.TRANSVERSE, Image.Transpose.TRANSVERSE),
    8: (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270),
}
#: Modes in which every pixel has an alpha.
_TRANSPARENT = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
#: Modes whose colours are those of an RGB profile.
_RGB = frozenset({"P", "PA", "RGB", "RGBA", "RGBX", "RGBa"})


def being_filtered(core: ImagingCore) -> Image.Image | None:
    """Return the image whose method ``filter`` is running, to which these pixels belong.

    Pillow hands a filter nothing but pixels, so that the image is looked for among the callers;
    None where somebody else calls the filter.
    """
    method = getattr(Image.Image.filter, "__code__", None)
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code is method:
            image = frame.f_locals.get("self")
            return image if isinstance(image, Image.Image) and image.im is core else None
        frame = frame.f_back
    return None


def from_core(core: ImagingCore) -> Image.Image:
    """Return an image around what Pillow hands to a filter; it has no `info`."""
    image = Image.Image()._new(core)
    if image.mode in {"P", "PA"}:
        kind = core.getpalettemode()
        image.palette = ImagePalette.ImagePalette(kind, core.getpalette(kind, kind))
    return image


def filtered(core: ImagingCore, apply: Callable[[Image.Image], Image.Image]) -> ImagingCore:
    """Return what ``image.filter(...)`` makes of pixels: `apply` sees them upright, in sRGB.

    Parameters
    ----------
    core : ImagingCore
        As Pillow hands them to a filter.
    apply : callable
        What is done with an upright image, whose `info` holds its RGB profile at most.

    Returns
    -------
    ImagingCore
        Turned like `core`, since Pillow keeps the EXIF of the image.
    """
    image, owner = from_core(core), being_filtered(core)
    if owner is None:
        return apply(image).im
    profile = owner.info.get("icc_profile")
    if image.mode in _RGB and is_rgb_profile(profile):
        image.info["icc_profile"] = profile
    turns = _UPRIGHT.get(stored_orientation(owner))
    if turns is None:
        return apply(image).im
    upright, back = turns
    return apply(image.transpose(upright)).transpose(back).im


def photo_of(image: Image.Image) -> Photo:
    """Return the photo of an image of 8 bits per channel.

    Raises
    ------
    InvalidFileType
        More than 8 bits per channel: Pillow has no image that could hold the result.
    """
    if image.mode[0] in "IF":
        raise InvalidFileType(
            str(getattr(image, "filename", "")) or "image",
            f"an image of mode {image.mode}",
            "8 bits per channel, since Pillow has no RGBA image of more (to keep all bits: "
            'mattekit_imageio.register(); imageio.v3.imread(path, plugin="mattekit"))',
        )
    return codecs.decode(image)


def cutout_of(image: Image.Image) -> Cutout:
    """Return an image with transparency as a cut-out.

    Raises
    ------
    InvalidFileType
        The image is opaque by its mode, so that nothing says what its subject is.
    """
    if image.mode not in _TRANSPARENT and "transparency" not in image.info:
        raise InvalidFileType(
            str(getattr(image, "filename", "")) or "image",
            f"an image of mode {image.mode}",
            "one with transparency, e.g. RGBA: apply RemoveBackground() first",
        )
    photo = photo_of(image)
    alpha = photo.full_alpha()
    box = subject_box(alpha)
    return Cutout(photo.color, alpha, photo.metadata, found=box is not None, box=box)


def composed(cutout: Cutout, options: Options) -> Cutout:
    """Frame the subject and put a shadow or a background behind it."""
    photo = Photo(cutout.color, cutout.alpha, cutout.metadata)
    return pipeline.compose(cutout, photo, options)


def to_image(cutout: Cutout, options: Options) -> Image.Image:
    """Return a cut-out as an image: RGBA, or L where only the matte is wanted."""
    if options.channels == "alpha":
        image = Image.fromarray(np.asarray(cutout.alpha, np.uint8))
        if options.keep_metadata and cutout.metadata.dpi is not None:
            image.info["dpi"] = cutout.metadata.dpi
        return image
    if not options.keep_metadata:
        cutout = codecs.without_metadata(cutout)
    pixels = np.dstack([cutout.color, cutout.alpha]) if options.keep_color else cutout.rgba()
    image = Image.fromarray(np.asarray(pixels, np.uint8))
    image.info.update(info_of(cutout.metadata))
    return image
