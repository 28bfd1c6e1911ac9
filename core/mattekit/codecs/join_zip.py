"""The ZIP form of a result made into one PNG again."""

from __future__ import annotations

import dataclasses
import os
from typing import BinaryIO, Final

import numpy as np

from mattekit.codecs import archive
from mattekit.codecs.coders import png
from mattekit.codecs.decoding import decode, label_of
from mattekit.codecs.source import DEFAULT_LIMITS, Limits, read
from mattekit.errors import UnreadableImage
from mattekit.imaging.samples import eight_bits

__all__ = ["zip_to_png"]

#: Either entry of a result of 200 megapixels is smaller.
_ENTRY_LIMIT: Final = 256 << 20


def zip_to_png(
    source: str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO,
    *,
    limits: Limits = DEFAULT_LIMITS,
    name: str = "",
) -> bytes:
    """Join ``color.jpg`` and ``alpha.png`` of a ZIP to a PNG with transparency.

    Parameters
    ----------
    source : path, bytes or binary file
        A result with ``format="zip"``, of mattekit or of the remove.bg API.
    limits : Limits, optional
        Hold for the ZIP and for the pictures inside.
    name : str, optional
        What messages call the ZIP; by default its path.

    Returns
    -------
    bytes
        An RGBA PNG of 8 bits with the colour's profile, resolution and EXIF; RGB where nothing is
        transparent.

    Raises
    ------
    InputError
        The ZIP cannot be read, is not of this kind, is too large, or its two pictures differ in
        size.
    """
    label = name or label_of(source)
    largest = min(limits.max_bytes, _ENTRY_LIMIT)
    color_data, alpha_data = archive.unpack(read(source, limits, label), largest, label)
    within = dataclasses.replace(limits, max_bytes=largest)
    photo = decode(color_data, limits=within, name=f"{label}: {archive.COLOR}")
    matte = decode(alpha_data, limits=within, name=f"{label}: {archive.MATTE}")
    if photo.size != matte.size:
        raise UnreadableImage(
            label, f"its colour is {photo.size} and its alpha {matte.size} pixels large"
        )
    alpha = np.ascontiguousarray(eight_bits(matte.color)[..., 0])
    opaque = bool(alpha.min() == 255)
    return png.write(eight_bits(photo.color), None if opaque else alpha, photo.metadata)
