"""Looking twice: the network sees a small subject again, as large as it can.

A network takes in a few hundred pixels a side, however large the picture. A subject that fills a
tenth of it is seen with a tenth of them. Its own first answer says where to look again, and nothing
is lost by looking: the second answer counts only where it means the same subject.

Thresholds were chosen on pairs that no network was trained on (``docs/decisions.md``). The idea is
that of zoom-in in interactive segmentation, where clicks say where to look (Sofiiuk, Petrov and
Konushin, arXiv:2102.06583).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Size
from mattekit.imaging.labels import components
from mattekit.imaging.morphology import dilation
from mattekit.imaging.resize import downsample
from mattekit.matting._odds import agreement, alpha_of_odds, odds_of_alpha
from mattekit.matting._segment import segment_box
from mattekit.matting.calibration import confidence
from mattekit.matting.matte import Matte
from mattekit.matting.naming import kind_of, mixed_scores
from mattekit.matting.rescaling import overlay
from mattekit.photo import Photo
from mattekit.runtime.session import Session

__all__ = ["zoom_box", "zoom_in"]

Alpha = NDArray[np.float32]

#: Alpha from which on a pixel may belong to the subject, and from which on it does.
_POSSIBLE: Final = 0.15
_FIRM: Final = 0.5
#: Alpha up to which nothing is seen.
_VISIBLE: Final = 0.02
#: Parts below this share of the largest one do not say where to look again.
_MAIN: Final = 0.1
#: Parts below this share of the largest one are specks; see `subject_box`.
_PART: Final = 0.005
#: Context around the subject, as a share of its sides.
_CONTEXT: Final = 0.15
#: What covers this share of the first view is not seen better by looking again.
_WORTH: Final = 0.8
#: How much both answers must agree: their fuzzy intersection over union.
_AGREEMENT: Final = 0.6
#: Longer side of a matte that holds parts far outside the second view, in pixels.
_SIDE: Final = 1024


class _Parts(NamedTuple):
    """Where the first answer sees subjects, in pixels of the photo."""

    main: Box
    others: tuple[Box, ...]  # firm, and small beside it


def zoom_box(subject: Box, view: Box) -> Box:
    """Return what the network is shown again: the subject with some context.

    Parameters
    ----------
    subject : Box
        Around all large parts of the subject.
    view : Box
        What the network saw first; both in pixels of the photo.
    """
    across, down = round(subject.width * _CONTEXT), round(subject.height * _CONTEXT)
    return subject.padded(across, down, across, down).intersection(view)


def zoom_in(
    photo: Photo,
    session: Session,
    matte: Matte,
    choose: Callable[[Box, Box], Box] = zoom_box,
    *,
    seen: Alpha | None = None,
) -> Matte:
    """Let the network look again at a subject that it saw small.

    Parameters
    ----------
    photo : Photo
    session : Session
        The network that made `matte`.
    matte : Matte
        Of this photo, as `segment` returned it.
    choose : callable
        Which part is shown again; called as `zoom_box` is.
    seen : (h, w) ndarray of float32, optional
        The first answer itself, where parts of it were taken out of `matte`: they stay out.

    Returns
    -------
    Matte
        `matte` itself where nothing is found, where the subject is large already (from 80 % of the
        view on), and where the second answer means something else (an intersection over union below
        0.6). Otherwise one whose `box` is that of the second look and of whatever the first found
        elsewhere: there alpha is the first answer's, inside it is the mean of both in logarithms of
        odds, the second counting between 60 % (large subjects) and all (small ones). Of what kind
        the subject is, both looks say alike; whether it is found, and `roi`, the first alone.

    Raises
    ------
    ModelCardError
        The network answered with something that its card does not describe.
    """
    parts = _parts(matte) if matte.found else None
    if parts is None:
        return matte
    box = choose(parts.main, matte.box).intersection(matte.box)
    share = box.size.area / matte.box.size.area
    if share >= _WORTH:
        return matte
    second = segment_box(photo, session, box, matte.roi, rated=False)
    first, _ = overlay(matte.alpha, matte.box, box, second.size)
    again = second.alpha
    if seen is not None and seen is not matte.alpha:
        again = again * (1 - overlay(_left_out(seen, matte), matte.box, box, second.size)[0])
    if not second.found or agreement(first, again) < _AGREEMENT:
        return matte
    alpha = _mixed(first, again, 1 - share / 2)
    scores = mixed_scores(matte.kind_scores, second.kind_scores)
    closer = dataclasses.replace(
        matte,
        alpha=alpha,
        guide=second.guide,
        box=box,
        confidence=confidence(alpha, session.card.output.calibration, scores),
        kind=kind_of(scores),
        kind_scores=scores,
    )
    return _with_others(photo, closer, matte, parts.others)


def _parts(matte: Matte) -> _Parts | None:
    """Return where subjects are; None where there is none inside the roi."""
    left, top, right, bottom = matte.box
    width, height = matte.size
    fx, fy = (right - left) / width, (bottom - top) / height
    roi = matte.roi.moved(-left, -top)
    inside = Box.covering(roi.left / fx, roi.top / fy, roi.right / fx, roi.bottom / fy)
    possible = np.zeros(matte.alpha.shape, bool)
    possible[inside.slices] = matte.alpha[inside.slices] > _POSSIBLE
    found = components(possible)
    area = found.areas()
    if not area.any():
        return None
    edges = np.empty((4, found.count + 1))
    edges[:2], edges[2:] = np.inf, -np.inf
    np.minimum.at(edges[0], found.label, left + found.start * fx)
    np.minimum.at(edges[1], found.label, top + found.row * fy)
    np.maximum.at(edges[2], found.label, left + found.end * fx)
    np.maximum.at(edges[3], found.label, top + (found.row + 1) * fy)
    firm = found.sums(matte.alpha >= _FIRM) > 0

    def boxes(chosen: NDArray[np.bool_]) -> list[Box]:
        every = (Box.covering(*map(float, edges[:, each])) for each in np.flatnonzero(chosen))
        return [each.intersection(matte.roi) for each in every]

    large = area >= _MAIN * area.max()
    others = boxes(firm & ~large & (area >= _PART * area.max()))
    return _Parts(Box.around(boxes(large)), tuple(others))


def _left_out(seen: Alpha, matte: Matte) -> Alpha:
    """Return 1 where parts were taken out, and as far around them as they may be seen to reach."""
    out = dilation(seen - matte.alpha > _VISIBLE, 1) & (matte.alpha <= _VISIBLE)
    return out.astype(np.float32)


def _mixed(first: Alpha, second: Alpha, weight: float) -> Alpha:
    """Return the mean in logarithms of odds; where both are equal they are the mean, by the bit."""
    odds = weight * odds_of_alpha(second) + (1 - weight) * odds_of_alpha(first)
    return np.where(first == second, first, alpha_of_odds(odds))


def _with_others(photo: Photo, closer: Matte, first: Matte, others: tuple[Box, ...]) -> Matte:
    """Return the closer matte with what the first look found outside of it."""
    box = Box.around([closer.box, *others])
    if box == closer.box:
        return closer
    width, height = closer.size
    fx, fy = width / closer.box.width, height / closer.box.height
    longer = max(box.width * fx, box.height * fy)
    factor = min(1.0, max(_SIDE, width, height) / longer)
    size = Size(max(1, round(box.width * fx * factor)), max(1, round(box.height * fy * factor)))
    alpha = overlay(first.alpha, first.box, box, size)[0]
    part, cells = overlay(closer.alpha, closer.box, box, size)
    alpha = np.array(alpha)
    alpha[cells.slices] = part
    guide = downsample(photo.color, box, size)
    return dataclasses.replace(closer, alpha=alpha, guide=guide, box=box)
