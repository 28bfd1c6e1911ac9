"""Pictures through Pillow: every format and mode that has no faster way."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.color import is_rgb_profile, profile_space, to_srgb
from mattekit.codecs.metadata import clean_exif, dpi_of, orientation_of
from mattekit.codecs.strips import grey
from mattekit.codecs.upright import upright
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.photo import Metadata, Photo, Pixels

if TYPE_CHECKING:
    from PIL import Image, ImageFile

__all__ = ["identify", "photo_from", "stored_orientation"]

#: Formats that hold pixels and are decoded inside this process. EPS is left out because Pillow
#: hands it to Ghostscript, WMF because it hands it to Windows, the others are stubs or videos.
#: TGA comes last: it has no signature and is recognised by elimination.
_FORMATS: Final = (
    "PNG",
    "JPEG",
    "GIF",
    "WEBP",
    "TIFF",
    "BMP",
    "AVIF",
    "PPM",
    "JPEG2000",
    "PSD",
    "ICO",
    "CUR",
    "ICNS",
    "DIB",
    "DDS",
    "QOI",
    "SGI",
    "PCX",
    "DCX",
    "SUN",
    "MSP",
    "XBM",
    "XPM",
    "IM",
    "PIXAR",
    "PCD",
    "BLP",
    "FTEX",
    "GBR",
    "FITS",
    "SPIDER",
    "TGA",
)
_NAMES: Final = {"JPEG": "jpg", "PPM": "netpbm", "JPEG2000": "jp2", "DIB": "bmp", "MPO": "jpg"}
_ROWS: Final = 256
_EXPECTED: Final = "a picture (JPEG, PNG, WebP, TIFF, AVIF, GIF, BMP, PPM, …)"


def identify(
    data: bytes, source: str, looks: str, only: tuple[str, ...] = ()
) -> ImageFile.ImageFile:
    """Return the Pillow image of a file, its pixels not yet decoded.

    `Image.open` is not used: it warns about every large picture, while the caller compares the
    size with its own limit.

    Raises
    ------
    InvalidFileType
        No format recognises the bytes.
    """
    from PIL import Image

    Image.preinit()
    if not only or any(name not in Image.OPEN for name in only):
        Image.init()
    for name in only or _FORMATS:
        if name not in Image.OPEN:
            continue  # this Pillow was built without it
        factory, accept = Image.OPEN[name]
        accepted = accept is None or accept(data[:16])
        if not accepted or isinstance(accepted, str):
            continue
        try:
            image: ImageFile.ImageFile = factory(io.BytesIO(data), "")
        except SyntaxError as error:
            if only:
                raise UnreadableImage(source, str(error) or "its header is broken") from error
            continue
        return image
    raise InvalidFileType(source, looks, _EXPECTED)


def photo_from(image: Image.Image, source: str) -> Photo:
    """Return the photo of a Pillow image; the image is not changed.

    Raises
    ------
    InvalidFileType
        A mode of floating-point numbers.
    """
    from PIL import ImageFile

    profile = image.info.get("icc_profile")
    profile = profile if isinstance(profile, bytes) and profile else None
    exif, orientation = _exif(image)
    dpi = dpi_of(image.info.get("dpi"))
    if isinstance(image, ImageFile.ImageFile):
        image.load()
    color, alpha, keeps_profile = _planes(image, profile, source)
    name = image.format or ""
    return Photo(
        upright(color, orientation),
        None if alpha is None else upright(alpha, orientation),
        Metadata(profile if keeps_profile else None, dpi, exif),
        _NAMES.get(name, name.lower()),
        source,
    )


def stored_orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1..8, in which the pixels of a loaded Pillow image lie."""
    return _exif(image)[1]


def _exif(image: Image.Image) -> tuple[bytes | None, int]:
    from PIL import TiffImagePlugin

    block = image.info.get("exif")
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # Pillow turns it while loading; `mattekit.codecs.tiff` reads the tags.
        return clean_exif(block) if isinstance(block, bytes) else None, 1
    if isinstance(block, bytes):
        return clean_exif(block), orientation_of(block)
    exif = image.getexif()
    if not exif:
        return None, 1
    block = exif.tobytes()
    return clean_exif(block), orientation_of(block)


def _planes(
    image: Image.Image, profile: bytes | None, source: str
) -> tuple[Pixels, Pixels | None, bool]:
    """Return colour, alpha, and whether the colour is still in the space of an RGB profile."""
    mode = image.mode
    if mode == "F":
        raise InvalidFileType(
            source, "a picture of floating-point numbers", "8 or 16 bits per channel: save it so"
        )
    if mode.startswith("I"):
        return grey(_sixteen(np.asarray(image))), None, False
    rgb = is_rgb_profile(profile)
    transparent = mode in {"1", "L", "P", "RGB"} and "transparency" in image.info
    if transparent or mode in {"PA", "RGBa"} or (mode == "P" and _palette_alpha(image)):
        image = image.convert("RGBA")
    elif mode == "La":
        image = image.convert("LA")
    elif mode == "1":
        image = image.convert("L")
    alpha = None
    if image.mode in {"RGBA", "LA"}:
        alpha = array(image.getchannel("A"))
    if image.mode in {"L", "LA"}:
        plain = image if image.mode == "L" else image.getchannel("L")
        if profile_space(profile) == "GRAY":
            return array(to_srgb(plain, profile)), alpha, False
        return grey(array(plain)), alpha, rgb
    if image.mode in {"RGB", "RGBA", "RGBX", "P"}:
        return array(image.convert("RGB")), alpha, rgb
    return array(to_srgb(image, profile)), alpha, False


def _palette_alpha(image: Image.Image) -> bool:
    return image.palette is not None and image.palette.mode.endswith("A")


def _sixteen(samples: NDArray[Any]) -> NDArray[np.uint16]:
    """Return 16-bit samples; wider integers are brought to that range."""
    if samples.dtype.itemsize > 2:
        if samples.size and int(samples.max()) > 65535:
            samples = samples >> 15  # Pillow's I is signed
        samples = np.clip(samples, 0, 65535)
    return samples.astype(np.uint16)


def array(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels as a new array, without a second whole copy on the way."""
    width, height = image.size
    bands = len(image.getbands())
    result = np.empty((height, width) if bands == 1 else (height, width, bands), np.uint8)
    for top in range(0, height, _ROWS):
        bottom = min(height, top + _ROWS)
        result[top:bottom] = np.asarray(image.crop((0, top, width, bottom)))
    return result
