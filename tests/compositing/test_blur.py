"""A photo's own background, out of focus."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.compositing import composite
from mattekit.compositing.blur import blurred_background
from mattekit.cropping import frame
from mattekit.cutout import Cutout
from mattekit.geometry import Box, Size
from mattekit.options import Options
from mattekit.photo import Photo
from support.helpers import assert_images_close


def scene(height=120, width=160, dtype=np.uint8):
    """A bright red box on a grey ramp with dark stripes."""
    opaque = int(np.iinfo(dtype).max)
    color = np.zeros((height, width, 3), dtype)
    color[...] = (np.linspace(0.2, 0.6, width) * opaque).astype(dtype)[None, :, None]
    color[::8] //= 2
    box = Box(width // 4, height // 4, width // 2, height * 3 // 4)
    color[box.slices] = (opaque, 0, 0)
    alpha = np.zeros((height, width), dtype)
    alpha[box.slices] = opaque
    return Cutout(color, alpha, box=box), Photo(color)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("amount", [0.003, 0.01, 0.05, 0.2])
def test_the_subject_does_not_bleed_into_its_background(dtype, amount):
    cutout, photo = scene(dtype=dtype)
    blurred = blurred_background(cutout, photo, amount)
    assert blurred.dtype == dtype
    assert blurred.shape == photo.color.shape
    spread = np.ptp(blurred.astype(float), axis=-1)
    assert spread.max() <= 2 * np.iinfo(dtype).max / 255  # grey everywhere, the hole included


def test_more_is_softer_and_brightness_stays():
    cutout, photo = scene()
    light = (photo.color[..., 1][:, 90:].astype(float) / 255) ** 2.2
    contrast = []
    for amount in (0.005, 0.02, 0.08):
        part = blurred_background(cutout, photo, amount)[:, 90:, 1].astype(float) / 255
        contrast.append(float(np.abs(np.diff(part, axis=0)).mean()))
        assert abs((part**2.2).mean() / light.mean() - 1) < 0.05
    assert contrast[0] > 2 * contrast[1] > 4 * contrast[2]


def test_the_subject_stays_sharp_in_front():
    cutout, photo = scene()
    result = composite(frame(cutout, Options()), photo, None, Options(bg_blur=5))
    assert (result.alpha == 255).all()
    assert np.array_equal(result.color[cutout.box.slices], photo.color[cutout.box.slices])


def test_a_moved_subject_leaves_the_background_where_it_is():
    cutout, photo = scene()
    still = blurred_background(frame(cutout, Options()), photo, 0.03)
    for options in ({"position": "100% 0%"}, {"scale": 30}):
        moved = blurred_background(frame(cutout, Options(**options)), photo, 0.03)
        assert_images_close(moved, still, 3)


def test_a_crop_shows_its_own_part_of_the_background():
    cutout, photo = scene(240, 320)
    options = Options(crop=True, crop_margin="20%")
    framed = frame(cutout, options)
    part = blurred_background(framed, photo, 0.02)
    radius = 0.02 * max(framed.size) / 320
    whole = blurred_background(frame(cutout, Options()), photo, radius)
    window = framed.placement.window
    inner = Box(8, 8, framed.size.width - 8, framed.size.height - 8)
    expected = whole[window.slices][inner.slices]
    assert_images_close(part[inner.slices], expected, 14, mean=2)


def test_a_canvas_beyond_the_photo_is_filled():
    cutout, photo = scene()
    framed = frame(cutout, Options(crop=True, crop_margin="200px"))
    blurred = blurred_background(framed, photo, 0.02)
    assert blurred.shape[:2] == framed.alpha.shape
    assert blurred.min() > 20  # nowhere black


def test_transparency_of_the_photo_is_no_background():
    cutout, photo = scene()
    color = photo.color.copy()
    color[:, 120:] = (0, 255, 0)
    clear = np.full(photo.color.shape[:2], 255, np.uint8)
    clear[:, 120:] = 0
    blurred = blurred_background(cutout, Photo(color, clear), 0.03)
    assert np.ptp(blurred.astype(int), axis=-1).max() <= 2


def test_size_of_the_blur_follows_the_canvas():
    """One photo at two sizes, one share: the same look."""
    cutout, photo = scene(480, 640)
    small = frame(cutout, Options(size="preview"))
    assert small.size == Size(577, 433)
    blurred = blurred_background(small, photo, 0.05)
    large = blurred_background(frame(cutout, Options()), photo, 0.05)
    assert_images_close(blurred.mean((0, 1)), large.mean((0, 1)), 1)
    assert_images_close(blurred[216, 288], large[240, 320], 4)
