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
from mattekit.errors import (
    InputError,
    InputNotFound,
    NotEnoughMemory,
    OptionError,
    ResolutionTooHigh,
)
from mattekit.geometry import Box, Length, Point, Region, Size
from mattekit.grammar import MarksInOrder
from mattekit.imaging.labels import bounding_box, label
from mattekit.imaging.morphology import dilation
from mattekit.imaging.resize import block_reduce
from mattekit.imaging.samples import eight_bits
from mattekit.options import Options
from mattekit.photo import Photo

__all__ = [
    "Hints",
    "Marked",
    "Stroke",
    "hints_of_editor",
    "read_hints",
    "read_marks",
    "read_mask",
    "read_strokes",
    "refuse_contradictions",
    "refuse_other_size",
    "stroke_of",
]

Mask = NDArray[np.bool_]

#: Level from which on a stroke is drawn.
_DRAWN: Final = 128
#: Strokes of one picture are told apart on a copy with so many cells a side; so many of them, of
#: which the last holds all smaller ones.
_CELLS: Final = 512
_MOST_STROKES: Final = 24
_NOT_BOTH: Final = "no pixel that is kept as well"
_EDITORS: Final = "marks of an editor"
_A_MASK: Final = "a grey picture, or one with transparency"
#: By how many levels the channels of a grey picture may differ (JPEG), and in what share of its
#: pixels they may differ by more.
_GRAY: Final = 32
_STRANGE: Final = 0.001


class Stroke(NamedTuple):
    """What was drawn in one picture of strokes.

    Attributes
    ----------
    box : Box
        The smallest one around it.
    mask : (h, w) ndarray of bool
        The pixels in there.
    """

    box: Box
    mask: Mask

    def cells(self, box: Box, size: Size) -> Mask:
        """Return in which cells a pixel is drawn, a box of the picture being cut into cells."""
        cells = np.zeros((size.height, size.width), np.bool_)
        inside = self.box.intersection(box)
        if inside.empty:
            return cells
        mask = self.mask[inside.moved(-self.box.left, -self.box.top).slices]
        fx, fy = size.width / box.width, size.height / box.height
        rows, columns = np.nonzero(mask)
        down = ((rows + (inside.top - box.top + 0.5)) * fy).astype(np.intp)
        across = ((columns + (inside.left - box.left + 0.5)) * fx).astype(np.intp)
        cells[np.minimum(down, size.height - 1), np.minimum(across, size.width - 1)] = True
        if fx > 1 or fy > 1:
            # A pixel has several cells: each asks the pixel in which its middle lies.
            y = ((np.arange(size.height) + 0.5) / fy).astype(np.intp) + (box.top - inside.top)
            x = ((np.arange(size.width) + 0.5) / fx).astype(np.intp) + (box.left - inside.left)
            good_y, good_x = (y >= 0) & (y < inside.height), (x >= 0) & (x < inside.width)
            drawn = mask[np.ix_(y[good_y], x[good_x])]
            cells[np.ix_(good_y, good_x)] |= drawn
        return cells

    def scaled(self, old: Size, new: Size) -> Stroke:
        """Return the stroke in the picture at another size."""
        mask = self.cells(old.box, new)
        return stroke_of(mask) or Stroke(Box(0, 0, 0, 0), mask[:0, :0])


def stroke_of(mask: Mask) -> Stroke | None:
    """Return what is true in a mask of a whole picture; None if nothing is."""
    box = bounding_box(mask)
    return None if box is None else Stroke(box, mask[box.slices].copy())


class Marked(NamedTuple):
    """What was marked for one purpose, in pixels.

    Attributes
    ----------
    points : tuple of (int, int)
        Columns and rows.
    boxes : tuple of Box
    strokes : tuple of Stroke
    """

    points: tuple[tuple[int, int], ...] = ()
    boxes: tuple[Box, ...] = ()
    strokes: tuple[Stroke, ...] = ()

    def joined(self, other: Marked) -> Marked:
        """Return these marks and others; the same point counts once."""
        points = tuple(dict.fromkeys(self.points + other.points))
        return Marked(points, self.boxes + other.boxes, self.strokes + other.strokes)

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
        return Marked(points, boxes, tuple(each.scaled(old, new) for each in self.strokes))

    def values(self, size: Size) -> tuple[object, ...]:
        """Return the marks as an option takes them; strokes as pictures of a size."""
        points = [Point(Length(x, "px"), Length(y, "px")) for x, y in self.points]
        boxes = [Region(*(Length(value, "px") for value in box)) for box in self.boxes]
        drawn = [Marked(strokes=(each,)).pixels(size.box) for each in self.strokes]
        return (*points, *boxes, *drawn)

    def extents(self) -> list[Box]:
        """Return boxes around everything that was marked."""
        points = [Box(x, y, x + 1, y + 1) for x, y in self.points]
        return [*points, *self.boxes, *(each.box for each in self.strokes)]

    def pixels(self, box: Box) -> Mask:
        """Return which pixels of a box were marked by points and strokes."""
        marked = np.zeros((box.height, box.width), np.bool_)
        for stroke in self.strokes:
            inside = stroke.box.intersection(box)
            if not inside.empty:
                drawn = stroke.mask[inside.moved(-stroke.box.left, -stroke.box.top).slices]
                marked[inside.moved(-box.left, -box.top).slices] |= drawn
        for x, y in self.points:
            if box.left <= x < box.right and box.top <= y < box.bottom:
                marked[y - box.top, x - box.left] = True
        return marked


