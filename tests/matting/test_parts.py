"""Corrected parts are brought to full size once for one matte."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mattekit.geometry import Box
from mattekit.matting import Matte, parts
from mattekit.matting.parts import Parts
from mattekit.photo import Photo
from support.helpers import disc


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> tuple[Photo, Matte, list[str]]:
    """A photo, its matte at a quarter of the size, and what is made for them from now on."""
    truth = disc(160, 200, softness=6)
    photo = Photo(truth.image)
    alpha = truth.alpha.reshape(40, 4, 50, 4).mean((1, 3)).astype(np.float32)
    whole = photo.size.box
    guide = np.ascontiguousarray(truth.image[2::4, 2::4])
    matte = Matte(alpha, whole, whole, guide, True, 1.0, "other", {})
    made: list[str] = []

    def noted(name: str):
        function = getattr(parts, name)

        def call(*arguments, **keywords):
            made.append(name)
            return function(*arguments, **keywords)

        return call

    for name in ("refine", "foreground"):
        monkeypatch.setattr(parts, name, noted(name))
    return photo, matte, made


BOX = Box(60, 20, 140, 90)


def test_the_same_again_is_not_made_again(scene) -> None:
    photo, matte, made = scene
    kept = Parts()
    first = kept.refined(photo, matte, BOX, "balanced")
    expected = first.copy()
    first[:] = 7  # the caller's own
    np.testing.assert_array_equal(kept.refined(photo, matte, BOX, "balanced"), expected)
    np.testing.assert_array_equal(Parts().refined(photo, matte, BOX, "balanced"), expected)
    assert made == ["refine", "refine"]
    color = kept.freed(photo, BOX, expected)
    assert kept.freed(photo, BOX, expected.copy()) is color
    assert made[2:] == ["foreground"]
    assert kept.nbytes == expected.nbytes + color.nbytes


def test_a_change_elsewhere_is_none_here(scene) -> None:
    photo, matte, made = scene
    kept = Parts()
    before = kept.refined(photo, matte, BOX, "fast")
    alpha = matte.alpha.copy()
    alpha[33:, :] = 1
    far = dataclasses.replace(matte, alpha=alpha)
    np.testing.assert_array_equal(kept.refined(photo, far, BOX, "fast"), before)
    assert made == ["refine"]
    np.testing.assert_array_equal(Parts().refined(photo, far, BOX, "fast"), before)


@pytest.mark.parametrize("other", ["matte", "edge of the part", "box", "quality"])
def test_anything_else_is_made_anew(scene, other: str) -> None:
    photo, matte, made = scene
    kept = Parts()
    kept.refined(photo, matte, BOX, "fast")
    alpha = matte.alpha.copy()
    box, quality = BOX, "fast"
    if other == "matte":
        alpha[12, 25] = 0
    elif other == "edge of the part":
        alpha[(BOX.bottom // 4) + 1, 25] = 0.5
    elif other == "box":
        box = Box(60, 20, 140, 94)
    else:
        quality = "balanced"
    changed = dataclasses.replace(matte, alpha=alpha)
    found = kept.refined(photo, changed, box, quality)
    np.testing.assert_array_equal(found, Parts().refined(photo, changed, box, quality))
    assert made == ["refine"] * 3


def test_of_many_the_last_are_kept(scene, monkeypatch: pytest.MonkeyPatch) -> None:
    photo, matte, made = scene
    monkeypatch.setattr(parts, "_KEPT", 2)
    kept = Parts()
    for left in (0, 40, 80):
        kept.refined(photo, matte, Box(left, 20, left + 40, 60), "fast")
    kept.refined(photo, matte, Box(80, 20, 120, 60), "fast")
    assert len(made) == 3
    kept.refined(photo, matte, Box(0, 20, 40, 60), "fast")
    assert len(made) == 4
