"""Decisions about alpha that users ask for once it has its full size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mattekit.matting.opaque import fill_semitransparent
from mattekit.matting.small_parts import remove_small_holes, remove_small_objects
from mattekit.options import Options

__all__ = ["clean"]


def clean(alpha: NDArray[np.float32], options: Options) -> NDArray[np.float32]:
    """Return alpha as the options want it.

    Parameters
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1]
    options : Options
        `semitransparency`, `specks`, `holes` and, where it keeps everything, `enclosed` count
        here.
    """
    holes = 100 if options.enclosed == "keep" else options.holes
    alpha = remove_small_holes(remove_small_objects(alpha, options.specks), holes)
    return alpha if options.semitransparency else fill_semitransparent(alpha)
