"""What a flat graphic encloses of its ground's color: part of the drawing, or an opening.

Nothing in a part itself tells: the white of an eye and that of a letter's counter are the same
white. What surrounds it does. A counter, the hole of a ring or the eye of a chain's link lies in a
stroke: the wall around it has one width, comparable to the opening's own. An outline's wall is thin
against what it encloses, and that is the drawing's paper: a snowman's body, an envelope. Where the
wall is thick or uneven, the part is a shape on a mass: eyes, the bar of a sign, the stripe of a
flag, white lettering. A part with something in it is a field: the white of a target, a clock's
face. No drawing's paper is vivid: on a red or orange ground its color inside is the ground that
shows through, as in a logo of one ink. Letters are told from icons by their company, and vouch for
each other.

Each part is decided as a whole. Connected components are of the picture's own pixels, so that the
thinnest line parts its two sides.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.imaging.labels import Components, components, runs

__all__ = ["enclosed_ground"]

#: Width of the wall around a part, as a share of the part's own width: up to the first it is an
#: outline, between the other two a stroke.
_OUTLINE: Final = 0.13
_STROKE: Final = (0.18, 1.0)
#: How much wider than its narrow places (first decile) a stroke may be in its wide ones (eighth),
#: and how many pixels more, which is what antialiasing and small sizes make of it.
_EVEN: Final = 2.0
_EVEN_PIXELS: Final = 2.0
#: Length of a part's border against that of its box, 1 for whatever has no bays, and its longer
#: side against its width: openings are compact.
_COMPACT: Final = 1.3
_COUNTER: Final = 1.6
_SLENDER: Final = 5.0
#: Smaller components inside a part, as a share of it and in pixels, are dirt and no drawing.
_ISLAND: Final = 0.001
_ISLAND_PIXELS: Final = 6
#: Components are of one group where they are this near, beside and above each other, against the
#: taller one's height, and where their heights differ by no more than this.
_NEAR: Final = 1.0
_NEAR_ABOVE: Final = 0.5
_ALIKE: Final = 2.0
#: A group is lettering if it has so many and a share without parts (l, s, t), or else so many: less
#: may be a row of icons.
_LETTERS: Final = 4
_WITHOUT: Final = 0.25
_MANY_LETTERS: Final = 8
#: A third of a group's parts, if they lie in strokes, vouch for those in walls of a like width.
_VOUCHERS: Final = 0.33
_SAME_STROKE: Final = 0.5
#: Levels (of 255) by which a part's color may miss what there is of the ground outside.
_OTHER_COLOR: Final = 1.5
#: From this difference of its channels on, as a share of the range, a ground is vivid.
_VIVID: Final = 0.4
#: Pixels of a run whose middle has no edge's color.
_RUN: Final = 5


class _Parts(NamedTuple):
    """What is known about each enclosed part, by its label; all arrays have ``count + 1`` items.

    Attributes
    ----------
    enclosed : ndarray of bool
        Whether it is one at all.
    area : ndarray of int
    wall, narrow, wide : ndarray of float
        Median, first and eighth decile of the wall's width, along rows and columns, in pixels.
    width : ndarray of float
        Median extent along rows or along columns, whichever is less.
    bays : ndarray of float
        Length of its border against its box's.
    slender : ndarray of float
        The longer side of its box against `width`.
    """

    enclosed: NDArray[np.bool_]
    area: NDArray[np.intp]
    wall: NDArray[np.float64]
    narrow: NDArray[np.float64]
    wide: NDArray[np.float64]
    width: NDArray[np.float64]
    bays: NDArray[np.float64]
    slender: NDArray[np.float64]


def enclosed_ground(
    ground: NDArray[np.bool_],
    enclosed: str,
    levels: NDArray[np.uint8] | NDArray[np.uint16] | None = None,
) -> NDArray[np.bool_] | None:
    """Return what of the ground's color belongs to a graphic.

    Parameters
    ----------
    ground : (H, W) ndarray of bool
        What has the ground's color.
    enclosed : {"auto", "keep", "remove"}
        Whether to decide part by part, to keep all or none.
    levels : (H, W, 3) ndarray of uint8 or uint16, optional
        The picture: a part whose color is not quite the ground's belongs to the graphic.

    Returns
    -------
    (H, W) ndarray of bool, or None
        None where there is nothing.
    """
    if enclosed == "remove":
        return None
    parts = components(ground, diagonal=False)
    rim = parts.at_border(len(ground))
    if rim.all():
        return None
    keep = ~rim if enclosed == "keep" else _belongs(ground, parts, rim, levels)
    return parts.painted(keep, ground.shape) if keep.any() else None


def _belongs(
    ground: NDArray[np.bool_],
    parts: Components,
    rim: NDArray[np.bool_],
    levels: NDArray[np.uint8] | NDArray[np.uint16] | None,
) -> NDArray[np.bool_]:
    """Return which parts belong to the graphic."""
    measured = _measured(ground, parts, rim)
    ink = components(~ground)
    # What is above the topmost run of a component encloses it.
    around_part = _enclosing(ink, parts)
    around_ink = _enclosing(parts, ink)
    area = ink.areas()
    big = area >= np.maximum(_ISLAND_PIXELS, _ISLAND * measured.area[around_ink])
    big[0] = False
    islands = np.bincount(around_ink[big], minlength=parts.count + 1)

    compact = (measured.bays <= _COMPACT) & (islands == 0)
    even = measured.wide <= _EVEN * measured.narrow + _EVEN_PIXELS
    # Half of each edge pixel is the part's.
    share = (measured.wall - 1) / (measured.width + 1)
    stroke = compact & even & (share >= _STROKE[0]) & (share <= _STROKE[1])
    stroke &= measured.slender <= _SLENDER
    field = (islands > 0) | (share <= _OUTLINE)

    drawing = np.bincount(around_part, field & ~rim, ink.count + 1) > 0
    word, lettering = _lettering(ink, np.bincount(around_part[~rim], minlength=ink.count + 1))
    own = word[around_part]
    stroke &= ~rim
    seen = ~rim & (measured.area >= _ISLAND_PIXELS)
    strokes = np.bincount(own[stroke & seen], minlength=len(word))
    enough = strokes >= _VOUCHERS * np.maximum(np.bincount(own[seen], minlength=len(word)), 1)
    (usual,) = _quantiles(own[stroke], measured.narrow[stroke], len(word) - 1, (0.5,))
    same = np.abs(measured.narrow - usual[own]) <= _SAME_STROKE * usual[own] + 1
    vouched = enough[own] & same & compact
    # A zero may have a dot or a stroke in it, a frame around words has more.
    counter = (measured.bays <= _COUNTER) & (islands <= 1)
    opening = np.where(lettering[own], counter, ~drawing[around_part] & (stroke | vouched))
    if levels is not None:
        if _vivid(parts, levels, rim):
            opening[:] = True
        opening &= ~_other_color(parts, levels, rim)
    keep = ~rim & ~opening
    # What is drawn on a part that belongs to the graphic has no openings.
    while True:
        nested = keep | (~rim & keep[around_ink[around_part]])
        if (nested == keep).all():
            return keep
        keep = nested


def _enclosing(outer: Components, inner: Components) -> NDArray[np.intp]:
    """Return what of `outer` lies above the topmost run of each component of `inner`."""
    _, first = np.unique(inner.label, return_index=True)
    row, column = inner.row[first], inner.start[first]
    found = np.zeros(inner.count + 1, np.intp)
    found[1:] = np.where(row > 0, outer.at(row - 1, column), 0)
    return found


def _measured(ground: NDArray[np.bool_], parts: Components, rim: NDArray[np.bool_]) -> _Parts:
    count = parts.count
    upright = runs(ground.T)
    labels = parts.at(upright[1], upright[0])
    across = _walls(parts.row, parts.start, parts.end, parts.label, rim)
    down = _walls(*upright, labels, rim)
    whose, width = (np.concatenate(pair) for pair in zip(across, down, strict=True))
    narrow, wall, wide = _quantiles(whose, width, count, (0.1, 0.5, 0.8))
    rows, columns = (
        _quantiles(label[~rim[label]], (end - start)[~rim[label]], count, (0.5,))[0]
        for label, start, end in (
            (parts.label, parts.start, parts.end),
            (labels, upright[1], upright[2]),
        )
    )
    spans = [
        _spans(label, lines, lines + 1, count)
        for label, lines in ((parts.label, parts.row), (labels, upright[0]))
    ]
    sides = [last - first for first, last in spans]
    border = np.bincount(parts.label, minlength=count + 1) + np.bincount(
        labels, minlength=count + 1
    )
    least = np.minimum(rows, columns)
    return _Parts(
        ~rim,
        parts.areas().astype(np.intp),
        wall,
        narrow,
        wide,
        least,
        border / np.maximum(sides[0] + sides[1], 1),
        np.maximum(*sides) / np.maximum(least, 1),
    )


def _walls(
    line: NDArray[np.intp],
    start: NDArray[np.intp],
    end: NDArray[np.intp],
    label: NDArray[np.intp],
    rim: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the widths between neighbouring runs of a line, for the parts on both sides."""
    same = line[1:] == line[:-1]
    width = (start[1:] - end[:-1])[same]
    whose = np.concatenate([label[:-1][same], label[1:][same]])
    inside = ~rim[whose]
    return whose[inside], np.concatenate([width, width])[inside]


