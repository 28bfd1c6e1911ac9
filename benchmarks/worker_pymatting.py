"""Worker: alpha and foreground from a trimap, by pymatting. Runs in pymatting's interpreter."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from PIL import Image

from common import serve, versions


def load() -> dict[str, str]:
    """Import and compile: its first call costs a minute without a cache."""
    from pymatting import estimate_alpha_cf, estimate_foreground_ml

    image = np.random.default_rng(0).random((32, 32, 3))
    trimap = np.full((32, 32), 0.5)
    trimap[:, :8], trimap[:, 24:] = 0, 1
    estimate_foreground_ml(image, estimate_alpha_cf(image, trimap))
    return versions(("pymatting", "numba", "numpy", "scipy"))


def solve(image: str, trimap: str, target: str | None = None) -> dict[str, Any]:
    """Estimate alpha (closed form), then colours (multi-level), with pymatting's defaults."""
    from pymatting import estimate_alpha_cf, estimate_foreground_ml

    with Image.open(image) as opened:
        color = np.asarray(opened.convert("RGB")) / 255.0
    with Image.open(trimap) as opened:
        known = np.asarray(opened.convert("L")) / 255.0
    known = np.where(known < 0.1, 0, np.where(known > 0.9, 1, 0.5))
    start = time.process_time()
    alpha = estimate_alpha_cf(color, known)
    foreground = estimate_foreground_ml(color, alpha)
    cpu = time.process_time() - start
    if target:
        np.save(target, alpha.astype(np.float32))
    return {"shape": list(foreground.shape), "cpu": cpu}


serve({"load": load, "solve": solve})
