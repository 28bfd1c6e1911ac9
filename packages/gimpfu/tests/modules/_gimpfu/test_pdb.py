"""Procedures as attributes."""

from __future__ import annotations

from typing import Any

import pytest

from front import layer


def test_procedures(loaded: Any) -> None:
    pdb = loaded.gimp.pdb
    image = loaded.gimp.Image(20, 10)
    assert pdb.gimp_image_width(image) == 20
    assert pdb["gimp-image-width"](image) == 20
    assert pdb.gimp_two() == (1, None)
    assert pdb.plug_in_blur(image, layer(loaded)) is None
    assert loaded.fake.called[-1][1][0] == 1
    pdb.plug_in_blur(image, layer(loaded), run_mode=0)
    assert loaded.fake.called[-1][1][0] == 0
    assert pdb.gimp_echo_color("red")[:] == (255, 0, 0, 255)
    parasite = loaded.gimp.Parasite("p", 1, "data")
    assert pdb.gimp_echo_arrays("ab", (1, 2), ["x"], parasite) == (
        (97, 98),
        (1.0, 2.0),
        ("x",),
        parasite,
    )


def test_refusals(loaded: Any) -> None:
    gimp = loaded.gimp
    with pytest.raises(gimp.error, match="it does not want to"):
        gimp.pdb.gimp_fail()
    with pytest.raises(RuntimeError):
        gimp.pdb.gimp_fail()
    missing = r"procedure not found: gimp-renamed \(GIMP 3 calls it gimp-new-name\)"
    with pytest.raises(gimp.error, match=missing):
        _ = gimp.pdb.gimp_renamed
    assert not hasattr(gimp.pdb, "gimp_nothing")
    with pytest.raises(KeyError):
        gimp.pdb["gimp-nothing"]
    number = r"wrong number of parameters: \S+ takes 1 \(image\), 2 given"
    with pytest.raises(TypeError, match=number):
        gimp.pdb.gimp_image_width(1, 2)
    with pytest.raises(TypeError, match=r"wrong parameter type: image of \S+ cannot be 'x'"):
        gimp.pdb.gimp_image_width("x")
