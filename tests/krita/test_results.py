"""What the script makes of layers, in real Kritas by kritarunner, against the library itself."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import mattekit
from mattekit.cutout import Cutout
from support.helpers import assert_images_close, disc

from .conftest import Answers, Installed, bgra

pytestmark = pytest.mark.install

HEIGHT, WIDTH = 240, 320
PHOTO = disc(HEIGHT, WIDTH).image
DEEP = PHOTO.astype(np.uint16) * 257
LINEAR = "sRGB-elle-V2-g10.icc"
WIDE = "ClayRGB-elle-V2-g22.icc"
CMYK = ["CMYKA", "U8", "Chemical proof"]

_EIGHT = {"picture": "u8.raw", "size": [WIDTH, HEIGHT]}
_DEEP = {"picture": "u16.raw", "size": [WIDTH, HEIGHT], "sent": "U16"}
_CASES = {
    "mask": {**_EIGHT, "result": "mask"},
    "mask16": {**_DEEP, "result": "mask"},
    "maskcmyk": {**_EIGHT, "result": "mask", "space": CMYK},
    "selection": {**_EIGHT, "result": "selection"},
    "layer": {**_EIGHT, "result": "layer"},
    "layer16": {**_DEEP, "result": "layer"},
    "half": {**_DEEP, "result": "layer", "space": ["RGBA", "F16", LINEAR]},
    "float": {**_DEEP, "result": "layer", "space": ["RGBA", "F32", LINEAR]},
    "linear16": {**_DEEP, "result": "layer", "space": ["RGBA", "U16", LINEAR]},
    "grey": {**_EIGHT, "result": "layer", "space": ["GRAYA", "U8", "Gray-D50-elle-V2-srgbtrc.icc"]},
    "cmyk": {**_EIGHT, "result": "layer", "space": CMYK},
    "own": {**_DEEP, "result": "layer", "layerspace": ["RGBA", "F32", LINEAR]},
    "lab": {**_EIGHT, "result": "layer", "space": ["LABA", "U16", "Lab identity built-in"]},
    "wide": {**_EIGHT, "result": "layer", "assign": WIDE},
    "offset": {**_EIGHT, "result": "mask", "offset": [-30, 20], "canvas": [300, 280]},
    "offlayer": {**_EIGHT, "result": "layer", "offset": [-30, 20], "canvas": [300, 280]},
    "roi": {**_EIGHT, "result": "mask", "selection": [100, 60, 150, 150, 255]},
    "feather": {**_EIGHT, "result": "selection", "selection": [0, 0, WIDTH, HEIGHT, 100]},
    "both": {
        **_EIGHT,
        "result": "selection",
        "offset": [0, 0],
        "canvas": [2 * WIDTH, HEIGHT],
        "second": [WIDTH, 0],
    },
    "unnamed": {
        **_EIGHT,
        "result": "mask",
        "selection": [0, 0, WIDTH, HEIGHT, 255],
        "unnamed": True,
    },
    "group": {**_EIGHT, "result": "mask", "group": True},
    "grouplayer": {**_EIGHT, "result": "layer", "group": True},
    "color": {**_EIGHT, "result": "mask", "options": {"bg_color": "ff8800"}, "see": [2, 2, 1, 1]},
    "colorcmyk": {
        **_EIGHT,
        "result": "layer",
        "space": CMYK,
        "options": {"bg_color": "white"},
        "see": [2, 2, 1, 1],
    },
    "crop": {**_EIGHT, "result": "mask", "options": {"crop": True, "crop_margin": "10% 20px"}},
    "file": {**_EIGHT, "result": "file", "save": "document.kra"},
    "file16": {**_DEEP, "result": "file", "save": "deep.kra"},
    "unsaved": {**_EIGHT, "result": "file"},
    "wrong": {**_EIGHT, "result": "mask", "options": {"refin": "best"}},
    "nomodel": {**_EIGHT, "result": "mask", "options": {"model": "birefnet-general"}},
    "nothing": {"picture": "flat.raw", "size": [WIDTH, HEIGHT], "result": "mask"},
}


@pytest.fixture(scope="module")
def answers(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    pictures = {
        "u8.raw": bgra(PHOTO),
        "u16.raw": bgra(DEEP),
        "flat.raw": bgra(np.full_like(PHOTO, 128)),
    }
    return Answers(installed, tmp_path_factory.mktemp("cases"), pictures, _CASES)


def whole(samples: NDArray[Any]) -> NDArray[Any]:
    """Return the samples of a picture of the photo's size with its shape, others as they are."""
    large = samples.size >= HEIGHT * WIDTH
    return samples.reshape(HEIGHT, WIDTH, -1) if large else samples


