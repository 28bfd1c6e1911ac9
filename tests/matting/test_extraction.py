"""The steps from a matte to a cut-out at full size, each switched on and off."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit import kernels
from mattekit.geometry import Size
from mattekit.kernels import library
from mattekit.matting import extraction
from mattekit.matting.extraction import extract
from mattekit.matting.matte import Matte
from mattekit.options import Options
from mattekit.photo import Photo
from support.helpers import disc

TRUTH = disc(80, 120)


@pytest.fixture
def photo() -> Photo:
    return Photo(TRUTH.image.copy())


def matte_of(photo: Photo, alpha: np.ndarray, **facts: object) -> Matte:
    whole = photo.size.box
    return Matte(alpha.astype(np.float32), whole, whole, photo.color, **facts)


def test_colours_are_freed_of_the_background_or_left_as_they_are(photo: Photo) -> None:
    matte = matte_of(photo, TRUTH.alpha)
    before = photo.color.copy()
    left = extract(photo, matte, Options(decontaminate=False))
    np.testing.assert_array_equal(left.color, before)
    freed = extract(photo, matte, Options())
    soft = (left.alpha > 60) & (left.alpha < 200)

    def distance(color: np.ndarray) -> float:
        return float(np.abs(color[soft] / 255 - TRUTH.foreground[soft]).mean())

    assert distance(freed.color) < distance(left.color) / 2
    np.testing.assert_array_equal(photo.color, before)


@pytest.mark.parametrize(
    "options", [{}, {"edge_shift": "2px"}, {"edge_soften": "3px"}, {"decontaminate": False}]
)
def test_a_photo_that_may_be_spent_gives_the_same(photo: Photo, options: dict) -> None:
    matte = matte_of(photo, TRUTH.alpha)
    expected = extract(photo, matte, Options(**options))
    spent = Photo(photo.color.copy())
    result = extract(spent, matte, Options(**options), spend=True)
    np.testing.assert_array_equal(result.color, expected.color)
    np.testing.assert_array_equal(result.alpha, expected.alpha)
    # There is one picture less than otherwise, unless its colours were needed twice.
    twice = "edge_shift" in options or "edge_soften" in options
    assert np.shares_memory(result.color, spent.color) is not twice


def test_a_photo_that_may_be_spent_needs_less(
    photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(extraction, "check_room", lambda *room: asked.append(room[2] // room[1]))
    matte = matte_of(photo, TRUTH.alpha)
    for options, spend in (({}, False), ({"edge_shift": "2px"}, True), ({}, True)):
        extract(photo, matte, Options(**options), spend=spend)
    assert asked == [4, 4, 1]


def test_what_is_known_of_the_subject_is_kept(photo: Photo) -> None:
    scores = {"car": 0.9, "other": 0.1}
    matte = matte_of(photo, TRUTH.alpha, kind="car", kind_scores=scores)
    cutout = extract(photo, matte, Options())
    assert (cutout.found, cutout.kind, cutout.kind_scores) == (True, "car", scores)
    assert cutout.size == Size(120, 80)


def test_a_flat_graphic_is_keyed_whatever_the_matte_says() -> None:
    color = np.full((60, 80, 3), 255, np.uint8)
    color[20:40, 30:50] = (200, 0, 0)
    photo = Photo(color)
    matte = matte_of(photo, np.zeros((60, 80)), found=False)
    cutout = extract(photo, matte, Options())
    assert (cutout.found, cutout.kind) == (True, "graphic")
    np.testing.assert_array_equal(cutout.alpha > 0, color[..., 1] == 0)


def test_clean_comes_before_the_box(photo: Photo) -> None:
    alpha = TRUTH.alpha.copy()
    alpha[2:5, 2:5] = 1
    cutout = extract(photo, matte_of(photo, alpha), Options(specks=2))
    assert cutout.alpha[3, 3] == 0


@pytest.mark.parametrize("options", [{}, {"decontaminate": False}])
def test_working_memory_of_one_thread_stays_behind(photo: Photo, options: dict) -> None:
    with kernels.room(1), kernels.room(1):  # as tiles do that are made side by side
        pass
    extract(photo, matte_of(photo, TRUTH.alpha), Options(**options))
    assert len(library._spare) == 1
