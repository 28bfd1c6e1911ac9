"""HEIC, where pillow-heif is installed."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from mattekit.codecs.assembly import photo_of
from mattekit.codecs.explain import refusal
from mattekit.codecs.facts import facts_of
from mattekit.codecs.source import Check
from mattekit.errors import UnreadableImage
from mattekit.geometry import Size
from mattekit.photo import Photo

__all__ = ["read", "size"]


def size(data: bytes, source: str) -> Size:
    """Return the size of a HEIC picture, of which nothing is decoded for that; raises as `read`."""
    return Size(*_opened(data, source).size)


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return a HEIC picture through pillow-heif, where that is installed.

    Raises
    ------
    InvalidFileType
        It is not; the message says how to get it.
    """
    file = _opened(data, source)
    check(*file.size)
    samples = np.asarray(file).copy()  # what the decoder owns cannot be written to
    if samples.shape[:2] != (file.size[1], file.size[0]):
        raise UnreadableImage(source, "its parts disagree about the size")
    # The decoder has turned it, and says 1 where EXIF said otherwise.
    facts = facts_of([file.info.get("exif")], file.info.get("xmp"))._replace(orientation=1)
    bits = 8 * samples.dtype.itemsize
    return photo_of(samples, "heic", source, file.info.get("icc_profile"), facts, bits=bits)


def _opened(data: bytes, source: str) -> Any:
    try:
        import pillow_heif
    except ImportError:
        raise refusal(source, "heic") from None
    return pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
