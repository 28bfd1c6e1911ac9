"""2.10's constants, and the few whose numbers GIMP 3 changed."""

import os
from typing import Dict

_FILE = os.path.join(os.path.dirname(__file__), "constants.txt")

# By enumeration: 2.10's number -> GIMP 3's.
_CHANGED = {
    "GimpConvertPaletteType": {2: 1, 3: 2, 4: 3},
    # 5 is no number of 2.10's; it stands for what GIMP 3 put in the middle.
    "GimpFillType": {2: 3, 3: 4, 4: 5, 5: 2},
    "GimpForegroundExtractMode": {1: 0},
    "GimpRepeatMode": {1: 2, 2: 3, 3: 1},
    "GimpSelectCriterion": {7: 10, 8: 7, 9: 8, 10: 9},
}
_BACK = {
    kind: {new: old for old, new in numbers.items()}
    for kind, numbers in _CHANGED.items()
    if kind != "GimpForegroundExtractMode"
}


def constants() -> Dict[str, int]:
    """Return every constant under 2.10's name, and those that are new in 3.0."""
    with open(_FILE, encoding="ascii") as file:
        lines = [line.split() for line in file if not line.startswith("#")]
    return {name: int(number) for name, number in lines}


def to_3(kind: str, number: int) -> int:
    """Return GIMP 3's number for 2.10's."""
    return _CHANGED.get(kind, {}).get(number, number)


def to_2(kind: str, number: int) -> int:
    """Return 2.10's number for GIMP 3's."""
    return _BACK.get(kind, {}).get(number, number)
