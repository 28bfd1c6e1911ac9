"""Constants of the running GIMP."""

from __future__ import annotations

from typing import Any

import pytest


def test_missing_constant(loaded: Any) -> None:
    with pytest.raises(AttributeError, match=r"GIMP 2\.10\.34 has no constant NO_SUCH"):
        _ = loaded.gimpenums.NO_SUCH


def test_constants_are_those_of_the_running_gimp(loaded: Any) -> None:
    enums = loaded.gimpenums
    for name, value in loaded.fake.constants().items():
        assert getattr(enums, name) == value
        assert name in enums.__all__
    assert (enums.TRUE, enums.UNIT_PICA, enums.EXPORT_EXPORT) == (True, 4, 2)