@pytest.fixture(scope="module")
def library() -> Cutout:
    return mattekit.remove_background(PHOTO)


@pytest.fixture(scope="module")
def deep_library() -> Cutout:
    return mattekit.remove_background(DEEP)


@pytest.mark.parametrize("name", ["mask", "selection", "group", "offset", "mask16", "unnamed"])
def test_the_matte_is_the_library_s(answers: Answers, library: Cutout, name: str) -> None:
    assert answers[name]["unchanged"] or name == "group"  # a group's projection is masked
    assert_images_close(whole(answers.raw(name))[..., 0], library.alpha, 1, mean=0.5)


def test_a_mask_is_in_the_layer_and_nothing_else_changes(answers: Answers) -> None:
    (photo,) = answers["mask"]["tree"]
    assert photo["visible"]
    assert [each["type"] for each in photo["children"]] == ["transparencymask"]
    assert answers["mask"]["documents"] == 1  # no helper of ours stays open


def test_a_mask_is_where_the_layer_is(answers: Answers, library: Cutout) -> None:
    assert library.box is not None
    left, top, right, bottom = library.box
    assert answers["offset"]["box"] == [left - 30, top + 20, right - 30, bottom + 20]


def test_cmyk_is_seen_as_srgb(answers: Answers, library: Cutout) -> None:
    # Slightly other colours decide otherwise on single pixels of an edge: the mean tells.
    assert_images_close(whole(answers.raw("maskcmyk"))[..., 0], library.alpha, 255, mean=1)


@pytest.mark.parametrize("name", ["layer", "offlayer", "grouplayer"])
def test_a_layer_is_the_library_s(answers: Answers, library: Cutout, name: str) -> None:
    rgba = whole(answers.raw(name))[..., [2, 1, 0, 3]]
    seen = library.alpha > 0
    assert_images_close(rgba[..., 3], library.alpha, 1, mean=0.5)
    assert_images_close(rgba[seen], library.rgba()[seen], 1, mean=0.5)
    assert answers[name]["unchanged"]
    original, new = answers[name]["tree"][-2:]
    assert not original["visible"]
    assert new["visible"]
    assert new["type"] == "paintlayer"


def test_16_bits(answers: Answers, deep_library: Cutout) -> None:
    rgba = whole(answers.raw("layer16", "<u2"))[..., [2, 1, 0, 3]]
    seen = deep_library.alpha > 0
    assert_images_close(rgba[..., 3], deep_library.alpha, 1, mean=0.5)
    assert_images_close(rgba[seen], deep_library.rgba()[seen], 1, mean=0.5)


_KINDS = {
    "half": ("<f2", 4),
    "float": ("<f4", 4),
    "linear16": ("<u2", 4),
    "grey": ("u1", 2),
    "cmyk": ("u1", 5),
    "own": ("<f4", 4),  # a layer of another color space than its document
    "lab": ("<u2", 4),
    "wide": ("u1", 4),
}


@pytest.mark.parametrize("name", list(_KINDS))
def test_other_color_spaces_keep_their_values(
    answers: Answers, deep_library: Cutout, name: str
) -> None:
    """What is certainly subject keeps its bytes; alpha is the library's; nothing runs wild."""
    kind, channels = _KINDS[name]
    before, after = whole(answers.raw(name, kind, "before")), whole(answers.raw(name, kind))
    assert after.shape[-1] == channels
    assert not np.array_equal(before[..., :-1], after[..., :-1]), "edges were not cleaned"
    full = 1.0 if after.dtype.kind == "f" else float(np.iinfo(after.dtype).max)
    alpha = after[..., -1].astype(np.float64) / full
    certain = alpha == 1
    if name not in {"grey", "cmyk", "wide"}:  # those show the network other colors
        assert_images_close(alpha, deep_library.alpha / 65535, 0.35, mean=1 / 255)
        certain = deep_library.alpha == 65535
    # Within 5 pixels of the edge the library itself may change a color.
    core = certain.copy()
    for axis in (0, 1):
        for step in range(-5, 6):
            core &= np.roll(certain, step, axis)
    assert core.sum() > 5000
    assert np.array_equal(before[core][:, :-1], after[core][:, :-1])
    space = answers[name]["tree"][-1]["space"]
    assert space == answers[name]["tree"][-2]["space"]


