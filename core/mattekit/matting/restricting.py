"""A kind of subject that was asked for: what is of another kind is background."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box, Length, Region
from mattekit.imaging.labels import label
from mattekit.matting._segment import segment
from mattekit.matting.matte import Matte
from mattekit.photo import Photo
from mattekit.runtime.session import Session

__all__ = ["restrict"]

#: Alpha from which on a pixel belongs to a part, and a subject is there at all.
_VISIBLE: Final = 0.02
_SOLID: Final = 0.5
#: Parts of less than this share of the subject are not looked at: they go with the nearest that is.
_LEAST_PART: Final = 0.03
#: At most so many parts are looked at, the largest ones.
_MOST_PARTS: Final = 8
#: From which probability on a part is of a kind, and below which it is not.
_SURE: Final = 0.5
_UNLIKELY: Final = 0.1
#: How sure a network must be of another kind where nothing is of the one that was asked for.
_CONFIDENT: Final = 0.7
#: What one network calls by either name, another by the other one.
_ALIKE: Final = {
    "car": ("car", "transportation"),
    "transportation": ("transportation", "car"),
    "product": ("product", "other"),
    "other": ("other", "product"),
}

Scores = Mapping[str, float]


def restrict(photo: Photo, matte: Matte, session: Session, kind: str) -> Matte:
    """Keep what is of a kind.

    A network names one kind for all that it sees. Where the subject has several parts that do not
    touch, it looks at each of them alone. Parts of another kind become background where another
    part is of the kind that was asked for, or the network is certain of the other one. What it
    calls ``"other"`` may be anything, and stays where nothing better is there.

    Parameters
    ----------
    photo : Photo
    matte : Matte
        Of this photo.
    session : Session
        The network that made it.
    kind : str
        ``"auto"`` keeps everything.

    Returns
    -------
    Matte
        The same where its network tells no such kinds apart. Nothing is found, and `Matte.roi` is
        empty, where all is of another kind.
    """
    if kind == "auto" or not any(name in matte.kind_scores for name in _names(kind)):
        return matte
    labels, boxes = _parts(matte)
    scores: dict[int, Scores] = {0: matte.kind_scores}
    if len(boxes) > 1:
        scores = {
            part: segment(photo, session, roi=_region(_in_photo(box, matte))).kind_scores
            for part, box in boxes.items()
        }
    kept = _kept(scores, kind)
    if not kept:
        nothing = np.zeros_like(matte.alpha)
        empty = Box(matte.box.left, matte.box.top, matte.box.left, matte.box.top)
        return dataclasses.replace(matte, alpha=nothing, found=False, roi=empty)
    if len(kept) == len(scores):
        return matte
    alpha = np.where(_belonging(labels, boxes, kept), matte.alpha, np.float32(0))
    return dataclasses.replace(matte, alpha=alpha)


def _names(kind: str) -> tuple[str, ...]:
    return _ALIKE.get(kind, (kind,))


def _kept(scores: Mapping[int, Scores], kind: str) -> set[int]:
    """Return the parts that stay."""
    own = {part: sum(each.get(name, 0) for name in _names(kind)) for part, each in scores.items()}
    if any(share >= _SURE for share in own.values()):
        return {part for part, share in own.items() if share >= _UNLIKELY}

    def certainly_another(part: int) -> bool:
        named = [score for name, score in scores[part].items() if name != "other"]
        return own[part] < _UNLIKELY and max(named, default=0) >= _CONFIDENT

    kept = {part for part in own if not certainly_another(part)}
    # No network here knows products: they are what has no name, but a dressed person may be one.
    return kept or (set(own) if kind in {"product", "other"} else kept)


def _parts(matte: Matte) -> tuple[NDArray[np.intp], dict[int, Box]]:
    """Return the labels of all parts, and the boxes of the large ones, by label."""
    labels, count = label(matte.alpha > _VISIBLE)
    area = np.bincount(labels[matte.alpha >= _SOLID], minlength=count + 1)
    area[0] = 0
    largest = np.argsort(area)[::-1][:_MOST_PARTS]
    boxes = {}
    for part in largest.tolist():
        if area[part] and area[part] >= _LEAST_PART * area.sum():
            rows, columns = np.nonzero(labels == part)
            box = Box(
                int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
            )
            if not _in_photo(box, matte).empty:
                boxes[part] = box
    return labels, boxes


def _in_photo(box: Box, matte: Matte) -> Box:
    """Return where a box of the matte's pixels lies in the photo, as far as the roi reaches."""
    width, height = matte.size
    x_scale, y_scale = matte.box.width / width, matte.box.height / height
    return Box.covering(
        matte.box.left + box.left * x_scale,
        matte.box.top + box.top * y_scale,
        matte.box.left + box.right * x_scale,
        matte.box.top + box.bottom * y_scale,
    ).intersection(matte.roi)


def _region(box: Box) -> Region:
    return Region(*(Length(edge, "px") for edge in box))


def _belonging(
    labels: NDArray[np.intp], boxes: Mapping[int, Box], kept: set[int]
) -> NDArray[np.bool_]:
    """Return what belongs to the parts that stay; small parts go with the nearest large one."""
    stays = np.zeros(int(labels.max()) + 1, np.bool_)
    for part in range(1, len(stays)):
        nearest = part
        if part not in boxes:
            rows, columns = np.nonzero(labels == part)
            x, y = float(columns.mean()), float(rows.mean())
            nearest = min(boxes, key=lambda each: _distance(boxes[each], x, y))
        stays[part] = nearest in kept
    result: NDArray[np.bool_] = stays[labels]
    return result


def _distance(box: Box, x: float, y: float) -> float:
    dx = max(box.left - x, 0, x - box.right)
    dy = max(box.top - y, 0, y - box.bottom)
    return dx * dx + dy * dy
