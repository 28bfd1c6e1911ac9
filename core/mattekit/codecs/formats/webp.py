"""WebP, through Pillow."""

from __future__ import annotations

import io

from mattekit.codecs import segments
from mattekit.codecs.formats import pillow
from mattekit.codecs.formats.limits import check_side
from mattekit.codecs.strips import whole
from mattekit.geometry import Size
from mattekit.imaging.samples import Pixels
from mattekit.picture import Metadata

__all__ = ["size", "write"]


def size(data: bytes, source: str) -> Size:
    """Return the size of the canvas."""
    canvas = segments.webp_size(data)
    return pillow.size(data, source, "webp") if canvas is None else Size(*canvas)


def write(color: Pixels | None, alpha: Pixels | None, metadata: Metadata, quality: int) -> bytes:
    """Return a WebP of colour and alpha, of one of them; without loss at quality 100."""
    from PIL import Image

    pixels = whole(color, alpha)
    check_side("webp", pixels)
    # In lossless mode quality is effort: level 0 costs a third of the time of the default and
    # 2 % of size.
    lossless = quality == 100
    how = {"lossless": True, "quality": 0} if lossless else {"quality": quality}
    file = io.BytesIO()
    info = pillow.info_of(metadata)
    info.pop("dpi", None)
    Image.fromarray(pixels).save(file, "WEBP", method=0, **how, **info)
    return file.getvalue()
