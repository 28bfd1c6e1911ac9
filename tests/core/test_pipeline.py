"""The whole way of a picture, with a network whose answer is known."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import mattekit
from helpers import assert_images_close, disc
from mattekit import FakeSession, ModelCard, Runtime
from mattekit.errors import ForegroundNotFound, OptionError, UnknownOption
from mattekit.geometry import Size
from mattekit.runtime import InputSpec

CARD = ModelCard("reddish", input=InputSpec(size=Size(96, 96)))


def reddish(batch):
    """What is redder than blue is subject, softly."""
    return np.clip((batch[:, 0:1] - batch[:, 2:3]) * 4 + 0.5, 0, 1)


@pytest.fixture
def runtime():
    runtime = Runtime()
    runtime.use("auto", FakeSession(reddish, CARD))
    return runtime


@pytest.fixture
def blind():
    runtime = Runtime()
    runtime.use("auto", FakeSession(lambda batch: np.zeros((1, 1, 96, 96), np.float32), CARD))
    return runtime


def test_subject_is_found_and_its_certain_pixels_are_untouched(runtime):
    truth = disc(192, 256)
    cutout = mattekit.remove_background(truth.image, runtime=runtime)
    assert cutout.found
    assert cutout.color.dtype == np.uint8
    assert_images_close(cutout.alpha / 255, truth.alpha, 0.5, mean=0.02)
    certain = cutout.alpha == 255
    assert certain.sum() > 10_000
    assert_images_close(cutout.color[certain], truth.image[certain])


def test_sixteen_bits_stay_sixteen_bits(runtime):
    truth = disc(192, 256)
    deep = truth.image.astype(np.uint16) * 257
    deep[..., 1] += np.arange(256, dtype=np.uint16)  # below what eight bits can hold
    cutout = mattekit.remove_background(deep, runtime=runtime)
    assert cutout.color.dtype == cutout.alpha.dtype == np.uint16
    certain = cutout.alpha == 65535
    assert certain.sum() > 10_000
    assert_images_close(cutout.color[certain], deep[certain])


def test_edges_are_freed_of_the_old_background(runtime):
    truth = disc(192, 256, softness=6)
    clean = mattekit.remove_background(truth.image, runtime=runtime)
    dirty = mattekit.remove_background(truth.image, runtime=runtime, decontaminate=False)
    edge = (clean.alpha > 40) & (clean.alpha < 230)
    assert edge.sum() > 200
    wanted = truth.foreground[edge] * 255
    error, before = (np.abs(c.color[edge] - wanted).mean() for c in (clean, dirty))
    assert error < 0.5 * before
    assert_images_close(dirty.color, truth.image)


def test_nothing_found_is_a_result(blind):
    cutout = mattekit.remove_background(disc().image, runtime=blind, crop=True, bg_color="red")
    assert not cutout.found
    assert cutout.box is None
    assert not cutout.alpha.any()
    with pytest.raises(ForegroundNotFound):
        cutout.require_found()


def test_bytes_files_and_images_mean_the_same(runtime, tmp_path):
    image = Image.fromarray(disc().image)
    path = tmp_path / "disc.png"
    image.save(path)
    data = path.read_bytes()
    first = mattekit.remove_background(path, runtime=runtime)
    for source in (str(path), data, io.BytesIO(data), image, np.asarray(image)):
        again = mattekit.remove_background(source, runtime=runtime)
        assert_images_close(again.rgba(), first.rgba())


def test_transparency_of_the_photo_is_kept(runtime):
    truth = disc(192, 256)
    own = np.full(truth.alpha.shape, 255, np.uint8)
    own[:, :128] = 0
    cutout = mattekit.remove_background(np.dstack([truth.image, own]), runtime=runtime)
    assert not cutout.alpha[:, :128].any()
    assert cutout.alpha[96, 160] == 255


def test_bad_options_are_told_before_anything_is_read():
    with pytest.raises(OptionError, match="scale"):
        mattekit.remove_background("does not exist.jpg", scale="5%")
    with pytest.raises(UnknownOption, match="'crop'"):
        mattekit.remove_background("does not exist.jpg", crpo=True)


def test_save_names_the_format(runtime, tmp_path):
    cutout = mattekit.remove_background(disc().image, runtime=runtime)
    for suffix, form in ((".png", "PNG"), (".webp", "WEBP"), (".tif", "TIFF"), (".jpg", "JPEG")):
        path = tmp_path / f"subject{suffix}"
        cutout.save(path)
        with Image.open(path) as image:
            assert image.format == form
            assert image.size == (128, 96)


def test_pillow_image(runtime):
    cutout = mattekit.remove_background(disc().image, runtime=runtime)
    image = cutout.to_pil()
    assert (image.mode, image.size) == ("RGBA", (128, 96))
    assert_images_close(np.asarray(image), cutout.rgba())
