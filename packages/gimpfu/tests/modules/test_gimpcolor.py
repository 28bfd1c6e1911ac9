"""gimpcolor, which needs no GIMP."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FRACTION = st.floats(0, 1, allow_nan=False)
anything = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.slow
@anything
@given(st.tuples(FRACTION, FRACTION, FRACTION, FRACTION))
def test_there_and_back(loaded: Any, values: tuple[float, ...]) -> None:
    rgb = loaded.gimpcolor.RGB(*values)
    for made in (rgb.to_hsv().to_rgb(), rgb.to_hsl().to_rgb(), rgb.to_cmyk().to_rgb()):
        for name in "rgba":
            assert getattr(made, name) == pytest.approx(getattr(rgb, name), abs=1e-6)
    assert pickle.loads(pickle.dumps(rgb)) == rgb
    assert eval(repr(rgb), {"gimpcolor": loaded.gimpcolor}) == rgb
    assert rgb.min() - 1e-9 <= rgb.luminance() <= rgb.max() + 1e-9


@pytest.mark.slow
@anything
@given(st.lists(st.integers(0, 255), min_size=4, max_size=4))
def test_integers(loaded: Any, values: list[int]) -> None:
    rgb = loaded.gimpcolor.RGB(*values)
    assert rgb[:] == tuple(values)
    assert list(rgb) == values
    assert rgb[-1] == values[3]
    assert loaded.gimpcolor.rgb_parse_hex("#" + bytes(values[:3]).hex())[:3] == rgb[:3]


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("red", (255, 0, 0, 255)),
        ("#f80", (255, 136, 0, 255)),
        ("#ff8800", (255, 136, 0, 255)),
        ("rgb(255, 128, 0)", (255, 128, 0, 255)),
        ("rgb(100%, 50%, 0%)", (255, 128, 0, 255)),
        ("rgba(255, 0, 0, 0.5)", (255, 0, 0, 128)),
        ("hsl(120, 100%, 50%)", (0, 255, 0, 255)),
        ("hsla(240, 100%, 50%, 0)", (0, 0, 255, 0)),
    ],
)
def test_css(loaded: Any, css: str, expected: tuple[int, ...]) -> None:
    assert loaded.gimpcolor.rgb_parse_css(css, True)[:] == expected


@pytest.mark.parametrize("css", ["", "no colour", "#12", "#ggg", "rgb(1, 2)", "hsl(a, b, c)"])
def test_no_css(loaded: Any, css: str) -> None:
    with pytest.raises(ValueError, match="colour"):
        loaded.gimpcolor.rgb_parse_css(css)


def test_components(loaded: Any) -> None:
    color = loaded.gimpcolor.RGB(1.0, 0.5, 0.0)
    assert (color.red, color["green"], color["B"], color.alpha) == (1.0, 0.5, 0.0, 1.0)
    color.g = 255
    color[2] = 0.25
    assert color[:] == (255, 255, 64, 255)
    color.set(a=0.5)
    assert color.a == 0.5
    with pytest.raises(TypeError):
        color.set(r=1)
    with pytest.raises(IndexError):
        color[4]
    with pytest.raises(KeyError):
        color["hue"]
    with pytest.raises(TypeError):
        loaded.gimpcolor.RGB("1", 2, 3)
    assert loaded.gimpcolor.HSV(180, 50, 100).to_rgb()[:3] == (128, 255, 255)


def test_arithmetic(loaded: Any) -> None:
    rgb = loaded.gimpcolor.RGB
    color = rgb(0.5, 0.25, 0.0)
    color.add(rgb(0.25, 0.25, 0.25))
    color.multiply(2.0)
    assert (color.r, color.g, color.b) == (1.5, 1.0, 0.5)
    color.clamp()
    assert color.r == 1.0
    assert color.distance(rgb(0.0, 1.0, 0.5)) == pytest.approx(1.0)
    under = rgb(0.0, 0.0, 0.0)
    under.composite(rgb(1.0, 1.0, 1.0, 0.25))
    assert under[:] == (64, 64, 64, 255)
    gray = rgb(0.25, 0.25, 0.25)
    gray.gamma(2.0)
    assert gray.r == 0.5


def test_bilinear(loaded: Any) -> None:
    color = loaded.gimpcolor
    assert color.bilinear(0.5, 0.5, (0.0, 1.0, 1.0, 2.0)) == 1.0
    assert color.bilinear(0.5, 0.0, b"\x00\x64\x00\x00") == b"\x32"
    assert color.bilinear_rgb(0.0, 0.5, ["red", "red", "blue", "blue"])[:3] == (128, 0, 128)
    clear = color.RGB(0, 0, 255, 0)
    assert color.bilinear_rgba(0.5, 0.0, ["red", clear, "red", clear])[:] == (255, 0, 0, 128)
