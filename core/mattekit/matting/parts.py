"""Parts of a photo that corrections changed, brought to full size."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Size
from mattekit.imaging.resize import downsample, resize_plane
from mattekit.imaging.samples import Pixels
from mattekit.matting._foreground import foreground
from mattekit.matting._refine import refine
from mattekit.matting.matte import Matte
from mattekit.photo import Photo

__all__ = ["Parts"]

Alpha = NDArray[np.float32]
Made = TypeVar("Made", bound=NDArray[Any])

#: How many results are kept: those of about so many marks.
_KEPT: Final = 32
#: How far beyond a part its resampled matte sees, in cells.
_REACH: Final = 3


class Parts:
    """Brings parts of one photo to full size, and remembers what came out for the same matte.

    Whoever makes one mark after the other changes one part; the others are asked for again as they
    were. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: collections.OrderedDict[object, NDArray[Any]] = collections.OrderedDict()

    @property
    def nbytes(self) -> int:
        """Bytes of all that is remembered."""
        with self._lock:
            return sum(made.nbytes for made in self._made.values())

    def refined(self, photo: Photo, matte: Matte, box: Box, quality: str) -> Alpha:
        """Return alpha of a part at full size; the caller's own.

        Parameters
        ----------
        photo : Photo
        matte : Matte
            Of this photo.
        box : Box
            The part, inside `matte.box`.
        quality : str
            As `refine` takes it.
        """
        size = matte.size
        fx, fy = size.width / matte.box.width, size.height / matte.box.height
        inside = box.moved(-matte.box.left, -matte.box.top)
        edges = inside.left * fx, inside.top * fy, inside.right * fx, inside.bottom * fy
        cells = Box.covering(*edges).padded(_REACH, _REACH, _REACH, _REACH)
        seen = matte.alpha[cells.intersection(size.box).slices]
        key = "refined", box, matte.box, matte.roi, matte.alpha.shape, quality, _digest(seen)

        def make() -> Alpha:
            picture, local = _part_of(photo, matte, box, edges)
            return refine(picture, local, quality=quality)

        return self._known(key, make).copy()

    def freed(self, photo: Photo, box: Box, alpha: Alpha) -> Pixels:
        """Return the subject's own colours in a part; see `foreground`."""
        made: Pixels = self._known(
            ("freed", box, _digest(alpha)), lambda: foreground(photo.color[box.slices], alpha)
        )
        return made

    def _known(self, key: object, make: Callable[[], Made]) -> Made:
        with self._lock:
            found: Any = self._made.get(key)
        if found is None:
            found = make()
        with self._lock:
            self._made[key] = found
            self._made.move_to_end(key)
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        return found  # type: ignore[no-any-return]


def _digest(plane: NDArray[Any]) -> bytes:
    return hashlib.blake2b(plane.tobytes(), digest_size=16).digest()


def _part_of(
    photo: Photo, matte: Matte, box: Box, edges: tuple[float, float, float, float]
) -> tuple[Photo, Matte]:
    """Return a part of a photo with its matte, which has it between `edges`."""
    size = Size(max(1, round(edges[2] - edges[0])), max(1, round(edges[3] - edges[1])))
    picture = Photo(photo.color[box.slices], metadata=photo.metadata)
    whole = picture.size.box
    return picture, dataclasses.replace(
        matte,
        alpha=np.clip(resize_plane(matte.alpha, size, edges), 0, 1),
        box=whole,
        roi=matte.roi.moved(-box.left, -box.top).intersection(whole),
        guide=downsample(picture.color, whole, size),
        found=True,
        correction=None,
    )
