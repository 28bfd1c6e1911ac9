"""WebP, through Pillow."""

from __future__ import annotations

import io

from mattekit.codecs import segments
from mattekit.codecs.coders import pillow
from mattekit.codecs.coders.limits import check_side
from mattekit.codecs.source import Check
from mattekit.codecs.strips import whole
from mattekit.errors import OptionError
from mattekit.geometry import Size
from mattekit.imaging.samples import Pixels
from mattekit.photo import Photo
from mattekit.picture import Metadata

__all__ = ["read", "size", "write"]


def size(data: bytes, source: str) -> Size:
    """Return the size of the canvas."""
    canvas = segments.webp_size(data)
    return pillow.size(data, source, "webp") if canvas is None else Size(*canvas)


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return the picture, or the first of an animation."""
    return pillow.read(data, source, check, "webp")


def write(color: Pixels | None, alpha: Pixels | None, metadata: Metadata, quality: int) -> bytes:
    """Return a WebP of colour and alpha, of one of them; without loss at quality 100.

    Raises
    ------
    OptionError
        The picture does not fit into the format.
    """
    from PIL import Image

    pixels = whole(color, alpha)
    check_side("webp", pixels)
    # In lossless mode quality is effort: level 0 costs a third of the time of the default and
    # 2 % of size.
    lossless = quality == 100
    how = {"lossless": True, "quality": 0} if lossless else {"quality": quality}
    info = pillow.info_of(metadata)
    info.pop("dpi", None)
    image = Image.fromarray(pixels)
    for method in (0, 2):
        file = io.BytesIO()
        try:
            image.save(file, "WEBP", method=method, **how, **info)
        except ValueError:
            # What a WebP says of its blocks must fit into 512 KB. From method 2 on it takes less.
            continue
        return file.getvalue()
    raise OptionError(
        "format", "webp", "png, jpg or zip", "a WebP cannot hold so much detail at this quality"
    )
