"""`Photo`: a decoded picture on its way in."""

from __future__ import annotations

import dataclasses

from mattekit.imaging.samples import Pixels
from mattekit.kernels import in_rows
from mattekit.picture import Picture

__all__ = ["Photo"]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Photo(Picture):
    """A decoded picture, upright, at the depth of its file.

    Attributes
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
        Straight RGB, in the colour space of `metadata.icc_profile`. Of a view that is turned or
        thinned, as of the first channels of RGBA, a copy.
    alpha : (H, W) ndarray of the same dtype, or None
        Transparency that the file already had; None is opaque.
    metadata : Metadata
        Carried to the output.
    format : str
        What the file was, in lower case (``"jpg"``, ``"png"``, …); empty for arrays.
    source : str
        Where it came from, for messages.
    """

    alpha: Pixels | None = None
    format: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "color", in_rows(self.color))
