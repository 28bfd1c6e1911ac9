"""How large results in a format may be."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit import codecs
from mattekit.cutout import Cutout
from mattekit.errors import OptionError
from support.encoding import encoded


def test_too_large_for_the_format() -> None:
    wide = Cutout(np.zeros((1, 16_384, 3), np.uint8), np.zeros((1, 16_384), np.uint8))
    with pytest.raises(OptionError, match="16384"):
        encoded(wide, format="webp")
    wider = Cutout(np.zeros((1, 65_501, 3), np.uint8), np.full((1, 65_501), 255, np.uint8))
    with pytest.raises(OptionError, match="65501"):
        encoded(wider, format="jpg")
    assert codecs.decode(encoded(wider, format="png").data).size == (65_501, 1)
