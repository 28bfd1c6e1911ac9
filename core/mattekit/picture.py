"""`Picture`: colours, alpha and what a file says about them, on the way in and on the way out."""

from __future__ import annotations

import dataclasses
from typing import Any, Final, TypeVar

import numpy as np

from mattekit.geometry import Size
from mattekit.imaging.samples import Pixels

__all__ = ["BACKGROUND", "Metadata", "Picture"]

#: The name of the layer with what lies behind the subject.
BACKGROUND: Final = "Background"

_Self = TypeVar("_Self", bound="Picture")


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


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Picture:
    """What can be written to a file: the base of `Photo` and `Cutout`.

    Arrays are shared between pictures and must not be written to.

    Attributes
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
        Straight RGB, in the colour space of `metadata.icc_profile`.
    alpha : (H, W) ndarray of the same dtype, or None
        Straight alpha; None is opaque.
    metadata : Metadata
        Colour profile, resolution, EXIF.
    source : str
        Where it came from, for messages.
    name : str
        What it is called as a layer; `BACKGROUND` lies behind all subjects.
    layers : tuple of Picture
        What `color` and `alpha` were put together from, bottom first; empty where that is not
        known. Formats with layers write them.
    """

    color: Pixels
    alpha: Pixels | None
    metadata: Metadata = dataclasses.field(default_factory=Metadata)
    source: str = dataclasses.field(default="picture", kw_only=True)
    name: str = dataclasses.field(default="Cut-out", kw_only=True)
    layers: tuple[Picture, ...] = dataclasses.field(default=(), kw_only=True)

    def __repr__(self) -> str:
        """Say what it is in a line: arrays would fill a screen."""
        return f"<{type(self).__name__} {self.source}: {', '.join(self._described())}>"

    def _described(self) -> list[str]:
        width, height = self.size
        return [f"{width} × {height}", str(self.color.dtype)]

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return Size(self.color.shape[1], self.color.shape[0])

    @property
    def opaque(self) -> int:
        """The value of alpha that means opaque: 255 or 65535."""
        return int(np.iinfo(self.color.dtype).max)

    def full_alpha(self) -> Pixels:
        """Return the alpha; where there is none, a new one that is opaque everywhere."""
        if self.alpha is not None:
            return self.alpha
        alpha: Pixels = np.full(self.color.shape[:2], self.opaque, self.color.dtype)
        return alpha

    def replace(self: _Self, **changes: Any) -> _Self:
        """Return a copy with some attributes replaced.

        New `color` or `alpha` are not what `layers` hold any more, so that those are dropped.
        """
        if changes.keys() & {"color", "alpha"}:
            changes.setdefault("layers", ())
        return dataclasses.replace(self, **changes)
