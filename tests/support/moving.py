"""Pictures that move and mattes that waver."""

from __future__ import annotations

import numpy as np

from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard


def scene(x=0.0, y=0.0, height=60, width=80, seed=0):
    """A red disc, moved, on a structured background that moves with it."""
    rows, columns = np.indices((height, width), np.float32)
    rows, columns = rows - y, columns - x
    grain = 25 * np.sin(columns / 3.1) * np.cos(rows / 4.3) + 20 * np.sin(rows / 7 + columns / 9)
    inside = np.clip(16 - np.hypot(columns - width / 2, rows - height / 2), 0, 1)[..., None]
    texture = np.stack([grain + 60, grain + 110, 160 - grain], -1)
    subject = np.stack([225 + grain / 4, 60 + grain, 60 + grain], -1)
    noise = np.random.default_rng(seed).normal(0, 3, (height, width, 3))
    return np.clip(texture + inside * (subject - texture) + noise, 0, 255).astype(np.uint8)


CARD = ModelCard("red", input=InputSpec(size=Size(64, 64)))
