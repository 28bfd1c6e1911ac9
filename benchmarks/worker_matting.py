"""Worker: alpha and foreground from a trimap, by mattekit."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from PIL import Image

from common import serve, versions
from mattekit import matting


def load() -> dict[str, str]:
    """Import what is needed and run once on a tiny picture."""
    color = np.zeros((16, 16, 3), np.uint8)
    color[:, 8:] = 255
    trimap = np.full((16, 16), 128, np.uint8)
    trimap[:, :4], trimap[:, 12:] = 0, 255
    matting.foreground(color, matting.solve(color, trimap))
    return versions(("mattekit", "numpy", "pillow"))


def solve(image: str, trimap: str, quality: str, target: str | None = None) -> dict[str, Any]:
    """Estimate alpha, then colours; alpha goes to a file where one is named."""
    with Image.open(image) as opened:
        color = np.asarray(opened.convert("RGB"))
    with Image.open(trimap) as opened:
        known = np.asarray(opened.convert("L"))
    known = np.where(known < 26, 0, np.where(known > 229, 255, 128)).astype(np.uint8)
    start = time.process_time()
    alpha = matting.solve(color, known, quality=quality)
    foreground = matting.foreground(color, alpha)
    cpu = time.process_time() - start
    if target:
        np.save(target, alpha)
    return {"shape": list(foreground.shape), "cpu": cpu}


serve({"load": load, "solve": solve})
