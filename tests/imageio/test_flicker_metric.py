"""How steady mattes are."""

from __future__ import annotations

import numpy as np

from mattekit_imageio import flicker
from support.moving import scene


def test_flicker_of_steady_and_of_wavering_mattes():
    frames = [scene(index, seed=index) for index in range(6)]
    rows, columns = np.indices((60, 80))
    distances = [np.hypot(columns - 40 - index, rows - 30) for index in range(6)]
    mattes = [(255 * np.clip(16 - distance, 0, 1)).astype(np.uint8) for distance in distances]
    assert flicker(mattes, frames) < 0.05
    blinking = [matte * (index % 2) for index, matte in enumerate(mattes)]
    assert flicker(blinking, frames) > 0.8
    assert flicker(mattes[:1], frames[:1]) == 0
    assert flicker([m * 0 for m in mattes], frames) == 0