def _quantiles(
    label: NDArray[np.intp], values: NDArray[Any], count: int, at: tuple[float, ...]
) -> list[NDArray[np.float64]]:
    """Return quantiles of the values of each label, 0 where it has none."""
    order = np.lexsort((values, label))
    label, values = label[order], values[order]
    low, high = (np.searchsorted(label, np.arange(count + 1), side) for side in ("left", "right"))
    found = []
    for share in at:
        index = np.minimum(low + ((high - low - 1) * share + 0.5).astype(np.intp), len(values) - 1)
        found.append(
            np.where(high > low, values[index], 0).astype(np.float64)
            if len(values)
            else np.zeros(count + 1)
        )
    return found


def _vivid(
    parts: Components,
    levels: NDArray[np.uint8] | NDArray[np.uint16],
    rim: NDArray[np.bool_],
) -> bool:
    """Return whether the ground outside has a strong color, as no paper has."""
    outside = rim[parts.label]
    middle = (parts.start + parts.end)[outside] // 2
    usual = np.median(levels[parts.row[outside], middle], axis=0)
    return bool(np.ptp(usual) > _VIVID * np.iinfo(levels.dtype).max)


def _other_color(
    parts: Components,
    levels: NDArray[np.uint8] | NDArray[np.uint16],
    rim: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Return which parts have a color that the ground outside has nowhere."""
    # The middles of runs: at their ends the ground is mixed with ink.
    long = parts.end - parts.start >= _RUN
    label = parts.label[long]
    middle = levels[parts.row[long], (parts.start + parts.end)[long] // 2].astype(np.float64)
    outside = rim[label]
    other = np.zeros(parts.count + 1, bool)
    if not outside.any():
        return other
    slack = _OTHER_COLOR * (257 if levels.dtype == np.uint16 else 1)
    least, most = np.quantile(middle[outside], (0.005, 0.995), axis=0)
    for channel in range(3):
        (usual,) = _quantiles(label[~outside], middle[~outside, channel], parts.count, (0.5,))
        other |= (usual < least[channel] - slack) | (usual > most[channel] + slack)
    seen = np.bincount(label, minlength=parts.count + 1) > 0
    return other & seen & ~rim


def _lettering(
    ink: Components, holes: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return in which group of neighbors each component is, and which groups are lettering."""
    first, last = _spans(ink.label, ink.row, ink.row + 1, ink.count)
    left, right = _spans(ink.label, ink.start, ink.end, ink.count)
    tall = last - first
    order = np.argsort(first[1:], kind="stable") + 1
    tops = first[order]
    group = np.arange(ink.count + 1)

    def root(one: int) -> int:
        while group[one] != one:
            group[one] = group[group[one]]
            one = int(group[one])
        return one

    for place, one in enumerate(order.tolist()):
        height = tall[one]
        until = np.searchsorted(tops, last[one] + _NEAR_ABOVE * _ALIKE * height, "right")
        others = order[place + 1 : until]
        taller = np.maximum(tall[others], height)
        apart = np.maximum(left[others] - right[one], left[one] - right[others])
        beside = apart <= _NEAR * taller
        beside &= first[others] - last[one] <= _NEAR_ABOVE * taller
        beside &= (tall[others] <= _ALIKE * height) & (height <= _ALIKE * tall[others])
        for other in others[beside].tolist():
            group[root(other)] = root(one)
    roots = np.array([root(one) for one in range(ink.count + 1)], np.intp)
    size = np.bincount(roots, minlength=len(roots))
    without = np.bincount(roots, holes == 0, len(roots))
    enough = (size >= _LETTERS) & (without >= _WITHOUT * size)
    return roots, enough | (size >= _MANY_LETTERS)


def _spans(
    label: NDArray[np.intp], start: NDArray[np.intp], end: NDArray[np.intp], count: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the least start and the largest end of each label; an empty span is at 0."""
    least, most = np.full(count + 1, np.iinfo(np.intp).max), np.zeros(count + 1, np.intp)
    np.minimum.at(least, label, start)
    np.maximum.at(most, label, end)
    return np.minimum(least, most), most
