"""What an agent can do."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mattekit
from mattekit import Options, codecs
from mattekit.errors import InputError, OptionError, OutputError
from mattekit_mcp.tools import Tools


@pytest.fixture
def tools(folder: Path) -> Tools:
    return Tools([folder])


def file_of(photo: Path, format_: str = "png", **options: object) -> bytes:
    made = mattekit.remove_background(photo, format=format_, **options)  # type: ignore[arg-type]
    return codecs.encode(made, Options(format=format_)).data


def test_a_file_is_that_of_the_library(tools: Tools, folder: Path) -> None:
    made = tools.remove_background("photo.png", "out.webp", {"refine": "fast"})
    assert made["path"] == str(folder / "out.webp")
    assert made["resource"] is None
    assert made["found"]
    assert (made["width"], made["height"]) == (140, 100)
    assert (folder / "out.webp").read_bytes() == file_of(
        folder / "photo.png", "webp", refine="fast"
    )
    with pytest.raises(OutputError, match="already"):
        tools.remove_background("photo.png", "out.webp", {})


def test_data_in_and_a_resource_out(tools: Tools, folder: Path) -> None:
    data = base64.b64encode((folder / "photo.png").read_bytes()).decode()
    made = tools.remove_background(f"data:image/png;base64,{data}", None, {})
    assert made["resource"] is not None
    assert tools.results.read(made["resource"]) == file_of(folder / "photo.png")
    again = tools.crop_to_subject(made["resource"], "10px", None, {})
    assert again["box"] is not None
    assert again["box"][:2] == [10, 10]
    assert again["width"] == again["box"][2] + 20


def test_refine_mask(tools: Tools, folder: Path) -> None:
    tools.refine_mask("photo.png", "mask.png", "refined.png", {})
    expected = mattekit.refine_mask(folder / "photo.png", folder / "mask.png")
    found = np.asarray(Image.open(folder / "refined.png"))
    np.testing.assert_array_equal(found[..., 3], expected.full_alpha())


def test_composite(tools: Tools, folder: Path) -> None:
    tools.composite("photo.png", "81d4fa", "on-color.png", {})
    tools.composite("photo.png", "sea.png", "on-sea.png", {})
    corner = [np.asarray(Image.open(folder / f"on-{name}.png"))[0, 0, :3].tolist()
              for name in ("color", "sea")]  # fmt: skip
    assert corner == [[0x81, 0xD4, 0xFA], [0, 0, 128]]
    with pytest.raises(InputError, match="no file that may be read"):
        tools.composite("photo.png", "no-such.png", None, {})


def test_without_a_subject_nothing_is_made(tools: Tools, folder: Path) -> None:
    made = tools.remove_background("sea.png", "out.png", {})
    assert (made["found"], made["path"], made["resource"]) == (False, None, None)
    assert not (folder / "out.png").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bg_image", "/etc/passwd"),
        ("mask", "/etc/passwd"),
        ("keep", "/etc/passwd"),
        ("remove", "strokes.png"),
        ("model", "/a/b.onnx"),
        ("model", "b.onnx"),
        ("model", "B.ONNX"),
        ("device", "cuda"),
        ("crop", "perhaps"),
        ("colour", "red"),
    ],
)
def test_options_name_no_file(tools: Tools, name: str, value: str) -> None:
    with pytest.raises(OptionError):
        tools.remove_background("photo.png", None, {name: value})


def test_models(tools: Tools) -> None:
    models = tools.list_models()
    assert any(model["present"] for model in models)
    assert {model["commercial"] for model in models} <= {"yes", "no", "unclear"}


def test_a_name_decides_the_format(tools: Tools, folder: Path) -> None:
    """Nothing that a program reads as settings or as a script can be written."""
    for name in (".bashrc", "a.desktop", "a"):
        with pytest.raises(OptionError, match="format"):
            tools.remove_background("photo.png", name, {"format": "png"})
    made = tools.remove_background("photo.png", "b.png", {"format": "jpg", "refine": "fast"})
    assert made["path"] == str(folder / "b.png")
    assert (folder / "b.png").read_bytes() == file_of(folder / "photo.png", refine="fast")
