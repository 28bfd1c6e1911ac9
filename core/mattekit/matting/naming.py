"""What a subject is called: what a network takes it for, seen once or several times."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

from mattekit.matting.matte import Matte

__all__ = ["kind_of", "mixed_scores", "named"]

#: Kinds less probable than this are "other".
_LEAST: Final = 0.5


def kind_of(scores: Mapping[str, float]) -> str:
    """Return the most probable kind of subject, ``"other"`` where unsure or none is told."""
    best = max(scores, key=lambda name: scores[name], default="other")
    return best if scores.get(best, 0.0) >= _LEAST else "other"


def mixed_scores(
    one: Mapping[str, float], other: Mapping[str, float], weight: float = 0.5
) -> dict[str, float]:
    """Return the mean probability of each kind over two looks at a subject.

    Parameters
    ----------
    one, other : mapping of str to float
        Probability of each kind; of networks that tell different kinds only the first counts.
    weight : float
        How much the other counts, 0 to 1.
    """
    if one.keys() != other.keys():
        return dict(one)
    return {name: score + weight * (other[name] - score) for name, score in one.items()}


def named(matte: Matte, kind: str) -> Matte:
    """Return a matte under the name that was asked for.

    The network's stays with ``"auto"``, and where nothing was found.
    """
    asked = kind != "auto" and matte.found
    return dataclasses.replace(matte, kind=kind) if asked else matte
