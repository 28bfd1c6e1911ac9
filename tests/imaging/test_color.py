"""One conversion of colours, whoever asks."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
from PIL import ImageCms

from mattekit import FakeSession, ModelCard, matting
from mattekit.compositing import over_picture
from mattekit.cutout import Cutout
from mattekit.geometry import Size
from mattekit.imaging.color import convert, convert_color, srgb_profile
from mattekit.models import InputSpec
from mattekit.photo import Photo
from mattekit.picture import Metadata
from support.helpers import assert_images_close, srgb

SWAPPED = srgb(r="g", g="r")


def noise(dtype=np.uint8, size=(32, 32)):
    top = np.iinfo(dtype).max
    return np.random.default_rng(3).integers(0, top, (*size, 3), dtype, endpoint=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_there_and_back(dtype):
    color = noise(dtype)
    there = convert(color, SWAPPED, None)
    assert there.dtype == dtype
    assert_images_close(there, color[..., [1, 0, 2]], 0.004 * np.iinfo(dtype).max)
    assert_images_close(convert(there, None, SWAPPED), color, 0.01 * np.iinfo(dtype).max)
    assert convert(color, SWAPPED, SWAPPED) is color


def test_sixteen_bits_are_converted_as_such():
    """A ramp finer than 8 bits keeps its steps behind a subject in another profile."""
    ramp = np.repeat(np.arange(20_000, 21_024, dtype=np.uint16)[None, :, None], 3, axis=2)
    ramp = np.repeat(ramp, 4, axis=0)
    empty = Cutout(np.zeros_like(ramp), np.zeros(ramp.shape[:2], np.uint16), Metadata(SWAPPED))
    behind = over_picture(empty, Photo(ramp)).color
    assert len(np.unique(behind[0, :, 0])) > 500


def test_the_network_sees_what_the_compositor_mixes():
    color = noise(size=(16, 16))
    seen = []

    def network(batch):
        seen.append(batch)
        return batch[:, :1] > 2

    spec = InputSpec(size=Size(16, 16), mean=(0, 0, 0), std=(1, 1, 1))
    photo = Photo(color, metadata=Metadata(SWAPPED))
    matting.segment(photo, FakeSession(network, ModelCard("eye", input=spec)))
    empty = Cutout(np.zeros_like(color), np.zeros(color.shape[:2], np.uint8))
    mixed = over_picture(empty, photo).color
    assert_images_close(np.rint(seen[0][0].transpose(1, 2, 0) * 255), mixed)


def test_the_profile_of_srgb_is_always_the_same_bytes(monkeypatch):
    profile = srgb_profile()
    srgb_profile.cache_clear()
    made = imagecodecs.cms_profile("srgb")
    later = made[:24] + bytes(12) + made[36:]
    monkeypatch.setattr(imagecodecs, "cms_profile", lambda *_: later)
    assert srgb_profile() == profile
    srgb_profile.cache_clear()


@pytest.mark.parametrize("broken", [b"", b"no profile", "lab"])
def test_a_profile_that_cannot_be_used_is_reported_and_left_aside(broken, caplog):
    if broken == "lab":
        broken = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    color = noise()
    assert convert(color, broken, None) is color
    assert "profile" in caplog.text
    assert convert_color((1, 2, 3), broken) == (1, 2, 3)
