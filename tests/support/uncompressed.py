"""Noise that no format packs."""

from __future__ import annotations

import numpy as np

RNG = np.random.default_rng(3)
COLOR = RNG.integers(0, 256, (24, 37, 3), np.uint8)
ALPHA = RNG.integers(0, 256, (24, 37), np.uint8)
