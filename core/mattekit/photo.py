"""`Photo`: a decoded picture on its way in."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Size

__all__ = ["Metadata", "Photo", "Pixels"]

#: Integer samples: uint8 in 0..255 or uint16 in 0..65535.
Pixels: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]


@dataclasses.dataclass(frozen=True)
class Metadata:
    """What a file says about its pixels, ready to be written to another file.

    Attributes
    ----------
    icc_profile : bytes or None
        ICC profile of RGB pixels; None means sRGB.
    dpi : tuple of float or None
        Horizontal and vertical pixels per inch.
    exif : bytes or None
        A TIFF-structured EXIF block, without the prefix that JPEG puts before it, without an
        orientation (the pixels are upright) and without a thumbnail (it would show the old
        background).
    """

    icc_profile: bytes | None = None
    dpi: tuple[float, float] | None = None
    exif: bytes | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Photo:
    """A decoded picture, upright, at the depth of its file.

    Attributes
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
        Straight RGB, in the colour space of `metadata.icc_profile`.
    alpha : (H, W) ndarray of the same dtype, or None
        Transparency that the file already had; None is opaque.
    metadata : Metadata
        Carried to the output.
    format : str
        What the file was, in lower case (``"jpg"``, ``"png"``, …); empty for arrays.
    source : str
        Where it came from, for messages.
    """

    color: Pixels
    alpha: Pixels | None = None
    metadata: Metadata = dataclasses.field(default_factory=Metadata)
    format: str = ""
    source: str = "picture"

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return Size(self.color.shape[1], self.color.shape[0])

    def replace(self, **changes: Any) -> Photo:
        """Return a copy with some attributes replaced."""
        return dataclasses.replace(self, **changes)
