"""Marks put to a corrector one after the other, as if somebody had just made them.

A network that was trained on clicks knows one situation: a matte, what was marked so far, and one
more mark that says what is wrong with it. Shown all marks of a finished correction at once it does
markedly worse. So each mark is put to it in turn, and its answer is the next last matte.

Where it is known in which order marks were made, as in an editor, that is the order, and each is
put as it was when it was made: what is painted over later does not count yet. Else marks of what is
to be kept, and of what is to be removed, come in the order in which they were given; which of both
comes next follows from the matte: the mark that lies deeper in what is wrong, as people click. So a
finished correction is answered as it was while somebody made it, and one more mark takes one more
step.

A matte that was there is changed as little as may be: a mark is answered from its surroundings
alone, which are seen larger; where the change would go on beyond them, from all of the subject.
(Chen et al. 2022, arXiv:2204.02574, look at such a crop too.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Size
from mattekit.hints import Hints, Marked, Stroke
from mattekit.imaging.labels import bounding_box, components, label
from mattekit.imaging.morphology import diamond_dilation, dilation
from mattekit.matting.geodesic import FLOOD, SPARING
from mattekit.matting.marks import Corrector, View, averaged, drawn, mirrored, steadied
from mattekit.matting.sampling import nearest
from mattekit.matting.views import Grid, Overview, marked, seen, view_of

__all__ = ["CONTRADICTED", "Trail", "replay", "taken_over"]

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

#: By how much alpha is wrong under a mark that says something new.
CONTRADICTED: Final = 0.3
#: Steps at most, and where the order is known, so that one more mark is one more step; whatever is
#: wrong still is put to the corrector at once in one more.
_MOST: Final = 32
_MOST_IN_ORDER: Final = 96
#: The surroundings of a mark, near and wide: so many times as far as it lies from what is as it
#: says, at least so many cells; and how close to their border a change counts as cut off.
_SURROUNDINGS: Final = (2, 6)
_LEAST: Final = 32
_CUT: Final = 2
#: Of how many cells a change may be, for a mark that lies one cell deep (it grows as the square of
#: that); and the depth that every mark counts as having.
_PLAUSIBLE: Final = 25
_SHALLOW: Final = 4
#: Where the corrected subject's view is smaller than this share of the view, it is looked at again.
_TIGHT: Final = 0.7
#: How much context two more looks show on each side of a subject that marks alone have chosen, as
#: a share of it, and whether in the mirror: answers to other views err elsewhere.
_LOOKS: Final = ((0.25, False), (0.7, True))
#: How far from a mark a change may begin that is taken over, and how far its soft edge reaches, in
#: cells of the grid.
_NEAR: Final = 3
_RIM: Final = 4
#: A stroke that is as long and as wide as this share of the subject means all of it; and what share
#: of the subject is as good as nothing left.
_MEANT: Final = 0.6
_NOTHING_LEFT: Final = 0.05
#: Below this share of the square of its length a stroke is drawn, and no dab that means what a
#: click does. So many times as many cells as are drawn it may change, but for a thing that stands
#: apart: of which a change has at least this share.
_DAB: Final = 0.5
_REACHED: Final = 40
_WHOLE: Final = 0.8
#: What a removed part leaves over and is smaller than this share of it, goes with it.
_CRUMB: Final = 0.25


class _Mark(NamedTuple):
    """One point or stroke, and the flat indices of the cells that were really marked."""

    keep: bool
    point: tuple[int, int] | None
    stroke: Stroke | None
    cells: NDArray[np.intp]
    #: What makes it the same mark as one of another replay.
    key: object

    @classmethod
    def of(
        cls, keep: bool, point: tuple[int, int] | None, stroke: Stroke | None, grid: Grid
    ) -> _Mark:
        key = keep, point, stroke and (stroke.box, hash(stroke.mask.tobytes()))
        mark = cls(keep, point, stroke, np.empty(0, np.intp), key)
        return mark._replace(cells=np.flatnonzero(drawn(mark.marked, grid.box, grid.size)[0]))

    @property
    def marked(self) -> Marked:
        points = () if self.point is None else (self.point,)
        strokes = () if self.stroke is None else (self.stroke,)
        return Marked(points, (), strokes)

    def contradicts(self, alpha: Floats) -> bool:
        """Return whether it says something new."""
        return bool((np.abs(alpha.ravel()[self.cells] - self.keep) > CONTRADICTED).any())

    def heeded(self, alpha: Floats) -> bool:
        """Return whether alpha is on the side that it says."""
        return bool(((alpha.ravel()[self.cells] > 0.5) == self.keep).all())

    def is_drawn(self, grid: Grid) -> bool:
        """Return whether it is longer than wide: a stroke, and not a dab or a point."""
        if self.stroke is None:
            return False
        length = max(grid.cells(self.stroke.box).size)
        return len(self.cells) < _DAB * length**2

    def depth(self, alpha: Floats) -> int:
        """Return how far it reaches into what is not as it says, in cells."""
        agrees = (alpha > 0.5) == self.keep
        if not agrees.any():
            return int(max(alpha.shape))
        return int(nearest(agrees, self.cells)[0].max())


class _Step(NamedTuple):
    shown: frozenset[object]
    choice: frozenset[object]
    marks: tuple[_Mark, ...]
    alpha: Floats


class Trail:
    """What the last replay did: the next one goes on where the two part.

    Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._known: tuple[Grid, Floats, tuple[_Step, ...]] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of all that is remembered."""
        known = self._known
        return 0 if known is None else sum(step.alpha.nbytes for step in known[2])

    def steps(self, grid: Grid, start: Floats) -> tuple[_Step, ...]:
        """Return the steps that were taken from the same start."""
        known = self._known
        if known is None or known[0] != grid or not np.array_equal(known[1], start):
            return ()
        return known[2]

    def remember(self, grid: Grid, start: Floats, steps: Sequence[_Step]) -> None:
        """Remember steps in place of the last ones."""
        self._known = grid, start, tuple(steps)


def replay(
    overview: Overview,
    grid: Grid,
    start: Floats,
    hints: Hints,
    corrector: Corrector,
    trail: Trail,
) -> Floats:
    """Return alpha after each mark that contradicts it was put to a corrector.

    Parameters
    ----------
    overview : Overview
        The photo.
    grid : Grid
    start : (h, w) ndarray of float32 in [0, 1]
        What is to be corrected.
    hints : Hints
        Boxes among them are ignored.
    corrector : Corrector
    trail : Trail
        What the last replay for this photo and corrector did; it remembers this one.
    """
    known = list(trail.steps(grid, start))
    steps: list[_Step] = []
    alpha = start
    most = _MOST_IN_ORDER if hints.earlier else _MOST
    read: dict[object, _Mark] = {}
    before: list[_Mark] = []
    shown: set[object] = set()  # what was put to the corrector, or is left of that
    for state in (*hints.earlier, hints):
        final = state is hints
        if len(steps) == most and not final:
            continue
        marks = _marks_of(state, grid, read)
        shown |= _remains(before, marks, shown)
        before = marks
        left = [mark for mark in marks if mark.key not in shown]
        while wrong := [mark for mark in left if mark.contradicts(alpha)]:
            last = len(steps) == most
            if last and not final:
                break
            choice = tuple(wrong) if last else _first(wrong)
            situation = frozenset(mark.key for mark in marks if mark.key in shown)
            chosen = _keys(choice)
            if not known or (known[0].shown, known[0].choice) != (situation, chosen):
                # Not the same choice in the same situation, though it may end alike.
                now = choice if last else (_deepest(choice, alpha),)
                if known and (known[0].shown, _keys(known[0].marks)) == (situation, _keys(now)):
                    known[0] = known[0]._replace(choice=chosen)
                else:
                    put = _hints_of([*(mark for mark in marks if mark.key in shown), *now], hints)
                    drawn_marks = marked(put, grid.box, grid.size)
                    depth = max(mark.depth(alpha) for mark in now)
                    question = _Question(overview, grid, start, alpha, put, drawn_marks, now, depth)
                    known = [_Step(situation, chosen, now, question.answered(corrector))]
            step = known.pop(0)
            alpha = step.alpha
            steps.append(step)
            shown |= _keys(step.marks)
            if last:
                break
            left = [mark for mark in left if mark.key not in shown]
    trail.remember(grid, start, steps)
    return alpha


def taken_over(start: Floats, answered: Floats, keep: Bools, remove: Bools) -> Floats:
    """Return alpha with those changes of an answer that marks ask for.

    A change is a connected part that becomes subject, or ceases to be, and is taken over with its
    soft edge where it becomes what a mark in it or beside it says. So what lies apart from all
    marks stays as it is, by the bit.
    """
    result = start.copy()
    extent = bounding_box((answered > 0.5) != (start > 0.5))
    if extent is None:
        return result
    # Nothing farther away has a say.
    size = Size(start.shape[1], start.shape[0])
    there = extent.padded(*[_RIM + 1] * 4).intersection(size.box).slices
    near_keep, near_remove = (diamond_dilation(each[there], _NEAR) for each in (keep, remove))
    inside, was = answered[there] > 0.5, start[there] > 0.5
    changed = inside != was
    found = components(changed)
    asked = (inside & near_keep) | (~inside & near_remove)
    changes = found.painted(found.sums(asked) > 0, changed.shape)
    others = changed & ~changes
    near = dilation(changes, _RIM) & ~dilation(others, 1)
    np.copyto(result[there], answered[there], where=near | changes)
    gone = changes & was
    if gone.any():
        _sweep(result, gone, there, keep)
    return result


def _sweep(alpha: Floats, gone: Bools, there: tuple[slice, slice], keep: Bools) -> None:
    """Empty the small parts of what is left that hung on what is gone, and that nobody marked."""
    left = alpha > 0.5
    found = components(left)
    beside = np.zeros(alpha.shape, bool)
    beside[there] = dilation(gone, 2)
    # Where several parts went each has its own crumbs, about: their sum is the size of one.
    crumb = found.areas() < _CRUMB * np.count_nonzero(gone)
    crumb &= (found.sums(beside) > 0) & (found.sums(keep) == 0)
    crumb[0] = False
    if crumb.any():
        crumbs = found.painted(crumb, alpha.shape)
        alpha[dilation(crumbs, 2) & ~dilation(left & ~crumbs, 2)] = 0


def _marks_of(hints: Hints, grid: Grid, read: dict[object, _Mark]) -> list[_Mark]:
    """Return all points and strokes; what was read already is taken from there."""
    marks = []
    for keep, each in ((True, hints.keep), (False, hints.remove)):
        for point in each.points:
            name: object = keep, point
            if name not in read:
                read[name] = _Mark.of(keep, point, None, grid)
            marks.append(read[name])
        for stroke in each.strokes:
            name = keep, id(stroke)
            if name not in read:
                read[name] = _Mark.of(keep, None, stroke, grid)
            marks.append(read[name])
    return marks


def _keys(marks: Iterable[_Mark]) -> frozenset[object]:
    return frozenset(mark.key for mark in marks)


def _remains(before: Sequence[_Mark], marks: Sequence[_Mark], shown: set[object]) -> set[object]:
    """Return what is left of marks that were shown and have been painted over in part."""
    old, new = _keys(before), _keys(marks)
    sides = {mark.keep for mark in before if mark.key in shown and mark.key not in new}
    return {mark.key for mark in marks if mark.keep in sides and mark.key not in old}


def _hints_of(marks: Iterable[_Mark], hints: Hints) -> Hints:
    keep = remove = Marked()
    for mark in marks:
        if mark.keep:
            keep = keep.joined(mark.marked)
        else:
            remove = remove.joined(mark.marked)
    return Hints(hints.size, keep, remove)


def _first(marks: Sequence[_Mark]) -> tuple[_Mark, ...]:
    """Return the first mark that is kept, and the first that is removed."""
    first = (next((mark for mark in marks if mark.keep == keep), None) for keep in (True, False))
    return tuple(mark for mark in first if mark is not None)


def _deepest(marks: Sequence[_Mark], alpha: Floats) -> _Mark:
    """Return the mark that reaches deepest into what is wrong."""
    return marks[0] if len(marks) == 1 else max(marks, key=lambda mark: mark.depth(alpha))


class _Question(NamedTuple):
    """What a corrector is asked in one step."""

    overview: Overview
    grid: Grid
    start: Floats
    last: Floats
    shown: Hints
    marked: tuple[Bools, Bools]
    now: tuple[_Mark, ...]
    depth: int

    def answered(self, corrector: Corrector) -> Floats:
        """Return alpha after this step."""
        extent = Box.around(each for mark in self.now for each in mark.marked.extents())
        box = view_of(self.last, self.shown, self.grid)
        if extent.intersection(box) != extent:
            box = self.grid.box
        parts = _surroundings(self.grid, self.grid.cells(extent), self.depth, box)
        nearest_look: list[_Asked] = []
        if (self.start > 0.5).any():
            result = self._around(parts, corrector, nearest_look)
            if result is None:
                whole = self._ask(box, self.last, corrector)
                if not nearest_look or self._plausible(whole.once()):
                    result = self._closer(whole, corrector)
                else:
                    result = nearest_look[0].twice()
        else:
            # Nothing is there to be left alone.
            result = self._subject(box, corrector)
            if not (self.last > 0.5).any():
                result = self._clearer(box, extent, result, corrector)
            elif not self._plausible(result):
                near = self._around(parts, corrector, nearest_look)
                if near is None and nearest_look:
                    near = nearest_look[0].twice()
                if near is not None and self._changed(near) < self._changed(result):
                    result = near
        if not all(mark.heeded(result) for mark in self.now):
            box = self.grid.pixels(parts[-1]) if parts else box
            by_color = self._ask(box, result, FLOOD).once()
            if self._plausible(by_color):
                result = by_color
        if self._takes_all(result, extent):
            result = self._ask(self.grid.box, self.last, SPARING).once()
        elif self._overreaches(result):
            less = [look.twice() for look in nearest_look[:1]]
            box = self.grid.pixels(parts[-1]) if parts else box
            less.append(self._ask(box, self.last, SPARING).once())
            heeded = [each for each in less if all(mark.heeded(each) for mark in self.now)]
            within = [each for each in heeded if not self._overreaches(each)]
            result = within[0] if within else min([result, *heeded], key=self._changed)
        return result

    def _takes_all(self, result: Floats, extent: Box) -> bool:
        """Return whether strokes took all there was, though they are drawn over a part of it.

        A point means the thing that it lies on, a stroke what it lies on and what is like that.
        """
        was = self.last > 0.5
        subject = bounding_box(was)
        if subject is None or (self.start <= 0.5).all() or any(self.shown.keep):
            return False
        if not all(mark.stroke and not mark.keep for mark in self.now):
            return False
        covered = self.grid.cells(extent).intersection(subject).size
        if min(covered.width / subject.width, covered.height / subject.height) >= _MEANT:
            return False
        return bool((result > 0.5).sum() < _NOTHING_LEFT * was.sum())

    def _overreaches(self, result: Floats) -> bool:
        """Return whether strokes changed far more than was drawn, of something that was before.

        Who draws shows how much of a thing is meant, who clicks does not.
        """
        if (self.start <= 0.5).all() or not all(mark.is_drawn(self.grid) for mark in self.now):
            return False
        changed = _flips(result, self.last)
        if changed.sum() <= _REACHED * sum(len(mark.cells) for mark in self.now):
            return False
        for alpha in (self.last, result):
            things, count = label(alpha > 0.5)
            mine = np.bincount(things[changed], minlength=count + 1)[1:]
            size = np.bincount(things.ravel(), minlength=count + 1)[1:]
            if mine.sum() < _WHOLE * size[mine > 0].sum():
                return True
        return False

    def _around(
        self, parts: Sequence[Box], corrector: Corrector, looks: list[_Asked]
    ) -> Floats | None:
        """Return what a look at the surroundings gives; None where they cut a change off.

        Looks are noted in `looks`.
        """
        for part in parts:
            asked = self._ask(self.grid.pixels(part), self.last, corrector)
            looks.append(asked)
            if not _cut_off(_flips(asked.once(), self.last), part, self.grid):
                return asked.twice()
        return None

    def _subject(self, box: Box, corrector: Corrector) -> Floats:
        """Return what looks at the subject give: a closer one where it is small, and two more."""
        found = self._closer(self._ask(box, self.last, corrector), corrector)
        if not (found > 0.5).any():
            return found
        looks = [found]
        for context, flipped in _LOOKS:
            around = view_of(found, self.shown, self.grid, context)
            view = seen(self.overview, self.grid, around, self.last, self.shown, corrector.size)
            answer = (
                corrector.answer(mirrored(view))[:, ::-1] if flipped else corrector.answer(view)
            )
            look = self.last.copy()
            self.grid.put(look, answer, around)
            looks.append(look)
        return taken_over(self.start, averaged(looks), *self.marked)

    def _closer(self, asked: _Asked, corrector: Corrector) -> Floats:
        result = asked.twice()
        closer = view_of(result, self.shown, self.grid)
        if closer.size.area > _TIGHT * asked.box.size.area:
            return result
        return self._ask(closer, result, corrector).twice()

    def _clearer(self, box: Box, extent: Box, result: Floats, corrector: Corrector) -> Floats:
        """Return what a look at half of a box around marks gives, where that is clearer.

        What is small beside all that is seen, a network may not know as a thing.
        """
        across, down = box.width // 4, box.height // 4
        cells = self.grid.cells(extent.padded(across, down, across, down))
        near = self._subject(self.grid.pixels(cells), corrector)
        if _cut_off(near > 0.5, cells, self.grid) or _haze(near) >= _haze(result):
            return result
        return near

    def _ask(self, box: Box, last: Floats, corrector: Corrector) -> _Asked:
        view = seen(self.overview, self.grid, box, last, self.shown, corrector.size)
        return _Asked(self, box, last, corrector, view, corrector.answer(view))

    def _plausible(self, result: Floats) -> bool:
        """Return whether a change is not larger than what marks of this depth can mean."""
        return self._changed(result) <= _PLAUSIBLE * max(_SHALLOW, self.depth) ** 2

    def _changed(self, result: Floats) -> int:
        return int(np.count_nonzero(_flips(result, self.last)))


class _Asked(NamedTuple):
    """What a corrector was shown, and its answer."""

    question: _Question
    box: Box
    last: Floats
    corrector: Corrector
    view: View
    answer: Floats

    def once(self) -> Floats:
        """Return alpha with what is taken over of the answer."""
        return self._result(self.answer)

    def twice(self) -> Floats:
        """Return alpha as the answer to the mirror image has it as well: fewer clicks do."""
        return self._result(steadied(self.corrector, self.view, self.answer))

    def _result(self, answer: Floats) -> Floats:
        answered, question = self.last.copy(), self.question
        question.grid.put(answered, answer, self.box)
        return taken_over(question.start, answered, *question.marked)


def _surroundings(grid: Grid, cells: Box, depth: int, view: Box) -> list[Box]:
    """Return the parts of the grid around cells that show them larger than a view does."""
    parts = []
    for factor in _SURROUNDINGS:
        reach = max(_LEAST, factor * depth)
        part = cells.padded(reach, reach, reach, reach).intersection(grid.size.box)
        if grid.pixels(part).size.area < _TIGHT * view.size.area and part not in parts:
            parts.append(part)
    return parts


def _haze(alpha: Floats) -> float:
    """Return how much of alpha is neither subject nor ground, against the subject."""
    return float(np.minimum(alpha, 1 - alpha).sum() / max(np.count_nonzero(alpha > 0.5), 1))


def _flips(alpha: Floats, other: Floats) -> Bools:
    return np.asarray((alpha > 0.5) != (other > 0.5))


def _cut_off(changed: Bools, part: Box, grid: Grid) -> bool:
    """Return whether a change reaches the border of a part of the cells, and not all cells'."""
    inner = part.padded(
        *(
            -_CUT if edge not in ends else 0
            for edge, ends in zip(
                part, ((0,), (0,), (grid.size.width,), (grid.size.height,)), strict=True
            )
        )
    )
    return bool(np.count_nonzero(changed[part.slices]) > np.count_nonzero(changed[inner.slices]))
