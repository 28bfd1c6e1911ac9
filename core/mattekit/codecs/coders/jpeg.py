"""JPEG: read strictly, written at 8 bits and on white."""

from __future__ import annotations

import numpy as np

from mattekit.codecs import jpegpixels
from mattekit.codecs.assembly import photo_of
from mattekit.codecs.coders import pillow
from mattekit.codecs.coders.limits import check_side
from mattekit.codecs.jpegheader import read_header, with_metadata
from mattekit.codecs.source import Check
from mattekit.codecs.strips import on_white
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.geometry import Size
from mattekit.imaging.samples import Pixels, eight_bits
from mattekit.photo import Photo
from mattekit.picture import Metadata

__all__ = ["read", "size", "write"]


def size(data: bytes, source: str) -> Size:
    """Return what the frame header says."""
    header = read_header(data, source)
    return Size(header.width, header.height)


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return the picture."""
    header = read_header(data, source)
    check(header.width, header.height)
    if header.precision != 8 or header.components not in {1, 3, 4}:
        raise InvalidFileType(
            source,
            f"a JPEG of {header.components} channels with {header.precision} bits",
            "grey, RGB or CMYK with 8 bits: save it so, or with more as PNG or TIFF",
        )
    if header.components == 4:
        data = jpegpixels.checked(data, source, header.components)
        image = pillow.identify(data, source, "jpg", ("JPEG",))
        return pillow.photo_from(image, source, header.facts)
    samples = jpegpixels.decode(data, source, header.components)
    if samples.shape[:2] != (header.height, header.width):
        raise UnreadableImage(source, "its frames disagree about the size")
    return photo_of(samples, "jpg", source, header.icc_profile, header.facts)


def write(color: Pixels | None, alpha: Pixels | None, metadata: Metadata, quality: int) -> bytes:
    """Return a JPEG of colour, on white where it has an alpha, or of alpha alone."""
    import imagecodecs

    if color is None:
        assert alpha is not None
        pixels = eight_bits(alpha)
    elif alpha is None:
        pixels = eight_bits(color)
    else:
        pixels = on_white(color, alpha)
    check_side("jpg", pixels)
    # One component alone has nothing to be subsampled against.
    sampling = None if pixels.ndim == 2 else "420"
    data = imagecodecs.jpeg8_encode(
        np.ascontiguousarray(pixels), level=quality, subsampling=sampling
    )
    return with_metadata(bytes(data), metadata)
