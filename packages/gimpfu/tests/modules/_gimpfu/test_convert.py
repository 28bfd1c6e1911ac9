"""Between objects of plug-ins and values of GIMP."""

from __future__ import annotations

import array
from typing import Any

import numpy as np


def test_numbers_for_bytes_are_cut_off(loaded: Any) -> None:
    parasite = loaded.gimp.Parasite("p", 0, b"")
    for numbers in ([1.9, 300, -1], np.float32([1.9, 44, 255]), array.array("f", [1.9, 44, 255])):
        echoed = loaded.gimp.pdb.gimp_echo_arrays(list(numbers), [], [], parasite)
        assert echoed[0] == (1, 44, 255)
