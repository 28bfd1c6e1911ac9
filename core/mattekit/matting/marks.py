"""What a corrector sees, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Size
from mattekit.hints import Marked
from mattekit.imaging.labels import label
from mattekit.matting._odds import odds_of_alpha

__all__ = ["Corrector", "View", "averaged", "drawn", "mirrored", "steadied", "unheeded"]

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: Radius of a point's disk, as a share of the longer side of a view.
_RADIUS: Final = 5 / 256
#: A mark is not heeded where alpha is wrong on more than this share of it.
_UNHEEDED: Final = 0.4


class View(NamedTuple):
    """What a corrector sees.

    Attributes
    ----------
    image : (h, w, 3) ndarray of uint8
        The picture's colours, in its own colour space.
    alpha : (h, w) ndarray of float32 in [0, 1]
        The last matte.
    keep, remove : (h, w) ndarray of bool
        Marks; points are disks. No pixel is in both.
    """

    image: NDArray[np.uint8]
    alpha: Floats
    keep: Mask
    remove: Mask


class Corrector(NamedTuple):
    """What marks mean.

    Attributes
    ----------
    answer : callable
        Returns the alpha of a view, ``(h, w)`` in [0, 1].
    size : Size or None
        Of the views that it takes, whatever their proportions; None = any.
    """

    answer: Callable[[View], Floats]
    size: Size | None = None


def mirrored(view: View) -> View:
    """Return the mirror image of a view."""
    return View(
        np.ascontiguousarray(view.image[:, ::-1]),
        np.ascontiguousarray(view.alpha[:, ::-1]),
        np.ascontiguousarray(view.keep[:, ::-1]),
        np.ascontiguousarray(view.remove[:, ::-1]),
    )


def steadied(corrector: Corrector, view: View, answer: Floats) -> Floats:
    """Return the mean of an answer and the one to the mirror image, in logarithms of odds."""
    other = corrector.answer(mirrored(view))[:, ::-1]
    inside, outside = np.sqrt(answer * other), np.sqrt((1 - answer) * (1 - other))
    # Where both are certain, of opposites, neither is.
    known = inside + outside > 0
    mean: Floats = np.full_like(answer, 0.5)
    np.divide(inside, inside + outside, out=mean, where=known)
    return mean


def averaged(answers: Sequence[Floats]) -> Floats:
    """Return the mean of answers in logarithms of odds; where all are equal, that, by the bit."""
    total = np.zeros_like(answers[0])
    for answer in answers:
        total += odds_of_alpha(answer)
    mean = 1 / (1 + np.exp(-total / np.float32(len(answers))))
    alike = np.all([answer == answers[0] for answer in answers[1:]], axis=0)
    return np.asarray(np.where(alike, answers[0], mean), np.float32)


def drawn(marked: Marked, box: Box, size: Size) -> tuple[Mask, Mask]:
    """Return where marks are in a view: their own pixels, and points as disks.

    Parameters
    ----------
    marked : Marked
    box : Box
        The part of the photo that the view shows.
    size : Size
        Of the view.
    """
    exact = np.zeros((size.height, size.width), np.bool_)
    for stroke in marked.strokes:
        exact |= stroke.cells(box, size)
    disks = exact.copy()
    radius = _RADIUS * max(size)
    reach = int(radius)
    dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disk = dx * dx + dy * dy <= radius * radius
    fx, fy = size.width / box.width, size.height / box.height
    for column, row in marked.points:
        if not (box.left <= column < box.right and box.top <= row < box.bottom):
            continue
        x = min(int((column - box.left + 0.5) * fx), size.width - 1)
        y = min(int((row - box.top + 0.5) * fy), size.height - 1)
        exact[y, x] = True
        part = Box(x - reach, y - reach, x + reach + 1, y + reach + 1)
        inside = part.intersection(size.box)
        disks[inside.slices] |= disk[inside.moved(-part.left, -part.top).slices]
    return exact, disks


def unheeded(marks: Mask, alpha: Floats, value: float) -> Mask:
    """Return those marks that alpha does not follow, but for what lies across its edge.

    Parameters
    ----------
    marks : (h, w) ndarray of bool
    alpha : (h, w) ndarray of float32 in [0, 1]
    value : float
        What alpha should be there.
    """
    labels, count = label(marks)
    wrong = np.bincount(labels[np.abs(alpha - value) > 0.5], minlength=count + 1)
    chosen = wrong > _UNHEEDED * np.bincount(labels.ravel(), minlength=count + 1)
    chosen[0] = False
    return np.asarray(chosen[labels])
