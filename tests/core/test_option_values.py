"""Options are typed from their declarations, and help shows them."""

from __future__ import annotations

import inspect
import pydoc
import runpy
import subprocess
import sys
import typing
from pathlib import Path

import pytest

import mattekit
from mattekit import option_values
from mattekit.options import OPTIONS, Options
from support.helpers import ROOT

# What takes options by name.
TAKERS = [
    "mattekit:remove_background",
    "mattekit_imageio:cutout_array",
    "mattekit_imageio:cutout_frames",
    "mattekit_imageio:convert_video",
    "mattekit_pillow:RemoveBackground",
]


def taker(name: str) -> typing.Any:
    module, _, attribute = name.partition(":")
    if module == "mattekit_imageio":
        pytest.importorskip("imageio")
    return getattr(pytest.importorskip(module), attribute)


def test_types_are_made_from_the_declarations():
    source = runpy.run_path(str(ROOT / "scripts" / "option-values"))["source"]
    written = Path(option_values.__file__).read_text(encoding="utf-8")
    assert written == source(), "the options have changed: run scripts/option-values"


def test_every_option_is_named():
    assert list(option_values.OptionValues.__annotations__) == list(OPTIONS)


@pytest.mark.parametrize("name", TAKERS)
def test_signatures_list_the_options(name):
    parameters = inspect.signature(taker(name)).parameters
    assert [each for each in parameters if each in OPTIONS] == list(OPTIONS)
    assert not any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    defaults = {each: parameters[each].default for each in OPTIONS}
    assert Options.parse(defaults) == Options()


@pytest.mark.parametrize("name", TAKERS)
def test_help_explains_the_options(name):
    text = " ".join(pydoc.plain(pydoc.render_doc(taker(name))).replace(" |", "").split())
    for option in OPTIONS.values():
        assert f"{option.name}: {option.help}" in text


def test_what_is_shown_can_be_called():
    with pytest.raises(mattekit.MattekitError, match="bg_colr"):
        mattekit.remove_background("photo.jpg", bg_colr="white")


GOOD = """
import numpy as np
import mattekit
from mattekit import Options
from mattekit_imageio import cutout_array
from mattekit_pillow import CropToSubject, DropShadow, OverBackground, RemoveBackground

mattekit.remove_background("photo.jpg", bg_color="white", crop=True, crop_margin="5%")
mattekit.remove_background("photo.jpg", bg_color=(255, 0, 0), crop_margin=20, depth=8)
mattekit.remove_background("photo.jpg", Options(scale=80, refine="best"), depth="16")
Options(roi="0% 0% 50% 100%").replace(position=None, format="jpg", bg_image=np.zeros((2, 2, 3)))
Options(shadow_opacity=50, quality=80, crop="yes", shadow_type={"car": "car"}, model="a.onnx")
RemoveBackground(channels="alpha")
CropToSubject("5%", scale=80)
OverBackground("ivory")
DropShadow(30, shadow_type="3D")
cutout_array(np.zeros((2, 2, 3), np.uint8), crop=True)
"""
BAD = """
mattekit.remove_background("photo.jpg", bg_colr="white")
mattekit.remove_background("photo.jpg", crop="perhaps")
mattekit.remove_background("photo.jpg", refine="bets")
mattekit.remove_background("photo.jpg", quality=[90])
Options(bg_colr="white")
Options().replace(bg_colr="white")
RemoveBackground(bg_colr="white")
DropShadow(30, shadow_type=3)
cutout_array(np.zeros((2, 2, 3), np.uint8), bg_colr="white")
"""


@pytest.mark.slow
def test_type_checkers_refuse_wrong_names_and_values(tmp_path):
    snippet = tmp_path / "snippet.py"
    snippet.write_text(GOOD + BAD)
    tool = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--no-error-summary"]
    done = subprocess.run(
        [*tool, "--cache-dir", str(tmp_path / "cache"), str(snippet)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = [int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line]
    first = GOOD.count("\n") + 2
    lines = range(first, first + len(BAD.split("\n")) - 2)
    assert sorted(set(found)) == list(lines), done.stdout
