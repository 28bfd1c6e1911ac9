"""Decisions about alpha that users ask for once it has its full size."""

from __future__ import annotations

from mattekit.imaging.samples import Levels
from mattekit.matting.opaque import fill_semitransparent
from mattekit.matting.small_parts import remove_small_holes, remove_small_objects
from mattekit.options import Options

__all__ = ["clean"]


def clean(alpha: Levels, options: Options) -> Levels:
    """Return alpha as the options want it.

    Parameters
    ----------
    alpha : (H, W) ndarray of float32 in [0, 1], uint8 or uint16
    options : Options
        `semitransparency`, `specks`, `holes` and, where it keeps everything, `enclosed` count
        here.
    """
    holes = 100 if options.enclosed == "keep" else options.holes
    alpha = remove_small_holes(remove_small_objects(alpha, options.specks), holes)
    return alpha if options.semitransparency else fill_semitransparent(alpha)
