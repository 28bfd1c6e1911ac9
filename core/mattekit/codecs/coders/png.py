"""PNG: read and written at its own depth, on every core."""

from __future__ import annotations

from typing import Final

import numpy as np

from mattekit.codecs import pngpixels
from mattekit.codecs.assembly import photo_of
from mattekit.codecs.coders import pillow
from mattekit.codecs.pngheader import read_header
from mattekit.codecs.pngwriter import write_png
from mattekit.codecs.source import Check
from mattekit.codecs.strips import rows_of
from mattekit.errors import UnreadableImage
from mattekit.geometry import Box, Size
from mattekit.imaging.samples import Pixels
from mattekit.photo import Photo
from mattekit.picture import Metadata

__all__ = ["read", "size", "write"]

#: Every so many pixels is enough to see where something is.
_COARSE: Final = 8
#: Where IHDR states the width and the height, and where it ends.
_SIDES: Final = slice(16, 24)


def size(data: bytes, source: str) -> Size:
    """Return what IHDR says; decoding looks closely at the rest."""
    sides = data[_SIDES]
    if len(sides) < _SIDES.stop - _SIDES.start:
        raise UnreadableImage(source, "its header is cut off")
    return Size(int.from_bytes(sides[:4], "big"), int.from_bytes(sides[4:], "big"))


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return the picture."""
    header = read_header(data, source)
    check(header.width, header.height)
    data = pngpixels.pixels_of(data, header, source)
    if header.palette or header.depth < 8:
        image = pillow.identify(data, source, "png", ("PNG",))
        return pillow.photo_from(image, source, header.facts)
    import imagecodecs

    samples = imagecodecs.png_decode(data)
    if samples.shape[:2] != (header.height, header.width):
        raise UnreadableImage(source, "its chunks disagree about the size")
    return photo_of(samples, "png", source, header.icc_profile, header.facts)


def write(
    color: Pixels | None, alpha: Pixels | None, metadata: Metadata, *, keep_color: bool = False
) -> bytes:
    """Return a PNG of colour and alpha, of colour alone, or of alpha alone as a grey picture."""
    first = alpha if color is None else color
    assert first is not None
    height, width = first.shape[:2]
    channels = 1 if color is None else 3 if alpha is None else 4

    def rows(top: int, bottom: int) -> Pixels:
        return rows_of(color, alpha, slice(top, bottom), keep_color=keep_color)

    busy = None if alpha is None or keep_color else _busy(alpha)
    return write_png(rows, width, height, channels, first.dtype, metadata, busy)


def _busy(alpha: Pixels) -> Box:
    """Return roughly where the picture is not empty."""
    coarse = alpha[::_COARSE, ::_COARSE] > 0
    rows, columns = np.flatnonzero(coarse.any(1)), np.flatnonzero(coarse.any(0))
    if not rows.size:
        return Box(0, 0, 0, 0)
    height, width = alpha.shape
    return Box(
        int(columns[0]) * _COARSE,
        int(rows[0]) * _COARSE,
        min(width, (int(columns[-1]) + 1) * _COARSE),
        min(height, (int(rows[-1]) + 1) * _COARSE),
    )
