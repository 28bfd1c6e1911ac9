"""Spoilt masks: what somebody's mask, or an automatic one, gets wrong.

(The idea is FocalClick's: Chen et al. 2022, arXiv:2204.02574.)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

Rng = np.random.Generator
F32 = npt.NDArray[np.float32]


def _box_side(mask: F32) -> float:
    rows, cols = np.flatnonzero((mask > 0.5).any(1)), np.flatnonzero((mask > 0.5).any(0))
    if not len(rows):
        return 1.0
    return float(np.hypot(rows[-1] - rows[0] + 1, cols[-1] - cols[0] + 1)) / 2**0.5


def _resized(mask: F32, size: tuple[int, int], how: Image.Resampling) -> F32:
    return np.asarray(Image.fromarray(mask).resize(size, how))


def _noise(shape: tuple[int, ...], cells: int, rng: Rng) -> F32:
    grid = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    return _resized(grid, (shape[1], shape[0]), Image.Resampling.BICUBIC)


def _depth(region: npt.NDArray[np.bool_]) -> F32:
    """Distance of each place of a region from outside of it; the picture's border is none."""
    if region.all():
        return np.full(region.shape, np.inf, np.float32)
    return np.asarray(ndimage.distance_transform_edt(region), np.float32)


def offset(mask: F32, by: float) -> F32:
    """Return the mask grown by ``by`` pixels (shrunk where negative), with a hard edge."""
    inside = mask > 0.5
    if by >= 0:
        return (_depth(~inside) <= by).astype(np.float32) if by else inside.astype(np.float32)
    return (_depth(inside) > -by).astype(np.float32)


def edge_moved(mask: F32, rng: Rng) -> F32:
    """Grow or shrink by up to 5 % of the box."""
    return offset(mask, _box_side(mask) * rng.uniform(0.004, 0.05) * rng.choice((-1, 1)))


def edge_wavy(mask: F32, rng: Rng) -> F32:
    """Move the edge by a different amount everywhere: drawn by an unsteady hand."""
    inside = mask > 0.5
    if inside.all() or not inside.any():
        return mask
    signed = _depth(inside) - _depth(~inside)
    far = _box_side(mask) * rng.uniform(0.01, 0.06)
    wave = _noise(mask.shape, int(rng.integers(5, 33)), rng)
    return (signed > far * wave).astype(np.float32)


def blocky(mask: F32, rng: Rng) -> F32:
    """Resample from a few pixels: a mask made at a small size."""
    cell = max(2.0, _box_side(mask) * rng.uniform(0.01, 0.08))
    w, h = (max(4, round(n / cell)) for n in mask.shape[::-1])
    small = _resized(mask, (w, h), Image.Resampling.BOX)
    if rng.random() < 0.6:
        small = (small > 0.5).astype(np.float32)
    how = Image.Resampling.NEAREST if rng.random() < 0.6 else Image.Resampling.BILINEAR
    return _resized(small, mask.shape[::-1], how)


def noisy(mask: F32, rng: Rng) -> F32:
    """Flip single pixels near the edge, or speckle everything."""
    share = rng.uniform(0.02, 0.3)
    flip = rng.random(mask.shape) < share
    if rng.random() < 0.7:
        inside = mask > 0.5
        near = np.maximum(_depth(inside), _depth(~inside)) <= _box_side(mask) * 0.04
        flip &= near
    else:
        flip &= rng.random(mask.shape) < 0.3
    hard = (mask > 0.5).astype(np.float32)
    return np.where(flip, 1 - hard, hard).astype(np.float32)


def blurred(mask: F32, rng: Rng) -> F32:
    """Blur, as feathering does."""
    sigma = _box_side(mask) * rng.uniform(0.005, 0.04)
    return np.asarray(ndimage.gaussian_filter(mask, sigma, truncate=2.5), np.float32)


def shifted(mask: F32, rng: Rng) -> F32:
    """Move the whole mask a little."""
    far = _box_side(mask) * 0.05
    dy, dx = (int(v) for v in np.rint(rng.uniform(-far, far, 2)))
    return np.roll(mask, (dy, dx), (0, 1))


def parts_lost(mask: F32, rng: Rng) -> F32:
    """Lose parts, or gain others beside it: blobs of the subject's own scale."""
    out = mask.copy()
    yy, xx = np.ogrid[: mask.shape[0], : mask.shape[1]]
    side = _box_side(mask)
    near = np.flatnonzero(offset(mask, side * 0.1) > 0.5)
    for _ in range(int(rng.integers(1, 4))):
        if not len(near):
            break
        y, x = np.unravel_index(int(rng.choice(near)), mask.shape)
        ry, rx = side * rng.uniform(0.05, 0.3, 2)
        blob = ((yy - y) / ry) ** 2 + ((xx - x) / rx) ** 2
        if rng.random() < 0.5:
            blob = blob + 0.4 * _noise(mask.shape, 9, rng)
        out = np.where(blob < 1, np.float32(rng.random() < 0.35), out)
    return out.astype(np.float32)


def polygonal(mask: F32, rng: Rng) -> F32:
    """Round corners and lose thin parts: opened and closed at a coarse scale."""
    r = _box_side(mask) * rng.uniform(0.01, 0.04)
    first = 1 if rng.random() < 0.5 else -1
    out = offset(mask, r * first)
    return offset(offset(out, -2 * r * first), r * first) if out.any() else mask


Spoil = Callable[[F32, Rng], F32]

WAYS: tuple[tuple[Spoil, float], ...] = (
    (edge_moved, 0.25),
    (edge_wavy, 0.15),
    (blocky, 0.17),
    (noisy, 0.1),
    (blurred, 0.1),
    (shifted, 0.05),
    (parts_lost, 0.2),
    (polygonal, 0.06),
)
"""What may happen to a mask, and how often."""


def spoil(mask: F32, rng: Rng) -> F32:
    """Return the mask (S x S, 0..1) with one fault, at times two."""
    ways, shares = zip(*WAYS, strict=True)
    share = np.array(shares) / sum(shares)
    for i in rng.choice(len(ways), 2 if rng.random() < 0.3 else 1, replace=False, p=share):
        mask = ways[i](mask, rng)
    return mask