def test_a_profile_goes_along(answers: Answers) -> None:
    """As the library has it for a file with that profile."""
    profiles = [*Path("/usr/share/color/icc").rglob(WIDE), *Path("/usr/share").rglob(WIDE)]
    if not profiles:
        pytest.skip(f"{WIDE} is not among this system's profiles")
    file = io.BytesIO()
    Image.fromarray(PHOTO).save(file, "png", icc_profile=profiles[0].read_bytes())
    expected = mattekit.remove_background(file.getvalue())
    rgba = whole(answers.raw("wide"))[..., [2, 1, 0, 3]]
    assert_images_close(rgba[..., 3], expected.alpha, 80, mean=1)  # as for CMYK
    # Of what is hardly visible the colors are anybody's guess: compared as seen on black.
    assert_images_close(_on_black(rgba), _on_black(expected.rgba()), 60, mean=1)


def _on_black(rgba: NDArray[Any]) -> NDArray[Any]:
    return rgba[..., :3] * (rgba[..., 3:] / 255.0)


def test_a_selection_is_the_region(answers: Answers) -> None:
    expected = mattekit.remove_background(PHOTO, roi="100px 60px 250px 210px")
    assert_images_close(whole(answers.raw("roi"))[..., 0], expected.alpha, 1, mean=0.5)
    assert any(each["type"] == "selectionmask" for each in answers["roi"]["tree"])  # it stays


def test_a_half_selection_gives_half_a_result(answers: Answers, library: Cutout) -> None:
    expected = np.floor(library.alpha * (100 / 255) + 0.5)
    assert_images_close(whole(answers.raw("feather"))[..., 0], expected, 1, mean=0.5)


def test_two_layers_make_one_selection(answers: Answers, library: Cutout) -> None:
    for what in ("after", "second"):
        assert_images_close(
            whole(answers.raw("both", what=what))[..., 0], library.alpha, 1, mean=0.5
        )


def test_a_color_behind_it(answers: Answers) -> None:
    assert whole(answers.raw("color", what="seen")).ravel().tolist() == [0, 0x88, 0xFF, 255]
    photo, group = answers["color"]["tree"]
    assert not photo["visible"]
    assert not photo["children"]
    assert [each["type"] for each in group["children"]] == ["paintlayer", "paintlayer"]
    assert [each["type"] for each in group["children"][1]["children"]] == ["transparencymask"]
    assert whole(answers.raw("colorcmyk", what="seen")).ravel().tolist()[:4] == [0, 0, 0, 0]


def test_the_canvas_is_cropped_as_the_library_crops(answers: Answers) -> None:
    expected = mattekit.remove_background(PHOTO, crop=True, crop_margin="10% 20px")
    assert tuple(answers["crop"]["canvas"]) == expected.size


@pytest.mark.parametrize(("name", "stem"), [("file", "document"), ("file16", "deep")])
def test_a_file_layer(answers: Answers, name: str, stem: str) -> None:
    path = answers.folder / f"{stem}-Photo-subject.png"
    assert answers[name]["tree"][-1]["type"] == "filelayer"
    found = mattekit.codecs.decode(path)
    expected = mattekit.remove_background(PHOTO if name == "file" else DEEP)
    assert found.color.dtype == expected.color.dtype
    seen = expected.alpha > 0
    assert_images_close(found.alpha, expected.alpha, 1, mean=0.5)
    assert_images_close(found.color[seen], expected.color[seen], 1, mean=0.5)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unsaved", "save the document first"),
        ("wrong", "Did you mean 'refine'?"),
        ("nothing", "No subject was found"),
        ("nomodel", "mattekit models fetch birefnet-general"),
    ],
)
def test_what_cannot_be_done_is_said(answers: Answers, name: str, words: str) -> None:
    assert words in answers.error(name)


def test_krita_s_own_python_paths_do_not_reach_the_worker(
    answers: Answers, installed: Installed
) -> None:
    facts = json.loads((installed.folder / "worker" / "worker.json").read_text())
    environment = Path(f"/proc/{facts['pid']}/environ").read_bytes().split(b"\0")
    names = {each.partition(b"=")[0] for each in environment}
    assert b"MATTEKIT_WORKER_DIR" in names
    assert not names & {b"PYTHONPATH", b"PYTHONHOME", b"LD_LIBRARY_PATH"}


def test_progress_only_grows(answers: Answers) -> None:
    low, high, sorted_ = answers["float"]["steps"]
    assert low == 0
    assert high > 0.7
    assert sorted_