@dataclasses.dataclass(frozen=True, eq=False)
class Hints(MarksInOrder):
    """Marks in one picture, in its pixels, free of contradictions.

    Attributes
    ----------
    size : Size
        Of the picture.
    keep, remove : Marked
        What belongs to the subject and what does not. A box in `keep` holds a subject somewhere,
        one in `remove` holds none.
    earlier : tuple of Hints
        What was marked before each mark but the first, where somebody made one after the other;
        empty where their order is not known.
    """

    size: Size
    keep: Marked
    remove: Marked
    earlier: tuple[Hints, ...] = ()

    @property
    def box(self) -> Box:
        """The smallest box that holds all marks."""
        return Box.around(self.keep.extents() + self.remove.extents())

    @property
    def memory(self) -> int:
        """Bytes of all strokes, also of earlier states; what these share counts once."""
        states = (self, *self.earlier)
        strokes = (each for one in states for each in (*one.keep.strokes, *one.remove.strokes))
        return sum({id(each.mask): each.mask.nbytes for each in strokes}.values())

    def scaled(self, size: Size) -> Hints:
        """Return the hints for the picture at another size; their order gets lost."""
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

    `Hints` as the only value of `keep` are what an editor knows: also the order of its marks.

    Raises
    ------
    OptionError
        A mark outside the picture or the roi, a picture of strokes of another size or with nothing
        drawn, one pixel that is both kept and removed, or `Hints` beside other marks.
    InputNotFound
        The file of a picture of strokes is not there.
    """
    if not options.keep and not options.remove:
        return None
    hints = hints_of_editor(options)
    if hints is None:
        hints = Hints(
            photo.size,
            read_marks("keep", options.keep, photo.size),
            read_marks("remove", options.remove, photo.size),
        )
    else:
        refuse_other_size(hints, photo.size)
    refuse_contradictions(hints, options.roi.box(photo.size))
    return hints


def hints_of_editor(options: Options) -> Hints | None:
    """Return what an editor knows, where that is among the options.

    Raises
    ------
    OptionError
        It is so in `remove`, or beside other marks: whose order is not known then.
    """
    for name, marks, others in (
        ("keep", options.keep, options.remove),
        ("remove", options.remove, options.keep),
    ):
        for mark in marks:
            if isinstance(mark, Hints):
                if name == "keep" and len(marks) == 1 and not others:
                    return mark
                grammar = "these as the only value of keep, and no remove"
                raise OptionError(name, _EDITORS, grammar, "they hold what is removed as well")
    return None


def refuse_other_size(hints: Hints, size: Size) -> None:
    """Refuse what an editor knows of a picture of another size.

    Raises
    ------
    OptionError
        Both sizes are named.
    """
    if hints.size != size:
        raise _other_size("keep", _EDITORS, hints.size, size)


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
        Another size than the photo's, or colours, or no picture that can be read.
    InputNotFound
        There is no such file.
    """
    label = _label(option, source)
    limits = codecs.Limits(max_pixels=size.area)
    try:
        picture = codecs.decode(_levels(source), limits=limits, name=label)
    except ResolutionTooHigh as error:
        raise _other_size(option, label, Size(error.width, error.height), size) from error
    except (InputNotFound, NotEnoughMemory):
        raise
    except InputError as error:
        # Of several pictures it must be said which one is wrong.
        raise OptionError(option, label, _A_MASK, error.problem.rstrip(".")) from error
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
        raise OptionError(option, label, _A_MASK, "it is in colour")
    return np.asarray(Image.fromarray(color).convert("L"))


def read_strokes(source: Any, size: Size, option: str) -> Mask:
    """Return where something is drawn in a picture of strokes; takes and raises as `read_mask`."""
    return read_mask(source, size, option) >= _DRAWN


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


