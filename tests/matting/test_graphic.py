"""Flat graphics: lettering and shapes with known alpha, and what must not be taken for them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import mattekit
from mattekit.codecs import decode
from mattekit.geometry import Box
from mattekit.matting import Matte, color_key
from mattekit.threads import at_most
from support.helpers import ROOT, assert_images_close, disc

SIZE = (360, 200)
SCALE = 8


def coverage(draw_on) -> np.ndarray:
    """Draw at eight times the size and average: exact coverage of each pixel."""
    mask = Image.new("L", (SIZE[0] * SCALE, SIZE[1] * SCALE))
    draw_on(ImageDraw.Draw(mask))
    return np.asarray(mask.reduce(SCALE), np.float32) / 255


def lettering(draw: ImageDraw.ImageDraw) -> None:
    draw.text((160, 100), "Boards & Oddities", font=ImageFont.load_default(300), fill=255)
    draw.text((160, 600), "open from 9 to 6", font=ImageFont.load_default(170), fill=255)


def ring(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((1900, 850, 2500, 1450), fill=255)
    draw.ellipse((2000, 950, 2400, 1350), fill=0)


def dot(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((1450, 1050, 1650, 1250), fill=255)


@pytest.fixture(scope="module")
def logo():
    """Red letters, a blue ring and a yellow dot on cream, in 0..1, and their alpha."""
    image = np.full((*SIZE[::-1], 3), [0.97, 0.95, 0.88], np.float32)
    alpha = np.zeros(SIZE[::-1], np.float32)
    for shape, color in ((lettering, [0.7, 0.1, 0.1]), (ring, [0.1, 0.2, 0.6]), (dot, [1, 0.8, 0])):
        part = coverage(shape)
        image += part[..., None] * (np.float32(color) - image)
        alpha = np.maximum(alpha, part)
    return image, alpha


def matte_of(photo, coarse=None, roi=None):
    box = photo.size.box
    coarse = np.full((16, 16), 0.5, np.float32) if coarse is None else coarse
    return Matte(coarse, box, roi or box, np.zeros((*coarse.shape, 3), np.uint8))


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_alpha_is_the_coverage(logo, depth):
    image, alpha = logo
    photo = decode((image * np.iinfo(depth).max + 0.5).astype(depth))
    found = color_key(photo, matte_of(photo))
    assert found is not None
    assert_images_close(found * 255, alpha * 255, 40, mean=0.6)


def test_jpeg(logo, tmp_path):
    image, alpha = logo
    Image.fromarray((image * 255 + 0.5).astype(np.uint8)).save(
        tmp_path / "logo.jpg", quality=95, subsampling=0
    )
    photo = decode(tmp_path / "logo.jpg")
    found = color_key(photo, matte_of(photo))
    assert found is not None
    assert np.abs(found - alpha).mean() < 0.012
    assert np.mean((found > 0.5) != (alpha > 0.5)) < 0.004


def test_tiles_leave_no_seam(logo):
    image, _ = logo
    pixels = (image * 255 + 0.5).astype(np.uint8)
    one = decode(pixels)
    many = decode(np.tile(pixels, (2, 2, 1)))
    expected = color_key(one, matte_of(one))
    found = color_key(many, matte_of(many))
    assert found is not None
    np.testing.assert_array_equal(found, np.tile(expected, (2, 2)))


def test_the_number_of_cores_changes_nothing(logo):
    """What is drawn lies in few of the tiles, and beyond the edge of some."""
    drawn = (logo[0] * 255 + 0.5).astype(np.uint8)
    picture = np.tile(drawn[:1, :1], (1300, 1400, 1))
    height, width = drawn.shape[:2]
    for top, left in ((20, 500 - width), (515, 700), (1300 - height, 0)):
        picture[top : top + height, left : left + width] = drawn
    photo = decode(picture)
    with at_most(1):
        alone = color_key(photo, matte_of(photo))
    assert alone is not None
    with at_most(2):
        np.testing.assert_array_equal(color_key(photo, matte_of(photo)), alone)
    np.testing.assert_array_equal(
        alone[515 : 515 + height, 700 : 700 + width], alone[20 : 20 + height, 500 - width : 500]
    )


def test_outside_the_roi_there_is_nothing(logo):
    photo = decode((logo[0] * 255 + 0.5).astype(np.uint8))
    whole = color_key(photo, matte_of(photo))
    part = color_key(photo, matte_of(photo, roi=Box(100, 10, 200, 150)))
    np.testing.assert_array_equal(part[10:150, 100:200], whole[10:150, 100:200])
    assert np.count_nonzero(part) == np.count_nonzero(part[10:150, 100:200]) > 0


def test_the_whole_way(logo):
    image, alpha = logo
    cutout = mattekit.remove_background((image * 255 + 0.5).astype(np.uint8))
    assert cutout.found
    assert cutout.kind == "graphic"
    assert_images_close(cutout.alpha, alpha * 255, 40, mean=0.6)


def test_lettering_on_a_panel_is_no_shade():
    """A window on a desktop of another colour: its text has an ink that fills no area."""
    font = ImageFont.load_default(14)
    window = Image.new("RGB", (400, 400), (245, 245, 245))
    pen = ImageDraw.Draw(window)
    pen.rectangle((40, 40, 360, 360), fill="white", outline=(180, 180, 180))
    pen.rectangle((40, 40, 360, 70), fill=(60, 90, 200))
    for row in range(16):
        pen.text((60, 85 + 17 * row), "Some menu entries and more text", "black", font)
    photo = decode(window)
    found = color_key(photo, matte_of(photo))
    assert found is not None
    assert (found[40:361, 40:361] == 1).all()
    assert np.count_nonzero(found) == 321 * 321


# -- what is none ------------------------------------------------------------------------------


def studio(shadow: bool) -> np.ndarray:
    """A shaded ball in front of white, as a shop photographs it."""
    rows, columns = np.indices((240, 320)).astype(np.float32)
    distance = np.hypot(rows - 120, columns - 160)
    light = np.clip(0.75 - 0.004 * (rows - 60) - 0.002 * (columns - 160), 0, 1)
    image = np.ones((240, 320), np.float32)
    if shadow:
        image -= 0.3 * np.exp(-(((columns - 170) / 90) ** 2) - ((rows - 205) / 12) ** 2)
    ball = np.clip(80 - distance + 0.5, 0, 1)
    image += ball * (light - image)
    noise = np.random.default_rng(0).normal(0, 1.5, image.shape) * (image < 0.999)
    return np.repeat(np.clip(image * 255 + noise, 0, 255).astype(np.uint8)[..., None], 3, 2)


@pytest.mark.parametrize("shadow", [False, True])
def test_a_product_on_white_is_a_photograph(shadow):
    photo = decode(studio(shadow))
    assert color_key(photo, matte_of(photo)) is None


@pytest.mark.parametrize(
    "name",
    [
        path.name
        for path in sorted((ROOT / "sample_images").iterdir())
        if path.suffix in {".jpg", ".png", ".webp"}
    ],
)
def test_photographs_are_none(name):
    photo = decode(ROOT / "sample_images" / name)
    assert color_key(photo, matte_of(photo)) is None


def test_pictures_of_nothing_are_none():
    for color in (0, 128, 255):
        photo = decode(np.full((64, 64, 3), color, np.uint8))
        assert color_key(photo, matte_of(photo)) is None
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    photo = decode(noise)
    assert color_key(photo, matte_of(photo)) is None


def test_a_soft_disc_on_a_gradient_is_none():
    photo = decode(disc().image)
    assert color_key(photo, matte_of(photo)) is None
