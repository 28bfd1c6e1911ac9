from __future__ import annotations

import numpy as np
import pytest

from mattekit import Cutout
from mattekit.plugins import Plugins


@pytest.fixture
def plugins():
    return Plugins(load=False)


@pytest.fixture
def cutout():
    return Cutout(np.zeros((2, 3, 3), np.uint8), np.full((2, 3), 255, np.uint8))
