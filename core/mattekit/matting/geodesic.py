"""What marks mean, from the picture's colours alone: which region was meant.

Every mark claims what is nearer to it than to anything that speaks against it, distances being
measured in the picture: a step costs little where colours stay and much where they change.

References
----------
Bai, Sapiro, "Geodesic Matting: A Framework for Fast Interactive Image and Video Segmentation and
Matting", 2009, doi:10.1007/s11263-008-0191-z.
Criminisi, Sharp, Blake, "GeoS: Geodesic Image Segmentation", 2008,
doi:10.1007/978-3-540-88682-2_9.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.imaging.labels import label
from mattekit.imaging.morphology import dilation
from mattekit.matting.guided import box_mean
from mattekit.matting.marks import Corrector, View, unheeded
from mattekit.matting.planes import as_planes
from mattekit.matting.sampling import nearest

__all__ = ["FLOOD", "SPARING", "distances", "flood"]

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: What a step costs where colours stay, a change of colour of 1 being 1, and what an edge of the
#: last matte costs.
_STEP: Final = 0.001
_EDGE: Final = 0.15
#: How far a matte's soft edge reaches, in cells.
_RIM: Final = 5
#: Rounds of sweeps: each lets a path turn twice.
_ROUNDS: Final = 8
#: How far from a mark the last matte speaks against it, as a share of the longer side.
_FAR: Final = 0.4
#: What is spared in any case lies farther away than this share of what lies farthest.
_SPARED: Final = 0.5


def flood(view: View, *, spare: bool = False) -> Floats:
    """Return the alpha of a view: the last matte, with the regions that marks lie in flipped.

    Parameters
    ----------
    view : View
    spare : bool
        Whether what lies farthest from the marks stays in any case, however alike it is.
    """
    image, alpha = as_planes(view.image), view.alpha
    costs = _costs(image, alpha)
    result = alpha.copy()
    for marks, other, value in ((view.keep, view.remove, 1.0), (view.remove, view.keep, 0.0)):
        wrong = unheeded(marks, alpha, value)
        if not wrong.any():
            continue
        agrees = np.abs(alpha - value) <= 0.5
        far = _FAR * max(alpha.shape)
        if spare:
            away = nearest(wrong)[0].reshape(wrong.shape)[~agrees]
            far = min(far, _SPARED * float(away.max(initial=0)))
        against = other | (~agrees & _anchors(alpha, wrong, value, far))
        mine = distances(wrong, *costs)
        theirs = distances(against, *costs) if against.any() else np.full_like(mine, np.inf)
        asked = _in_question(alpha, wrong, value)
        claimed = asked & (mine < theirs)
        # The soft edge of what is claimed goes with it, that of the rest stays.
        rim = dilation(claimed, _RIM) & agrees & ~dilation(asked & ~claimed, _RIM)
        result[claimed | rim] = value
    soft = box_mean(result, 1)
    near = np.abs(soft - result) > 0
    return np.where(near & (np.abs(result - alpha) > 0.02), soft, result)


def _in_question(alpha: Floats, marks: Mask, value: float) -> Mask:
    """Return the parts of what the last matte has otherwise in which marks lie."""
    labels, _ = label((np.abs(alpha - value) > 0.5) | marks)
    return np.isin(labels, np.unique(labels[marks]))


def _costs(image: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    """Return what steps down and steps to the right cost.

    What half of all steps have is texture and noise, and costs nothing.
    """
    image = box_mean(image, 1)
    steps = [np.abs(np.diff(image, axis=axis)).max(0) for axis in (1, 2)]
    noise = np.median(steps[0]) if steps[0].size else 0
    down, across = (np.maximum(each - noise, 0) + np.float32(_STEP) for each in steps)
    down += np.float32(_EDGE) * np.abs(np.diff(alpha, axis=0))
    across += np.float32(_EDGE) * np.abs(np.diff(alpha, axis=1))
    return down, across


def _anchors(alpha: Floats, marks: Mask, value: float, far: float) -> Mask:
    """Return where the last matte is believed although a mark contradicts it elsewhere."""
    distant = nearest(marks)[0].reshape(marks.shape) > far
    anchors: Mask = (np.abs(alpha - value) > 0.9) & distant
    return anchors


def distances(seeds: Mask, down: Floats, across: Floats) -> Floats:
    """Return the length of the shortest path along rows and columns to the nearest seed.

    Sweeps along whole rows and columns at once: on a line the shortest path to a place is the least
    of what each other place has plus the difference of their sums of costs.

    Parameters
    ----------
    seeds : (h, w) ndarray of bool
        At least one.
    down : (h - 1, w) ndarray of float32
        What each step from a row to the next one costs.
    across : (h, w - 1) ndarray of float32
        What each step from a column to the next one costs.
    """
    far = np.float32(1e6)
    result = np.where(seeds, np.float32(0), far)
    sums = []
    for axis, costs in ((0, down), (1, across)):
        edges = [(0, 0), (0, 0)]
        edges[axis] = (1, 0)
        sums.append(np.cumsum(np.pad(costs, edges), axis, dtype=np.float32))
    for _ in range(_ROUNDS):
        before = result
        for axis in (0, 1):
            total = sums[axis]
            forward = np.minimum.accumulate(result - total, axis) + total
            backward = np.minimum.accumulate(np.flip(result + total, axis), axis)
            result = np.minimum(forward, np.flip(backward, axis) - total)
        if np.abs(result - before).max() < 1e-4:
            break
    return result


#: Marks by the picture's colours alone; and as if they never meant all of a subject.
FLOOD: Final = Corrector(flood)
SPARING: Final = Corrector(functools.partial(flood, spare=True))
