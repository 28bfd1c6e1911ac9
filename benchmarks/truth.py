"""Pictures with known alpha, and the errors that matting papers report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

__all__ = ["Errors", "Truth", "band", "errors", "gradient", "read", "synthetic_disc"]

Plane = NDArray[np.float32]


class Truth(NamedTuple):
    """One picture of the data folder."""

    name: str
    image: Path
    alpha: Path
    trimap: Path | None
    kind: str  # "alpha" or "mask"


class Errors(NamedTuple):
    """How far alpha is from the truth."""

    iou: float  # of what is at least half opaque
    mae: float
    mse: float
    sad: float  # thousands
    band_mse: float
    band_gradient: float  # mean square difference of gradient magnitudes, times 1000


def read(folder: Path) -> list[Truth]:
    """Return the pictures of a folder whose manifest names ground truth.

    The folder holds ``manifest.json`` with ``images``: a list of objects with ``id``, ``file``,
    ``gt_file``, ``gt_kind`` and, where there is one, ``trimap_file``.
    """
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found = []
    for entry in manifest["images"]:
        if not entry.get("gt_file"):
            continue
        trimap = entry.get("trimap_file")
        kind = "alpha" if entry["gt_kind"] == "alpha" else "mask"
        paths = folder / entry["file"], folder / entry["gt_file"]
        found.append(Truth(entry["id"], *paths, folder / trimap if trimap else None, kind))
    return found


def plane(path: Path) -> Plane:
    """Return a grey picture as alpha."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"), np.float32) / np.float32(255)


def gradient(alpha: Plane, sigma: float = 1.4) -> Plane:
    """Return the magnitude of the gradient of Gaussian derivatives, as alphamatting.com does."""
    reach = round(3 * sigma)
    x = np.arange(-reach, reach + 1, dtype=np.float32)
    smooth = np.exp(-x * x / (2 * sigma * sigma))
    smooth /= smooth.sum()
    slope = -x / (sigma * sigma) * smooth

    def along(planes: Plane, kernel: NDArray[np.float32], axis: int) -> Plane:
        edges = [(0, 0), (0, 0)]
        edges[axis] = (reach, reach)
        padded = np.pad(planes, edges, "edge")
        length = planes.shape[axis]
        parts = (
            np.take(padded, range(start, start + length), axis) * weight
            for start, weight in enumerate(kernel)
        )
        return np.asarray(sum(parts), np.float32)

    across = along(along(alpha, slope, 1), smooth, 0)
    down = along(along(alpha, slope, 0), smooth, 1)
    return np.hypot(across, down)


def band(alpha: Plane) -> NDArray[np.bool_]:
    """Return what is near the true edge: soft pixels and outlines, and 1 % of the longer side."""
    soft = (alpha > 0.05) & (alpha < 0.95)
    inside = alpha > 0.5
    soft[1:] |= inside[1:] != inside[:-1]
    soft[:, 1:] |= inside[:, 1:] != inside[:, :-1]
    reach = max(5, round(0.01 * max(alpha.shape)))
    grown = Image.fromarray(soft.astype(np.uint8)).filter(ImageFilter.MaxFilter(2 * reach + 1))
    return np.asarray(grown) > 0


def errors(alpha: Plane, truth: Plane, near: NDArray[np.bool_] | None = None) -> Errors:
    """Compare alpha with the truth; `near` is where edges count, by default `band` of the truth."""
    near = band(truth) if near is None else near
    inside, expected = alpha >= 0.5, truth >= 0.5
    union = np.count_nonzero(inside | expected)
    difference = alpha - truth
    slopes = gradient(alpha) - gradient(truth)
    return Errors(
        np.count_nonzero(inside & expected) / union if union else 1.0,
        float(np.abs(difference).mean()),
        float(np.square(difference).mean()),
        float(np.abs(difference).sum()) / 1000,
        float(np.square(difference[near]).mean()),
        1000 * float(np.square(slopes[near]).mean()),
    )


def synthetic_disc(side: int, softness: float) -> dict[str, Any]:
    """Return a disc with known foreground, background and alpha, and the picture they make.

    Parameters
    ----------
    side : int
        Of the square picture.
    softness : float
        Width of the edge in pixels.
    """
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    distance = np.hypot(x - (side - 1) / 2, y - (side - 1) / 2)
    alpha = np.clip((0.35 * side - distance) / np.float32(softness) + 0.5, 0, 1)
    alpha = alpha.astype(np.float32)
    u, v = x / (side - 1), y / (side - 1)
    front = np.stack([0.85 - 0.2 * u, 0.25 + 0.3 * v, 0.2 + 0.1 * u], -1)
    back = np.stack([0.1 + 0.1 * v, 0.35 + 0.2 * u, 0.75 - 0.2 * v], -1)
    mixed = alpha[..., None] * front + (1 - alpha[..., None]) * back
    image = np.floor(mixed * 255 + 0.5).astype(np.uint8)
    return {"image": image, "alpha": alpha, "front": front, "back": back}
