"""Parts of a picture as correctors see them, and the cells in which mattes are corrected."""

from __future__ import annotations

import dataclasses
import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mattekit.geometry import Box, Size
from mattekit.hints import Hints
from mattekit.imaging.labels import bounding_box
from mattekit.imaging.resize import block_mean
from mattekit.imaging.samples import eight_bits
from mattekit.matting.marks import View, drawn
from mattekit.matting.matte import Matte
from mattekit.matting.rescaling import overlay
from mattekit.photo import Photo

__all__ = ["Grid", "Overview", "marked", "seen", "view_of"]

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: Longer side, at most, of the picture that correctors see parts of.
_OVERVIEW: Final = 1536
#: Longer side of the grid on which a matte is corrected, and of views of any size.
_GRID: Final = 640
_VIEW: Final = 224
#: What a view shows on each side of the subject's box, as a share of that: what the network was
#: measured with (``training/README.md``).
_CONTEXT: Final = 0.4


@dataclasses.dataclass(frozen=True, eq=False)
class Overview:
    """A photo as correctors see it: small, so that no correction waits for a large picture.

    Attributes
    ----------
    size : Size
        Of the photo.
    color : (h, w, 3) ndarray of uint8
        Means over blocks of the photo.
    factor : int
        Side of these blocks.
    """

    size: Size
    color: NDArray[np.uint8]
    factor: int
    #: The last guide.
    _guide: dict[Grid, NDArray[np.uint8]] = dataclasses.field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, photo: Photo) -> Overview:
        """Return the overview of a photo."""
        factor = math.ceil(max(photo.size) / _OVERVIEW)
        color = eight_bits(photo.color) if factor == 1 else block_mean(photo.color, factor)
        return cls(photo.size, color, factor)

    def guide(self, grid: Grid) -> NDArray[np.uint8]:
        """Return the photo in each cell of a grid; read only, and known when asked for again."""
        found = self._guide.get(grid)
        if found is None:
            found = self.part(grid.box, grid.size)
            found.flags.writeable = False
            self._guide.clear()
            self._guide[grid] = found
        return found

    def part(self, box: Box, size: Size) -> NDArray[np.uint8]:
        """Return a part of the photo, resampled to a size."""
        edges = tuple(edge / self.factor for edge in box)
        left, top = int(edges[0]), int(edges[1])
        right = min(math.ceil(edges[2]), self.color.shape[1])
        bottom = min(math.ceil(edges[3]), self.color.shape[0])
        # Pillow copies what it is given.
        image = Image.fromarray(np.ascontiguousarray(self.color[top:bottom, left:right]))
        source = (edges[0] - left, edges[1] - top, edges[2] - left, edges[3] - top)
        return np.asarray(image.resize(size, Image.Resampling.BILINEAR, box=source))


class Grid(NamedTuple):
    """The cells of a part of a photo in which a matte is corrected.

    Attributes
    ----------
    box : Box
        The part of the photo.
    size : Size
        Columns and rows of cells.
    """

    box: Box
    size: Size

    @classmethod
    def of(cls, matte: Matte, hints: Hints) -> Grid:
        """Return a grid over the matte, or over all of the roi where marks lie beyond."""
        box, marks = matte.box, hints.box.intersection(matte.roi)
        if marks.intersection(box) != marks:
            box = box.union(matte.roi)
        return cls.over(box)

    @classmethod
    def over(cls, box: Box) -> Grid:
        """Return a grid over a part of a photo."""
        return cls(box, box.size.scaled(min(1.0, _GRID / max(box.size))))

    @property
    def scale(self) -> tuple[float, float]:
        """Cells per pixel."""
        return self.size.width / self.box.width, self.size.height / self.box.height

    def empty(self) -> Floats:
        """Return alpha that is 0 in every cell."""
        return np.zeros((self.size.height, self.size.width), np.float32)

    def sampled(self, matte: Matte) -> Floats:
        """Return the alpha of a matte in each cell."""
        result = self.empty()
        if matte.found:
            self.put(result, matte.alpha, matte.box)
        return result

    def put(self, alpha: Floats, plane: Floats, box: Box) -> None:
        """Write a plane that covers a box of the photo into the alpha of all cells."""
        part, cells = overlay(plane, box, self.box, self.size)
        alpha[cells.slices] = np.clip(part, 0, 1)

    def cells(self, box: Box) -> Box:
        """Return the cells that a box of the photo touches."""
        box = box.intersection(self.box).moved(-self.box.left, -self.box.top)
        fx, fy = self.scale
        covered = Box.covering(box.left * fx, box.top * fy, box.right * fx, box.bottom * fy)
        return covered.intersection(self.size.box)

    def pixels(self, cells: Box) -> Box:
        """Return the box of the photo that cells cover."""
        fx, fy = self.scale
        edges = cells.left / fx, cells.top / fy, cells.right / fx, cells.bottom / fy
        box = Box.covering(*edges).moved(self.box.left, self.box.top)
        return box.intersection(self.box)


def marked(hints: Hints, box: Box, size: Size) -> tuple[Mask, Mask]:
    """Return what is to be kept and what to be removed in a view, no pixel being both.

    Parameters
    ----------
    hints : Hints
    box : Box
        The part of the photo that the view shows.
    size : Size
        Of the view.
    """
    keep, kept_disks = drawn(hints.keep, box, size)
    remove, removed_disks = drawn(hints.remove, box, size)
    # A disk says less than what was really marked.
    return (
        (kept_disks & ~removed_disks) | keep,
        (removed_disks & ~kept_disks & ~keep) | (remove & ~keep),
    )


def view_of(alpha: Floats, hints: Hints, grid: Grid, context: float = _CONTEXT) -> Box:
    """Return the subject and what is to be kept, with context; everything where there is none.

    The context is a share of both, on each side.
    """
    subject = bounding_box(alpha > 0.5)
    if subject is None:
        return grid.box
    box = Box.around([grid.pixels(subject), *hints.keep.extents()])
    dx, dy = round(box.width * context), round(box.height * context)
    return box.padded(dx, dy, dx, dy).intersection(grid.box)


def seen(
    overview: Overview, grid: Grid, box: Box, alpha: Floats, hints: Hints, size: Size | None
) -> View:
    """Return what a corrector sees of a part of the photo.

    Parameters
    ----------
    overview : Overview
    grid : Grid
    box : Box
        The part.
    alpha : (h, w) ndarray of float32 in [0, 1]
        On the grid.
    hints : Hints
    size : Size or None
        Of the view; None for the part's own proportions.
    """
    size = size or box.size.scaled(min(1.0, _VIEW / max(box.size)))
    last = np.zeros((size.height, size.width), np.float32)
    part, cells = overlay(alpha, grid.box, box, size)
    last[cells.slices] = np.clip(part, 0, 1)
    return View(overview.part(box, size), last, *marked(hints, box, size))