def read_marks(option: str, marks: Iterable[object], size: Size) -> Marked:
    """Return marks of an option in the pixels of a photo of a size; raises as `read_hints`."""
    points: list[tuple[int, int]] = []
    boxes: list[Box] = []
    strokes: list[Stroke] = []
    for mark in marks:
        if isinstance(mark, Point):
            points.append(mark.pixel(size, option))
        elif isinstance(mark, Region):
            boxes.append(mark.box(size, option))
        elif isinstance(mark, Marked):
            for box in mark.extents():
                if box.empty or box.intersection(size.box) != box:
                    raise OptionError(
                        option,
                        _corners(box),
                        "pixels of the picture",
                        f"it is {size.width} × {size.height}",
                    )
            points += mark.points
            boxes += mark.boxes
            strokes += (part for each in mark.strokes for part in _apart(each))
        else:
            stroke = stroke_of(read_strokes(mark, size, option))
            if stroke is None:
                grammar = "a picture with strokes, white or opaque"
                raise OptionError(option, _label(option, mark), grammar, "nothing is drawn in it")
            strokes += _apart(stroke)
    return Marked(tuple(dict.fromkeys(points)), tuple(boxes), tuple(strokes))


def _apart(stroke: Stroke) -> list[Stroke]:
    """Return what does not touch by itself, the largest first.

    What was drawn in one picture were several strokes, and means what these mean one by one.
    """
    step = max(1, -(-max(stroke.box.size) // _CELLS))
    cells = block_reduce(stroke.mask, step, np.maximum)
    labels, count = label(dilation(cells, 1))
    if count < 2:
        return [stroke]
    order = np.argsort(-np.bincount(labels[cells], minlength=count + 1), kind="stable")[:count]
    numbers = np.full(count + 1, -1)
    numbers[order] = np.minimum(np.arange(count), _MOST_STROKES - 1)
    owner = np.where(cells, numbers[labels], -1)
    parts = []
    for number in range(min(count, _MOST_STROKES)):
        mine = owner == number
        found = bounding_box(mine)
        assert found is not None
        box = Box(*(edge * step for edge in found)).intersection(Size(*stroke.box.size).box)
        covered = mine[found.slices].repeat(step, 0).repeat(step, 1)[: box.height, : box.width]
        part = stroke_of(stroke.mask[box.slices] & covered)
        assert part is not None
        left, top = stroke.box.left + box.left, stroke.box.top + box.top
        parts.append(Stroke(part.box.moved(left, top), part.mask))
    return parts


def refuse_contradictions(hints: Hints, roi: Box) -> None:
    """Refuse marks that contradict each other or the roi.

    Raises
    ------
    OptionError
        With the place of the first contradiction.
    """
    for x, y in sorted(set(hints.keep.points) & set(hints.remove.points)):
        raise OptionError("remove", f"{x}px {y}px", _NOT_BOTH, "column, row")
    kept = hints.keep.extents()
    drawn = (*hints.keep.strokes, *hints.remove.strokes, *hints.remove.boxes)
    here = Box.around(kept).intersection(Box.around(hints.remove.extents()))
    if drawn and not here.empty:
        remove = hints.remove.pixels(here)
        for box in hints.remove.boxes:
            inside = box.intersection(here).moved(-here.left, -here.top)
            if not inside.empty:
                remove[inside.slices] = True
        _refuse("remove", hints.keep.pixels(here) & remove, here, _NOT_BOTH)
    for box in kept:
        if box.intersection(roi) != box:
            keep = hints.keep.pixels(box)
            inside = box.intersection(roi).moved(-box.left, -box.top)
            if not inside.empty:
                keep[inside.slices] = False
            _refuse("keep", keep, box, "what lies inside roi")
    for box in hints.keep.boxes:
        if box.intersection(roi).empty:
            raise OptionError("keep", _corners(box), "a box that reaches into roi", "it does not")
        for empty in hints.remove.boxes:
            if box.intersection(empty) == box:
                reason = f"the box {_corners(box)} is kept and lies inside"
                raise OptionError("remove", _corners(empty), "no box that is kept", reason)


def _refuse(option: str, wrong: Mask, box: Box, grammar: str) -> None:
    """Refuse what is true in the mask of a box."""
    if wrong.any():
        row = int(np.flatnonzero(wrong.any(1))[0])
        column = int(np.flatnonzero(wrong[row])[0])
        count = int(np.count_nonzero(wrong))
        more = f", the first of {count} such pixels" if count > 1 else ""
        place = f"{column + box.left}px {row + box.top}px"
        raise OptionError(option, place, grammar, f"column, row{more}")


def _corners(box: Box) -> str:
    return " ".join(f"{edge}px" for edge in box)
