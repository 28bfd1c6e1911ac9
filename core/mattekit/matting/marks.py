"""What a corrector sees, and what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Corrector", "View"]

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


class View(NamedTuple):
    """What a corrector sees.

    Attributes
    ----------
    image : (3, h, w) ndarray of float32 in [0, 1]
        The picture's colours.
    alpha : (h, w) ndarray of float32 in [0, 1]
        The last matte.
    keep, remove : (h, w) ndarray of bool
        Marks; points are disks.
    """

    image: Floats
    alpha: Floats
    keep: Mask
    remove: Mask


#: What marks mean: a view's alpha.
Corrector: TypeAlias = Callable[[View], Floats]
