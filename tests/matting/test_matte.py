"""What a network made of a picture."""

from __future__ import annotations

import numpy as np

from mattekit.geometry import Box, Size
from mattekit.matting import Matte


def test_the_size_is_that_of_alpha_and_not_of_the_photo() -> None:
    box = Box(10, 20, 310, 120)
    matte = Matte(np.zeros((4, 9), np.float32), box, box, np.zeros((4, 9, 3), np.uint8))
    assert matte.size == Size(9, 4)
