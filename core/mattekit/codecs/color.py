"""Colour spaces: everything that is not RGB becomes sRGB here."""

from __future__ import annotations

import functools
import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image, ImageCms

__all__ = ["PROFILE_LIMIT", "is_rgb_profile", "profile_space", "to_srgb"]

#: No real profile is larger; what claims to be is refused before it is unpacked.
PROFILE_LIMIT: Final = 16 << 20

_LAB_SPACE: Final = "LAB "


def profile_space(profile: bytes | None) -> str:
    """Return the four letters of the colour space of an ICC profile; empty where it is none.

    The signature of the space stands at offset 16 of the header and ``acsp`` at offset 36
    (ICC.1:2022, 7.2).
    """
    if profile is None or len(profile) < 128 or profile[36:40] != b"acsp":
        return ""
    return profile[16:20].decode("latin-1")


def is_rgb_profile(profile: bytes | None) -> bool:
    """Whether a profile describes RGB pixels and may be handed on with them."""
    return profile_space(profile) == "RGB "


@functools.lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an RGB image of 8 bits in sRGB.

    Parameters
    ----------
    image : PIL.Image.Image
        Of mode L, CMYK, YCbCr, LAB, HSV or RGB, without alpha.
    profile : bytes or None
        Its ICC profile. One that does not fit the mode, or that the colour management cannot use,
        is left aside, as viewers do.
    """
    from PIL import ImageCms

    if image.mode == "LAB":
        # PIL's LAB is the Lab of ICC: D50, so that a plain profile of that white point fits.
        lab = ImageCms.createProfile("LAB")
        return _through(image, ImageCms.ImageCmsProfile(lab))
    wanted = {"L": "GRAY", "CMYK": "CMYK", "RGB": "RGB "}.get(image.mode, "none")
    if profile is not None and profile_space(profile) == wanted:
        try:
            return _through(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
        except (ImageCms.PyCMSError, OSError):
            pass
    return image.convert("RGB")


def _through(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    from PIL import ImageCms

    result = ImageCms.profileToProfile(
        image,
        profile,
        _srgb(),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert result is not None  # only None for inPlace
    return result
