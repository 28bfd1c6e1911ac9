"""Which object stands for a value of which type."""

from __future__ import annotations

from typing import Any


def test_every_type_of_object_has_a_maker(loaded: Any) -> None:
    from _gimpfu import makers
    from _gimpfu.backend import ITEMS, Type

    for type_ in (*ITEMS, Type.IMAGE, Type.DISPLAY):
        assert makers.make(type_, -1) is None
    assert makers.make(Type.PARASITE, ("p", 1, b"x")) == loaded.gimp.Parasite("p", 1, b"x")


def test_other_values_stay_what_they_are(loaded: Any) -> None:
    from _gimpfu import makers
    from _gimpfu.backend import Type

    value = [1, 2]
    assert makers.make(Type.INT32ARRAY, value) is value
