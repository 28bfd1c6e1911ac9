"""Worker: the stages after the network, on one photograph at some size."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from PIL import Image

from common import serve
from mattekit import matting
from mattekit.geometry import Size
from mattekit.imaging.resize import downsample
from mattekit.photo import Photo

state: dict[str, Any] = {}


def load(path: str, megapixels: float) -> None:
    """Scale a photograph, and take what is bright in its middle for a coarse matte."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    factor = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
    large = Size(round(image.width * factor), round(image.height * factor))
    photo = Photo(np.asarray(image.resize(large, Image.Resampling.BICUBIC)))
    small = Size(320, round(320 * large.height / large.width))
    whole = large.box
    guide = downsample(photo.color, whole, small)
    y, x = np.mgrid[-1 : 1 : small.height * 1j, -1 : 1 : small.width * 1j]
    alpha = np.clip((0.7 - np.hypot(x, y)) * 12 + 0.5, 0, 1).astype(np.float32)
    state["photo"], state["matte"] = photo, matting.Matte(alpha, whole, whole, guide)
    state["alpha"] = matting.refine(photo, state["matte"], quality="fast")


def refine(quality: str) -> float:
    """Bring the matte to full size; return processor seconds."""
    start = time.process_time()
    matting.refine(state["photo"], state["matte"], quality=quality)
    return time.process_time() - start


def foreground() -> float:
    """Estimate colours; return processor seconds."""
    start = time.process_time()
    matting.foreground(state["photo"].color, state["alpha"])
    return time.process_time() - start


serve(
    {
        "load": load,
        "fast": lambda: refine("fast"),
        "balanced": lambda: refine("balanced"),
        "best": lambda: refine("best"),
        "foreground": foreground,
    }
)
