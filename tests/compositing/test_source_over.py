"""Source-over, colours and pictures behind a subject."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mattekit.compositing import composite, over, over_color, over_picture
from mattekit.cutout import Cutout
from mattekit.geometry import Box, Size
from mattekit.grammar import Color
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.picture import Metadata
from support.helpers import assert_images_close, disc, srgb

DTYPES = [np.uint8, np.uint16]


SWAPPED = srgb(r="g", g="r")


def subject(dtype=np.uint8, icc_profile=None):
    truth = disc(60, 80)
    step = np.iinfo(dtype).max // 255
    color = (truth.foreground * 255 + 0.5).astype(dtype) * dtype(step)
    alpha = (truth.alpha * np.iinfo(dtype).max + 0.5).astype(dtype)
    return Cutout(color, alpha, Metadata(icc_profile), box=Box(19, 9, 61, 51))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("81d4fa77", (129, 212, 250, 119)),  # recorded
        ("c57f4980", (197, 127, 73, 128)),  # recorded
        ("ffff00ff", (255, 255, 0, 255)),  # recorded
        ("#fff", (255, 255, 255, 255)),
        ("0f08", (0, 255, 0, 136)),
        ("green", (0, 128, 0, 255)),
        ("RebeccaPurple", (102, 51, 153, 255)),
    ],
)
def test_pure_background_is_the_colour_itself(text, value, dtype):
    result = over_color(subject(dtype), Color().parse(text))
    step = np.iinfo(dtype).max // 255
    where = subject(dtype).alpha == 0
    assert (result.color[where] == np.multiply(value[:3], step)).all()
    assert (result.alpha[where] == value[3] * step).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_subject_itself_is_untouched(dtype):
    cutout = subject(dtype)
    result = over_color(cutout, Color().parse("81d4fa77"))
    certain = cutout.alpha == cutout.opaque
    assert certain.sum() > 500
    assert np.array_equal(result.color[certain], cutout.color[certain])
    assert (result.alpha[certain] == cutout.opaque).all()


@given(st.tuples(*[st.integers(0, 255)] * 8))
def test_edges_follow_porter_and_duff(values):
    *front, a, r, g, b, beta = values
    cutout = Cutout(np.array([[front]], np.uint8), np.array([[a]], np.uint8))
    result = over(cutout, (r, g, b), beta)
    alpha = a / 255 + beta / 255 * (1 - a / 255)
    assert abs(int(result.alpha[0, 0]) - alpha * 255) <= 0.51
    if alpha == 0:
        assert result.color[0, 0].tolist() == front
        return
    expected = (
        a / 255 * np.array(front) + (1 - a / 255) * beta / 255 * np.array([r, g, b])
    ) / alpha
    assert_images_close(result.color[0, 0], expected, 0.51)


def test_a_photo_is_recomposed_from_its_parts():
    truth = disc(60, 80)
    back = Photo((truth.background * 255 + 0.5).astype(np.uint8))
    result = over_picture(subject(), back)
    assert_images_close(result.color, truth.image, 1)
    assert (result.alpha == 255).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("depth", DTYPES)
def test_a_picture_of_the_same_size_is_used_as_it_is(dtype, depth):
    rng = np.random.default_rng(5)
    eight = rng.integers(0, 255, (60, 80, 3), dtype=np.uint8)
    picture = Photo(eight if depth == np.uint8 else eight.astype(np.uint16) * 257)
    cutout = subject(dtype)
    result = over_picture(cutout, picture)
    assert result.color.dtype == dtype
    step = np.iinfo(dtype).max // 255
    empty = cutout.alpha == 0
    assert np.array_equal(result.color[empty], eight[empty].astype(dtype) * dtype(step))


@pytest.mark.parametrize("size", [Size(160, 200), Size(40, 20), Size(300, 60), Size(78, 62)])
def test_a_picture_covers_the_canvas_centred_with_its_proportions(size):
    """A cross through the picture's middle stays in the middle, and no corner stays empty."""
    color = np.full((size.height, size.width, 3), 60, np.uint8)
    color[:, size.width // 2 - 1 : size.width // 2 + 1, 0] = 255
    color[size.height // 2 - 1 : size.height // 2 + 1, :, 1] = 255
    cutout = Cutout(np.zeros((50, 80, 3), np.uint8), np.zeros((50, 80), np.uint8))
    result = over_picture(cutout, Photo(color))
    assert (result.alpha == 255).all()
    column = result.color[..., 0].astype(float).mean(0) - result.color[..., 0].mean(0).min()
    row = result.color[..., 1].astype(float).mean(1) - result.color[..., 1].mean(1).min()
    assert abs((column * (np.arange(80) + 0.5)).sum() / column.sum() - 40) < 1
    assert abs((row * (np.arange(50) + 0.5)).sum() / row.sum() - 25) < 1


def test_a_picture_keeps_its_own_transparency():
    picture = Photo(np.full((60, 80, 3), 9, np.uint8), np.full((60, 80), 100, np.uint8))
    cutout = subject()
    result = over_picture(cutout, picture)
    assert (result.alpha[cutout.alpha == 0] == 100).all()


@pytest.mark.parametrize("size", [(80, 60), (50, 70)])
def test_pictures_are_turned_into_the_profile_of_the_photo(size):
    red = Photo(np.full((size[1], size[0], 3), (255, 0, 0), np.uint8))
    cutout = subject(icc_profile=SWAPPED)
    empty = cutout.alpha == 0
    assert_images_close(
        over_picture(cutout, red).color[empty], np.full((empty.sum(), 3), (0, 255, 0)), 2
    )
    both = red.replace(metadata=Metadata(SWAPPED))
    assert (over_picture(cutout, both).color[empty] == (255, 0, 0)).all()
    assert_images_close(
        over_picture(subject(), both).color[empty], np.full((empty.sum(), 3), (0, 255, 0)), 2
    )


def test_colours_are_srgb_and_turned_into_the_profile_of_the_photo():
    cutout = subject(icc_profile=SWAPPED)
    result = over_color(cutout, Color().parse("red"))
    empty = cutout.alpha == 0
    assert_images_close(result.color[empty], np.full((empty.sum(), 3), (0, 255, 0)), 2)


def test_a_broken_profile_is_reported_and_left_aside(caplog):
    cutout = subject(icc_profile=b"no profile")
    result = over_color(cutout, Color().parse("red"))
    assert (result.color[cutout.alpha == 0] == (255, 0, 0)).all()
    assert "profile" in caplog.text


def test_pictures_are_put_upright():
    """A JPEG whose EXIF says that the camera was held upright."""
    stored = np.zeros((80, 50, 3), np.uint8)
    stored[:40] = 255  # orientation 6: the stored top is the right of the scene
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(stored).save(file, "JPEG", exif=exif, quality=95)
    cutout = Cutout(np.zeros((50, 80, 3), np.uint8), np.zeros((50, 80), np.uint8), box=None)
    photo = Photo(cutout.color)
    result = composite(cutout, photo, None, Options(bg_image=file.getvalue()))
    assert result.size == Size(80, 50)
    assert result.color[:, :30].mean() < 10
    assert result.color[:, 50:].mean() > 245
