"""Clips with known motion, made from a photograph: pan, zoom and grain."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

__all__ = ["SAMPLES", "clip", "photograph", "view"]

SAMPLES = Path(__file__).resolve().parents[1] / "sample_images"


def photograph(name: str) -> Image.Image:
    """Return a sample picture, upright."""
    with Image.open(SAMPLES / name) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def view(source: tuple[int, int], number: int, count: int) -> tuple[float, float, float, float]:
    """Return the part of the photograph that a frame shows: left, top, right and bottom.

    Over the clip the camera goes once round an ellipse of a few per cent and in and out by a tenth.
    """
    width, height = source
    phase = 2 * math.pi * number / max(1, count)
    zoom = 0.86 - 0.05 * math.cos(phase)
    x = (1 - zoom) / 2 + 0.035 * math.sin(phase)
    y = (1 - zoom) / 2 + 0.025 * math.sin(2 * phase)
    return x * width, y * height, (x + zoom) * width, (y + zoom) * height


def clip(
    count: int,
    size: tuple[int, int],
    name: str = "cat.jpg",
    *,
    grain: float = 6.0,
    seed: int = 0,
) -> Iterator[NDArray[np.uint8]]:
    """Yield frames of a clip.

    Parameters
    ----------
    count : int
        How many.
    size : tuple of int
        Width and height in pixels.
    name : str
        A sample picture.
    grain : float
        Standard deviation of sensor-like noise, in 8-bit levels; new in every frame.
    """
    generator = np.random.default_rng(seed)
    photo = photograph(name)
    for number in range(count):
        box = view(photo.size, number, count)
        frame = np.asarray(photo.resize(size, Image.Resampling.BICUBIC, box=box), np.float32)
        noise = generator.normal(0, grain, frame.shape).astype(np.float32)
        yield np.clip(frame + noise + 0.5, 0, 255).astype(np.uint8)
