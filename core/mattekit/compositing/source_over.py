"""Source-over, and the backgrounds that it is used with.

Notes
-----
The subject F with alpha a over the background B with alpha b gives, after Porter and Duff,
"Compositing Digital Images", 1984, doi:10.1145/800031.808606::

    alpha = a + b (1 - a)
    color = (a F + (1 - a) b B) / alpha

on encoded (gamma) values, which is what the recorded answers of the remove.bg API hold, what
browsers and editors do, and what the straight colours of a PNG imply. Only scaling is done in
linear light.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mattekit.cutout import Cutout
from mattekit.geometry import Placement, Size
from mattekit.grammar import ColorValue
from mattekit.imaging.color import convert, convert_color
from mattekit.imaging.samples import Pixels, as_depth, strips
from mattekit.photo import Photo
from mattekit.resampling import resample

__all__ = ["over", "over_color", "over_picture"]


def over(
    cutout: Cutout, color: tuple[int, int, int] | Pixels, alpha: int | Pixels | None
) -> Cutout:
    """Put something behind a cut-out.

    Parameters
    ----------
    cutout : Cutout
    color : tuple of int, or (H, W, 3) ndarray
        Straight colours at the depth of the cut-out.
    alpha : int, (H, W) ndarray, or None
        Straight alpha at the same depth; None is opaque.

    Returns
    -------
    Cutout
        Opaque pixels of the subject keep their value to the bit, and so do pixels of the background
        where the subject is absent. Where both are absent the cut-out's hidden colours stay.
    """
    opaque = cutout.opaque
    dtype = cutout.color.dtype
    new_color = cutout.color.copy()
    new_alpha = cutout.alpha.copy()
    back_color = np.asarray(color, dtype)
    back_alpha = np.asarray(opaque if alpha is None else alpha, dtype)
    for rows in strips(cutout.color.shape):
        front: Any = cutout.alpha[rows]
        behind: Any = back_alpha if back_alpha.ndim == 0 else back_alpha[rows]
        if not behind.any():
            continue
        shade: Any = back_color if back_color.ndim == 1 else back_color[rows]
        only_back = (front == 0) & (behind > 0)
        np.copyto(new_alpha[rows], behind, where=only_back)
        for channel in range(3):
            np.copyto(new_color[rows][..., channel], shade[..., channel], where=only_back)
        at = np.nonzero((front > 0) & (front < opaque) & (behind > 0))
        if at[0].size:
            new_color[rows][at], new_alpha[rows][at] = _mixed(
                cutout.color[rows][at],
                front[at],
                shade if shade.ndim == 1 else shade[at],
                behind if behind.ndim == 0 else behind[at],
                opaque,
            )
    return cutout.replace(color=new_color, alpha=new_alpha)


def over_color(cutout: Cutout, color: ColorValue) -> Cutout:
    """Put a cut-out on a colour, which is sRGB and converted to the cut-out's profile."""
    red, green, blue = convert_color(color[:3], cutout.metadata.icc_profile)
    step = cutout.opaque // 255
    return over(cutout, (red * step, green * step, blue * step), color.alpha * step)


def over_picture(cutout: Cutout, picture: Photo) -> Cutout:
    """Put a cut-out on a picture, centred and scaled to cover the canvas.

    The picture's colours are converted to the cut-out's profile; its transparency is kept. One that
    has the size of the canvas is used pixel by pixel.
    """
    color, alpha = resample(picture.color, picture.alpha, cover(picture.size, cutout.size))
    color = convert(color, picture.metadata.icc_profile, cutout.metadata.icc_profile)
    dtype = cutout.color.dtype
    return over(cutout, as_depth(color, dtype), None if alpha is None else as_depth(alpha, dtype))


def cover(picture: Size, canvas: Size) -> Placement:
    """Return the placement that centres a picture so that it covers a canvas, proportions kept."""
    factor = max(canvas.width / picture.width, canvas.height / picture.height)
    dx, dy = (
        (canvas.width - picture.width * factor) / 2,
        (canvas.height - picture.height * factor) / 2,
    )
    if factor == 1:  # whole pixels are copied rather than resampled
        dx, dy = float(np.floor(dx)), float(np.floor(dy))
    return Placement(canvas, picture.box, factor, factor, dx, dy, picture)


def _mixed(
    front: Pixels, front_alpha: Pixels, back: Pixels, back_alpha: Pixels, opaque: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    a = front_alpha.astype(np.float32) / np.float32(opaque)
    b = back_alpha.astype(np.float32) / np.float32(opaque) * (1 - a)
    total = a + b
    share = (a / total)[:, None]
    color = front * share + back * (1 - share)
    return np.floor(color + np.float32(0.5)), np.floor(total * opaque + np.float32(0.5))
