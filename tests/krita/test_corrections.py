"""Corrections of masks in real Kritas by kritarunner, against the library itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import mattekit
from support.helpers import assert_images_close, disc

from .conftest import Answers, Installed, bgra

pytestmark = pytest.mark.install

HEIGHT, WIDTH = 240, 320
PHOTO = disc(HEIGHT, WIDTH).image
TWO = np.concatenate([disc(HEIGHT, WIDTH // 2).image] * 2, 1)
CMYK = ["CMYKA", "U8", "Chemical proof"]

_EIGHT = {"picture": "u8.raw", "size": [WIDTH, HEIGHT], "result": "corrected"}
_DEEP = {**_EIGHT, "picture": "u16.raw", "sent": "U16"}
#: What is kept and removed: column, row, width, height.
KEEP, REMOVE = (10, 10, 40, 30), (140, 100, 40, 40)
_BOTH = [["begin"], ["keep", *KEEP], ["remove", *REMOVE]]
_CASES = {
    "fresh": {**_EIGHT, "steps": [["keep", *KEEP]]},
    "both": {**_EIGHT, "steps": _BOTH},
    "later": {**_EIGHT, "steps": [*_BOTH, ["keep", *REMOVE]]},
    "saved": {
        **_EIGHT,
        "steps": [["begin"], ["keep", *KEEP], ["save"], ["remove", *REMOVE]],
        "save": "hints.kra",
    },
    "deep": {**_DEEP, "steps": _BOTH},
    "cmyk": {**_EIGHT, "steps": _BOTH, "space": CMYK},
    "grey": {**_EIGHT, "steps": _BOTH, "space": ["GRAYA", "U8", "Gray-D50-elle-V2-srgbtrc.icc"]},
    "offset": {**_EIGHT, "steps": _BOTH, "offset": [-30, 20], "canvas": [300, 280]},
    "group": {**_EIGHT, "steps": _BOTH, "group": True},
    "touched": {**_EIGHT, "steps": [["begin"], ["paint", *KEEP], ["remove", *REMOVE]]},
    "twice": {
        **_EIGHT,
        "steps": [["begin"], ["paint", *KEEP], ["remove", *REMOVE], ["keep", 0, 200, 30, 30]],
    },
    "refined": {**_EIGHT, "steps": [["begin"], ["paint", *KEEP], ["refine"]]},
    "nomask": {**_EIGHT, "steps": [["refine"]]},
    "outside": {**_EIGHT, "steps": [["begin"], ["keep", 900, 900, 10, 10]]},
    "subjects": {**_EIGHT, "picture": "two.raw", "result": "separated"},
}


@pytest.fixture(scope="module")
def answers(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    pictures = {
        "u8.raw": bgra(PHOTO),
        "u16.raw": bgra(PHOTO.astype(np.uint16) * 257),
        "two.raw": bgra(TWO),
    }
    return Answers(installed, tmp_path_factory.mktemp("corrections"), pictures, _CASES)


def mask_of(answers: Answers, name: str) -> NDArray[np.uint8]:
    assert answers[name]
    return answers.raw(name).reshape(HEIGHT, WIDTH)


def drawn(*box: int) -> NDArray[np.bool_]:
    plane = np.zeros((HEIGHT, WIDTH), np.bool_)
    x, y, width, height = box
    plane[y : y + height, x : x + width] = True
    return plane


@pytest.fixture(scope="module")
def expected() -> NDArray[Any]:
    cutout = mattekit.remove_background(PHOTO, keep=[drawn(*KEEP)], remove=[drawn(*REMOVE)])
    return cutout.alpha


def touched() -> NDArray[Any]:
    mask = mattekit.remove_background(PHOTO).alpha.copy()
    mask[drawn(*KEEP)] = 255
    return mask


def test_a_fresh_result_with_a_hint(answers: Answers) -> None:
    whole = mattekit.remove_background(PHOTO, keep=[drawn(*KEEP)]).alpha
    assert_images_close(mask_of(answers, "fresh"), whole, 1, mean=0.5)


@pytest.mark.parametrize("name", ["both", "saved", "deep", "offset", "group"])
def test_each_correction_begins_where_the_last_one_ended(
    answers: Answers, expected: NDArray[Any], name: str
) -> None:
    assert_images_close(mask_of(answers, name), expected, 1, mean=0.5)
    layer = answers[name]["tree"][-1]
    masks = [each for each in layer["children"] if each["type"] == "transparencymask"]
    shown = [each["visible"] for each in masks]
    assert shown == [False, False, True]  # the old ones stay, for undo
    assert answers[name]["annotations"] == 3


@pytest.mark.parametrize("name", ["cmyk", "grey"])
def test_other_color_spaces(answers: Answers, name: str) -> None:
    mask = mask_of(answers, name)  # the network is shown other colors: only hints are certain
    assert mask[drawn(*KEEP)].min() == 255
    assert mask[drawn(*REMOVE)].max() == 0


def test_the_later_hint_counts(answers: Answers) -> None:
    kept = drawn(*KEEP) | drawn(*REMOVE)
    assert_images_close(
        mask_of(answers, "later"), mattekit.remove_background(PHOTO, keep=[kept]).alpha, 1, mean=0.5
    )


def test_a_mask_that_was_painted_on_is_what_counts(answers: Answers) -> None:
    once = mattekit.refine_mask(PHOTO, touched(), remove=[drawn(*REMOVE)]).alpha
    assert_images_close(mask_of(answers, "touched"), once, 1, mean=0.5)
    hints = {"remove": [drawn(*REMOVE)], "keep": [drawn(0, 200, 30, 30)]}
    twice = mattekit.refine_mask(PHOTO, touched(), **hints).alpha
    assert_images_close(mask_of(answers, "twice"), twice, 1, mean=0.5)


def test_the_edge_of_a_mask(answers: Answers) -> None:
    expected = mattekit.refine_mask(PHOTO, touched()).alpha
    assert_images_close(mask_of(answers, "refined"), expected, 1, mean=0.5)


def test_each_subject_is_a_layer(answers: Answers) -> None:
    original, group = answers["subjects"]["tree"]
    assert answers["subjects"]["what"] == "Made 2 layers of"
    assert (original["visible"], group["type"], len(group["children"])) == (False, "grouplayer", 2)
    parts = []
    for number in range(2):
        data = (answers.folder / f"subjects-{number}.raw").read_bytes()
        parts.append(np.frombuffer(data, np.uint8).reshape(HEIGHT, WIDTH, 4)[..., 3])
    whole = mattekit.remove_background(TWO).alpha
    assert_images_close(np.maximum(*parts), whole, 1, mean=0.5)
    assert not np.minimum(*parts).any()
    assert all(part.max() == 255 for part in parts)


def test_what_cannot_be_done_is_said(answers: Answers) -> None:
    assert "no visible transparency mask" in answers.error("nomask")
    assert "does not touch the layer" in answers.error("outside")
