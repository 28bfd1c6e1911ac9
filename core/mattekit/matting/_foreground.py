"""Colours of the subject where it is mixed with the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mattekit import kernels
from mattekit.imaging.resize import block_share
from mattekit.imaging.samples import Levels, Pixels, opaque, strips
from mattekit.matting.planes import as_planes, sample_positions
from mattekit.threads import for_each

__all__ = ["foreground", "small_colors", "small_step"]

Planes = NDArray[np.float32]

#: Pixels of the largest picture for which colours are estimated pixel by pixel.
_AREA: Final = 200_000
#: Samples among which something soft is looked for at once: there nearly always is.
_LOOK: Final = 1 << 14
#: Steps at each size.
_STEPS: Final = 2
#: How much neighbours of equal alpha must resemble each other, against 1 for the picture itself.
_SMOOTH: Final = 1e-5
#: How much a pixel must resemble what a smaller size says about it.
_INHERIT: Final = 1e-2
#: How much is believed of a colour that cannot be seen at all.
_HIDDEN: Final = 3e-3


def quantize(alpha: Levels, dtype: DTypeLike) -> NDArray[Any]:
    """Return alpha in [0, 1] as integers, 1 becoming the largest value of `dtype`.

    What has that dtype is returned as it is.
    """
    if alpha.dtype == dtype:
        return alpha
    result: Pixels = np.empty(alpha.shape, dtype)
    name, top = "quantize_8" if dtype == np.uint8 else "quantize_16", opaque(result)

    def fill(part: slice) -> None:
        height, width = alpha[part].shape
        kernels.call(name, *kernels.rows(alpha[part]), height, width, top, result[part])

    for_each(fill, list(strips(alpha.shape, kernels.STRIP)))
    return result


def small_colors(color: Pixels) -> Planes:
    """Return a picture at the size at which `foreground` estimates its colours, ``(3, h, w)``."""
    return as_planes(color, small_step(color.shape[0] * color.shape[1]))


def small_step(area: int) -> int:
    """Return the side of the blocks of so many pixels' picture whose means `small_colors` are."""
    step = 1
    while area > _AREA * step * step:
        step += 1
    return step


def foreground(
    color: Pixels,
    alpha: Levels,
    *,
    small: Callable[[], Planes] | None = None,
    in_place: bool = False,
) -> Pixels:
    """Estimate the subject's own colours where background shines through.

    Parameters
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
        The picture.
    alpha : (H, W) ndarray of float32 in [0, 1], or of the same dtype
    small : callable, optional
        Returns `small_colors` of the picture, where somebody has begun with them already.
    in_place : bool
        Whether `color` itself may become the result, where it can be written to.

    Returns
    -------
    (H, W, 3) ndarray of the same dtype
        Differs from `color` only where alpha, at the depth of the picture, is neither 0 nor 1;
        `color` itself where that is nowhere.

    Notes
    -----
    Both colours are estimated at a small size, near what is soft, as they would be for the whole
    picture. At full size the two are interpolated, and each soft pixel moves them by the least that
    explains its own colour.

    References
    ----------
    Germer, Uelwer, Conrad, Harmeling, "Fast Multi-Level Foreground Estimation", 2020,
    doi:10.1109/ICPR48806.2021.9411978.
    """
    top = int(np.iinfo(color.dtype).max)
    if not _any_soft(alpha, top):
        return color
    factor = small_step(alpha.size)
    coarse = _estimated(small_colors(color) if small is None else small(), alpha, factor)
    small_height, small_width = coarse.shape[1:]
    height, width = alpha.shape
    rows, down = sample_positions(0, height / factor, height, small_height)
    columns, across = sample_positions(0, width / factor, width, small_width)
    result: Pixels = color if in_place and color.flags.writeable else color.copy()

    def fill(part: slice) -> None:
        kernels.call(
            "free_colors",
            *kernels.rows(color[part]),
            color.itemsize,
            *kernels.rows(alpha[part]),
            alpha.itemsize,
            part.stop - part.start,
            width,
            coarse,
            small_height,
            small_width,
            rows[part],
            down[part],
            columns,
            across,
            top,
            np.empty(6 * (small_width + 1) + width, np.float32),
            *kernels.rows(result[part]),
        )

    for_each(fill, list(strips(alpha.shape, kernels.STRIP)))
    return result


def _any_soft(alpha: Levels, top: int) -> bool:
    """Whether anything is neither 0 nor 1 at a depth."""
    least = np.float32(0.499 / top) if alpha.dtype == np.float32 else alpha.dtype.type(0)
    most = opaque(alpha) - least
    for rows in strips(alpha.shape, _LOOK):
        part = alpha[rows]
        if ((part > least) & (part < most)).any():
            return True
    return False


def _estimated(image: Planes, alpha: Levels, factor: int) -> Planes:
    """Return foreground and background, ``(6, h, w)``, at a fraction of the size.

    `image` holds the colours at that size.

    Only where alpha is soft, and beside that, are they anything: that is all that is asked for.
    From one pixel to ever larger sizes each pixel's two colours minimise the squared error of their
    mixture plus the squared differences from their neighbours. These count the more, the more alpha
    changes between the two, and the more of the colour is seen in the neighbour: what is said of a
    subject's colour where there is nearly none of it counts little.
    """
    small = block_share(alpha, factor)
    height, width = small.shape
    # Means of 16 bits may hide what is soft: it must not meet what lay in memory.
    result = np.zeros((6, height, width), np.float32)
    tall, wide, smaller = height, width, 0
    while max(tall, wide) > 1:
        tall, wide = (tall + 1) // 2, (wide + 1) // 2
        smaller += tall * wide
    room = 6 * small.size + 10 * width + 4 * smaller
    room += ((_STEPS + 2) * small.size + smaller) // 4 + 1
    with kernels.room(room) as memory:
        kernels.call(
            "estimate_colors",
            image,
            small,
            height,
            width,
            _STEPS,
            _SMOOTH,
            _INHERIT,
            _HIDDEN,
            memory,
            result,
        )
    return result
