"""TIFF, at the depth of the file."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs import pillow
from mattekit.codecs.color import is_rgb_profile, profile_space
from mattekit.codecs.metadata import clean_exif, dpi_of, exif_of_tiff
from mattekit.codecs.strips import grey
from mattekit.codecs.upright import upright
from mattekit.errors import InvalidFileType, ResolutionTooHigh
from mattekit.photo import Metadata, Photo, Pixels

if TYPE_CHECKING:
    from mattekit.codecs.decoding import Check

__all__ = ["read"]

# tifffile reports every odd tag of a broken file; without a handler Python would print that.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB = 0, 1, 2
_UNSIGNED: Final = 1
_SEPARATE: Final = 2
_PREMULTIPLIED, _STRAIGHT = 1, 2
_ROWS: Final = 256


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return the first picture of a TIFF file.

    Grey and RGB are read by tifffile at their own depth; palettes, CMYK, YCbCr and Lab by Pillow.

    Raises
    ------
    InputError
        See `mattekit.codecs.decode`.
    """
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        check(int(page.imagewidth), int(page.imagelength))
        if page.sampleformat not in {_UNSIGNED, 4} or page.bitspersample > 32:
            raise InvalidFileType(
                source,
                f"a TIFF of {page.bitspersample}-bit "
                + {2: "signed integers", 3: "floating-point numbers"}.get(
                    page.sampleformat, "samples"
                ),
                "8 or 16 bits of unsigned integers per channel: save it so",
            )
        profile = page.tags.valueof(34675)
        profile = bytes(profile) if isinstance(profile, (bytes, tuple)) else None
        metadata = Metadata(None, _resolution(page), clean_exif(exif_of_tiff(data)))
        orientation = int(page.tags.valueof(274, default=1))
        plain = page.photometric in {_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB}
        if not plain or (page.photometric != _RGB and profile_space(profile) == "GRAY"):
            photo = _through_pillow(data, source)
            return photo.replace(
                metadata=Metadata(photo.metadata.icc_profile, metadata.dpi, metadata.exif)
            )
        color, alpha = _planes(page)
    if is_rgb_profile(profile):
        metadata = Metadata(profile, metadata.dpi, metadata.exif)
    return Photo(
        upright(color, orientation),
        None if alpha is None else upright(alpha, orientation),
        metadata,
        "tiff",
        source,
    )


def _through_pillow(data: bytes, source: str) -> Photo:
    from PIL import Image

    image = pillow.identify(data, source, "tiff", ("TIFF",))
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and image.width * image.height > limit:
        raise ResolutionTooHigh(source, *image.size, limit)  # Pillow would warn or refuse
    return pillow.photo_from(image, source)


def _planes(page: Any) -> tuple[Pixels, Pixels | None]:
    samples: NDArray[Any] = page.asarray()
    count = int(page.samplesperpixel)
    if samples.ndim > 3:
        samples = samples.reshape(samples.shape[-3:])
    if count == 1:
        samples = samples.reshape(page.imagelength, page.imagewidth, 1)
    elif page.planarconfig == _SEPARATE:  # the shape would not tell for 3 × 3 pixels
        samples = np.moveaxis(samples, 0, -1)
    channels = 3 if page.photometric == _RGB else 1
    if samples.shape != (page.imagelength, page.imagewidth, count) or count < channels:
        raise ValueError(f"samples of shape {samples.shape}")
    extras = tuple(int(kind) for kind in page.extrasamples)
    alpha: Pixels | None = None
    kind = 0
    for index, kind in enumerate(extras):
        if kind in {_PREMULTIPLIED, _STRAIGHT}:
            alpha = _depth(np.ascontiguousarray(samples[..., channels + index]), page)
            break
    color = _depth(np.ascontiguousarray(samples[..., :channels]), page)
    if page.photometric == _MIN_IS_WHITE:
        np.invert(color, out=color)
    if alpha is not None and kind == _PREMULTIPLIED:
        _unmultiply(color, alpha)
    if channels == 1:
        color = grey(color[..., 0])
    return color, alpha


def _depth(samples: NDArray[Any], page: Any) -> Pixels:
    """Return samples of 1…32 bits as 8 or 16 bits."""
    bits = int(page.bitspersample)
    if samples.dtype == np.bool_:
        return samples.astype(np.uint8) * np.uint8(255)
    if bits in {8, 16} and samples.dtype.itemsize * 8 == bits:
        native = samples.astype(samples.dtype.newbyteorder("="), copy=False)
        return native if native.flags.writeable else native.copy()
    if bits > 16:
        return (samples >> (bits - 16)).astype(np.uint16)
    full, top = (255 if bits < 8 else 65535), (1 << bits) - 1
    result = np.empty(samples.shape, np.uint8 if bits < 8 else np.uint16)
    for start in range(0, len(samples), _ROWS):
        strip = samples[start : start + _ROWS].astype(np.uint32)
        result[start : start + _ROWS] = (np.minimum(strip, top) * full + top // 2) // top
    return result


def _unmultiply(color: Pixels, alpha: Pixels) -> None:
    """Divide premultiplied colour by alpha, in place."""
    full = int(np.iinfo(color.dtype).max)
    for start in range(0, len(color), _ROWS):
        part = np.s_[start : start + _ROWS]
        a = alpha[part].astype(np.uint64)[..., None]
        straight = (color[part].astype(np.uint64) * full + a // 2) // np.maximum(a, 1)
        color[part] = np.minimum(straight, full)


def _resolution(page: Any) -> tuple[float, float] | None:
    unit = {2: 1.0, 3: 2.54}.get(int(page.tags.valueof(296, default=2)))
    x, y = page.tags.valueof(282), page.tags.valueof(283)
    if unit is None or not isinstance(x, tuple) or not isinstance(y, tuple) or not x[1] or not y[1]:
        return None
    return dpi_of((x[0] / x[1] * unit, y[0] / y[1] * unit))
