"""EXIF orientation of arrays."""

from __future__ import annotations

import numpy as np

from mattekit.imaging.samples import Pixels

__all__ = ["upright"]

#: Rows and columns are exchanged in bands so that both sides of the copy stay in the cache.
_BAND = 64


def upright(array: Pixels, orientation: int) -> Pixels:
    """Return a picture as it should be seen.

    Parameters
    ----------
    array : (H, W, ...) ndarray
        As stored in the file.
    orientation : int
        Value of the EXIF tag 0x0112, 1..8; anything else counts as 1.

    Returns
    -------
    (H, W, ...) or (W, H, ...) ndarray
        C-contiguous; `array` itself where nothing changes.

    References
    ----------
    .. [1] CIPA DC-008-2023, Exchangeable image file format (Exif 3.0), 4.6.5.1.6.
    """
    if orientation not in range(2, 9):
        return array
    view: Pixels = array.swapaxes(0, 1) if orientation >= 5 else array
    if orientation in {3, 4, 7, 8}:
        view = view[::-1]
    if orientation in {2, 3, 6, 7}:
        view = view[:, ::-1]
    result: Pixels = np.empty(view.shape, view.dtype)
    for top in range(0, view.shape[0], _BAND):
        for left in range(0, view.shape[1], _BAND) if orientation >= 5 else (0,):
            tile = np.s_[top : top + _BAND, left : left + _BAND if orientation >= 5 else None]
            result[tile] = view[tile]
    return result
