"""How a small picture moved since the one before it.

Displacements are estimated by the method of Lucas and Kanade, iterated from coarse to fine. All is
done at a size of about a hundred pixels, where it costs a few milliseconds; that is fine enough to
bring one frame's matte over the next.

References
----------
Bouguet, "Pyramidal implementation of the affine Lucas Kanade feature tracker", Intel, 2001.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mattekit.geometry import Size
from mattekit.imaging.resize import resize_plane
from mattekit.matting.guided import box_mean

__all__ = ["optical_flow", "warp"]

Plane = NDArray[np.float32]

#: Longer side at which motion is estimated.
_SIDE: Final = 80
#: Half the window's side, in pixels of each level.
_RADIUS: Final = 4
_ITERATIONS: Final = 2
#: Gradients below this energy (in grey levels squared) say nothing about motion.
_FLOOR: Final = 4.0
#: Smallest side of a level of the pyramid.
_LEAST: Final = 12


def optical_flow(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> Plane:
    """Return where each pixel of `now` was in `before`.

    Parameters
    ----------
    before, now : (h, w, 3) ndarray of uint8
        Two frames of one size.

    Returns
    -------
    (2, h, w) ndarray of float32
        What to add to x and to y, in pixels, to find the same thing in `before`.
    """
    height, width = now.shape[:2]
    size = Size(width, height)
    ratio = min(1.0, _SIDE / max(size))
    levels = [_gray(frame, size.scaled(ratio)) for frame in (before, now)]
    pyramid = [(levels[0], levels[1])]
    while min(pyramid[-1][0].shape) >= 2 * _LEAST:
        pyramid.append((_downsampled(pyramid[-1][0]), _downsampled(pyramid[-1][1])))
    flow = np.zeros((2, *pyramid[-1][0].shape), np.float32)
    for first, second in reversed(pyramid):
        flow = _resized(flow, Size(first.shape[1], first.shape[0]))
        flow = _improved(flow, first, second)
    return _resized(flow, size)


def warp(planes: Plane, flow: Plane) -> Plane:
    """Return planes as seen through an optical flow, bilinearly; edges are continued.

    Parameters
    ----------
    planes : (..., h, w) ndarray of float32
    flow : (2, h, w) ndarray of float32
        As `optical_flow` returns it.
    """
    height, width = flow.shape[1:]
    y, x = np.indices((height, width), np.float32)
    x = np.clip(x + flow[0], 0, width - 1)
    y = np.clip(y + flow[1], 0, height - 1)
    left, top = x.astype(np.int32), y.astype(np.int32)
    fx, fy = (x - left).reshape(-1, 1), (y - top).reshape(-1, 1)
    corner = (top * width + left).ravel()
    right = np.where(left < width - 1, 1, 0).ravel()
    below = np.where(top < height - 1, width, 0).ravel()
    # All planes of a pixel lie side by side, so that each is fetched once.
    pixels = np.ascontiguousarray(planes.reshape(-1, height * width).T)
    upper = pixels.take(corner, 0)
    upper += fx * (pixels.take(corner + right, 0) - upper)
    corner += below
    lower = pixels.take(corner, 0)
    lower += fx * (pixels.take(corner + right, 0) - lower)
    upper += fy * (lower - upper)
    return np.ascontiguousarray(upper.T).reshape(planes.shape)


def _gray(frame: NDArray[np.uint8], size: Size) -> Plane:
    image = Image.fromarray(np.ascontiguousarray(frame)).convert("L")
    small = image.resize(size, Image.Resampling.BOX if size < image.size else None)
    return box_mean(np.asarray(small, np.float32), 1)


def _downsampled(plane: Plane) -> Plane:
    height, width = plane.shape
    return resize_plane(plane, Size((width + 1) // 2, (height + 1) // 2))


def _resized(flow: Plane, size: Size) -> Plane:
    height, width = flow.shape[1:]
    if (width, height) == size:
        return flow
    return np.stack(
        [
            resize_plane(flow[0], size) * np.float32(size.width / width),
            resize_plane(flow[1], size) * np.float32(size.height / height),
        ]
    )


def _improved(flow: Plane, before: Plane, now: Plane) -> Plane:
    gy, gx = np.gradient(now)
    sums = box_mean(np.stack([gx * gx, gx * gy, gy * gy]).astype(np.float32), _RADIUS)
    xx, xy, yy = sums[0] + _FLOOR, sums[1], sums[2] + _FLOOR
    determinant = xx * yy - xy * xy
    for _ in range(_ITERATIONS):
        error = now - warp(before, flow)
        bx, by = box_mean(np.stack([gx * error, gy * error]).astype(np.float32), _RADIUS)
        step = np.stack([yy * bx - xy * by, xx * by - xy * bx]) / determinant
        flow = flow + np.clip(step, -1, 1)
        # A window without structure takes the motion of its surroundings.
        flow = box_mean(flow.astype(np.float32), _RADIUS // 2)
    return flow
