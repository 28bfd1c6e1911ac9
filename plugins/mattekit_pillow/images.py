"""Between Pillow's images and the two values that travel through mattekit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImagePalette

from mattekit import codecs, pipeline
from mattekit.codecs.metadata import EXIF_PREFIX
from mattekit.cutout import Cutout
from mattekit.errors import InvalidFileType
from mattekit.options import Options
from mattekit.photo import Metadata, Photo
from mattekit.subject import subject_box

if TYPE_CHECKING:
    from PIL._imaging import ImagingCore

__all__ = ["composed", "cutout_of", "from_core", "info_of", "photo_of", "to_image"]

#: Modes in which every pixel has an alpha.
_TRANSPARENT = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})


def from_core(core: ImagingCore) -> Image.Image:
    """Return an image around what Pillow hands to a filter; it has no `info`."""
    image = Image.Image()._new(core)
    if image.mode in {"P", "PA"}:
        kind = core.getpalettemode()
        image.palette = ImagePalette.ImagePalette(kind, core.getpalette(kind, kind))
    return image


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
    alpha = photo.alpha
    if alpha is None:
        alpha = np.full(photo.color.shape[:2], np.iinfo(photo.color.dtype).max, photo.color.dtype)
    box = subject_box(alpha)
    return Cutout(photo.color, alpha, photo.metadata, found=box is not None, box=box)


def composed(cutout: Cutout, options: Options) -> Cutout:
    """Frame the subject and put a shadow or a background behind it."""
    photo = Photo(cutout.color, cutout.alpha, cutout.metadata)
    return pipeline.compose(cutout, photo, options)


def to_image(cutout: Cutout, options: Options) -> Image.Image:
    """Return a cut-out as an image: RGBA, or L where only the matte is wanted."""
    metadata = cutout.metadata if options.keep_metadata else Metadata()
    if options.channels == "alpha":
        image = Image.fromarray(np.asarray(cutout.alpha, np.uint8))
        if metadata.dpi is not None:
            image.info["dpi"] = metadata.dpi
        return image
    pixels = np.dstack([cutout.color, cutout.alpha]) if options.keep_color else cutout.rgba()
    image = Image.fromarray(np.asarray(pixels, np.uint8))
    image.info.update(info_of(metadata))
    return image


def info_of(metadata: Metadata) -> dict[str, Any]:
    """Return metadata in the words of Pillow's `info`."""
    known: dict[str, Any] = {"icc_profile": metadata.icc_profile, "dpi": metadata.dpi}
    known["exif"] = None if metadata.exif is None else EXIF_PREFIX + metadata.exif
    return {name: value for name, value in known.items() if value is not None}
