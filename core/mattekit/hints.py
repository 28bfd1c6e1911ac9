"""What a user says about one picture: a mask of it, and marks that correct the answer.

Options hold marks as they were given; here they become pixels of one picture, and what does not fit
that picture, or contradicts itself, is refused with its place.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mattekit import codecs
from mattekit.codecs.decoding import label_of
from mattekit.errors import OptionError, ResolutionTooHigh
from mattekit.geometry import Box, Point, Region, Size
from mattekit.imaging.samples import eight_bits
from mattekit.options import Options
from mattekit.photo import Photo

__all__ = ["Hints", "Marked", "read_hints", "read_mask"]

Mask = NDArray[np.bool_]

#: Level from which on a stroke is drawn.
_DRAWN: Final = 128
#: By how many levels the channels of a grey picture may differ (JPEG), and in what share of its
#: pixels they may differ by more.
_GRAY: Final = 32
_STRANGE: Final = 0.001


class Marked(NamedTuple):
    """What was marked for one purpose, in pixels.

    Attributes
    ----------
    points : tuple of (int, int)
        Columns and rows.
    boxes : tuple of Box
    strokes : (H, W) ndarray of bool or None
        All strokes together.
    """

    points: tuple[tuple[int, int], ...] = ()
    boxes: tuple[Box, ...] = ()
    strokes: Mask | None = None

    def scaled(self, old: Size, new: Size) -> Marked:
        """Return the marks for the picture at another size; no mark gets lost."""
        fx, fy = new.width / old.width, new.height / old.height
        points = tuple(
            (min(int(x * fx), new.width - 1), min(int(y * fy), new.height - 1))
            for x, y in self.points
        )
        boxes = tuple(
            Box.covering(box.left * fx, box.top * fy, box.right * fx, box.bottom * fy)
            for box in self.boxes
        )
        strokes = None if self.strokes is None else coverage(self.strokes, old.box, new) > 0
        return Marked(points, boxes, strokes)

    def extents(self) -> list[Box]:
        """Return boxes around everything that was marked."""
        found = [Box(x, y, x + 1, y + 1) for x, y in self.points] + list(self.boxes)
        if self.strokes is not None:
            rows = np.flatnonzero(self.strokes.any(1))
            columns = np.flatnonzero(self.strokes.any(0))
            edges = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
            found.append(Box(*edges))
        return found

    def pixels(self, box: Box) -> Mask:
        """Return which pixels of a box were marked by points and strokes."""
        marked = np.zeros((box.height, box.width), np.bool_)
        if self.strokes is not None:
            marked |= self.strokes[box.slices]
        for x, y in self.points:
            if box.left <= x < box.right and box.top <= y < box.bottom:
                marked[y - box.top, x - box.left] = True
        return marked


@dataclasses.dataclass(frozen=True, eq=False)
class Hints:
    """Marks in one picture, in its pixels, free of contradictions.

    Attributes
    ----------
    size : Size
        Of the picture.
    keep, remove : Marked
        What belongs to the subject and what does not. A box in `keep` holds a subject somewhere,
        one in `remove` holds none.
    """

    size: Size
    keep: Marked
    remove: Marked

    @property
    def box(self) -> Box:
        """The smallest box that holds all marks."""
        boxes = [box for marked in (self.keep, self.remove) for box in marked.extents()]
        result = boxes[0]
        for box in boxes[1:]:
            result = result.union(box)
        return result

    def scaled(self, size: Size) -> Hints:
        """Return the hints for the picture at another size."""
        return Hints(size, self.keep.scaled(self.size, size), self.remove.scaled(self.size, size))

    def enforce(self, alpha: NDArray[np.float32], box: Box) -> None:
        """Write into the alpha of a part of the picture what was marked there.

        Parameters
        ----------
        alpha : (h, w) ndarray of float32
            Of the pixels in `box`; written to.
        box : Box
        """
        alpha[self.keep.pixels(box)] = 1
        alpha[self.remove.pixels(box)] = 0
        for empty in self.remove.boxes:
            inside = empty.intersection(box).moved(-box.left, -box.top)
            if not inside.empty:
                alpha[inside.slices] = 0


def read_hints(options: Options, photo: Photo) -> Hints | None:
    """Return what `keep` and `remove` mean in a photo; None where neither is given.

    Raises
    ------
    OptionError
        A mark outside the picture or the roi, a picture of strokes of another size or with nothing
        drawn, or one pixel that is both kept and removed.
    InputError
        A picture that cannot be read.
    """
    if not options.keep and not options.remove:
        return None
    hints = Hints(
        photo.size,
        _marked("keep", options.keep, photo.size),
        _marked("remove", options.remove, photo.size),
    )
    _refuse_contradictions(hints, options.roi.box(photo.size))
    return hints


def read_mask(source: Any, size: Size, option: str = "mask") -> NDArray[np.uint8]:
    """Return a mask of a photo: its transparency where it has some, else its grey.

    Parameters
    ----------
    source : path, bytes, binary file, ndarray, PIL.Image.Image or Photo
        Arrays may also be of bool, or of floats from 0 to 1.
    size : Size
        Of the photo, upright.
    option : str
        What errors name.

    Returns
    -------
    (H, W) ndarray of uint8

    Raises
    ------
    OptionError
        Another size than the photo's, or colours.
    InputError
        It cannot be read.
    """
    label = _label(option, source)
    limits = codecs.Limits(max_pixels=size.area)
    try:
        picture = codecs.decode(_levels(source), limits=limits, name=label)
    except ResolutionTooHigh as error:
        raise _other_size(option, label, Size(error.width, error.height), size) from error
    if picture.size != size:
        raise _other_size(option, label, picture.size, size)
    alpha = picture.alpha
    if alpha is not None and alpha.min() != alpha.max():
        return eight_bits(alpha)
    color = eight_bits(picture.color)
    spread = np.ptp(color, axis=2)
    if not spread.any():
        return np.ascontiguousarray(color[..., 0])
    if np.count_nonzero(spread > _GRAY) > _STRANGE * spread.size:
        grammar = "a grey picture, or one with transparency"
        raise OptionError(option, label, grammar, "it is in colour")
    return np.asarray(Image.fromarray(color).convert("L"))


def _label(option: str, source: Any) -> str:
    """Return what messages call a picture of an option."""
    label = source.source if isinstance(source, Photo) else label_of(source)
    return label if label not in {"", "picture"} else option


def _levels(source: Any) -> Any:
    """Return arrays as programmers have masks, bool or 0 to 1, as levels."""
    if not isinstance(source, np.ndarray):
        return source
    if source.dtype == np.bool_:
        return source.astype(np.uint8) * np.uint8(255)
    if source.dtype.kind == "f" and source.size and source.min() >= 0 and source.max() <= 1:
        return np.asarray(source * 255 + 0.5).astype(np.uint8)
    return source


def _other_size(option: str, label: str, given: Size, size: Size) -> OptionError:
    reason = f"it is {given.width} × {given.height}"
    if given == (size.height, size.width):
        reason += ", as if it lay on its side"
    grammar = f"a picture of the photo's size, upright: {size.width} × {size.height} pixels"
    return OptionError(option, label, grammar, reason)


def _marked(option: str, marks: Iterable[object], size: Size) -> Marked:
    points, boxes = [], []
    strokes: Mask | None = None
    for mark in marks:
        if isinstance(mark, Point):
            points.append(mark.pixel(size, option))
        elif isinstance(mark, Region):
            boxes.append(mark.box(size, option))
        else:
            drawn = read_mask(mark, size, option) >= _DRAWN
            if not drawn.any():
                grammar = "a picture with strokes, white or opaque"
                raise OptionError(option, _label(option, mark), grammar, "nothing is drawn in it")
            strokes = drawn if strokes is None else strokes | drawn
    return Marked(tuple(dict.fromkeys(points)), tuple(boxes), strokes)


def _refuse_contradictions(hints: Hints, roi: Box) -> None:
    whole = hints.size.box
    keep, remove = hints.keep.pixels(whole), hints.remove.pixels(whole)
    for box in hints.remove.boxes:
        remove[box.slices] = True
    _refuse("remove", keep & remove, "no pixel that is kept as well")
    if roi != whole:
        keep[roi.slices] = False
        _refuse("keep", keep, "what lies inside roi")
    for box in hints.keep.boxes:
        if box.intersection(roi).empty:
            raise OptionError("keep", _corners(box), "a box that reaches into roi", "it does not")
        for empty in hints.remove.boxes:
            if box.intersection(empty) == box:
                reason = f"the box {_corners(box)} is kept and lies inside"
                raise OptionError("remove", _corners(empty), "no box that is kept", reason)


def _refuse(option: str, wrong: Mask, grammar: str) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong.any(1))[0])
        column = int(np.flatnonzero(wrong[row])[0])
        count = int(np.count_nonzero(wrong))
        more = f", the first of {count} such pixels" if count > 1 else ""
        raise OptionError(option, f"{column}px {row}px", grammar, f"column, row{more}")


def _corners(box: Box) -> str:
    return " ".join(f"{edge}px" for edge in box)


def coverage(mask: Mask, box: Box, size: Size) -> NDArray[np.float32]:
    """Return which share of each cell a mask covers, a part of the mask being cut into cells.

    Parameters
    ----------
    mask : (H, W) ndarray of bool
    box : Box
        The part.
    size : Size
        Cells of it.

    Returns
    -------
    (h, w) ndarray of float32 in [0, 1]
        More than 0 wherever a pixel of the mask lies in a cell.
    """
    part = Image.fromarray(mask[box.slices].astype(np.uint8)).convert("F")
    share = np.asarray(part.resize(size, Image.Resampling.BOX))
    return np.where(share > 1e-7, share, np.float32(0))
