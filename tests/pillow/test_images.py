"""Between Pillow's images and the values that travel through mattekit."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mattekit.cutout import Cutout
from mattekit.errors import InvalidFileType
from mattekit.geometry import Box
from mattekit.options import Options
from mattekit.picture import Metadata
from mattekit_pillow import images
from support.codecs import SRGB


@pytest.fixture
def image() -> Image.Image:
    samples = np.full((6, 8, 4), 90, np.uint8)
    samples[..., 3] = 0
    samples[2:4, 3:6, 3] = 255
    return Image.fromarray(samples)


@pytest.mark.parametrize("mode", ["I", "F", "I;16"])
def test_more_than_eight_bits_have_no_way_back(mode: str) -> None:
    with pytest.raises(InvalidFileType, match="8 bits per channel"):
        images.photo_of(Image.new(mode, (3, 2)))


def test_transparency_says_where_the_subject_is(image: Image.Image) -> None:
    cutout = images.cutout_of(image)
    assert (cutout.found, cutout.box) == (True, Box(3, 2, 6, 4))
    nothing = images.cutout_of(Image.new("RGBA", (8, 6)))
    assert (nothing.found, nothing.box) == (False, None)


def test_an_image_that_can_have_no_subject(image: Image.Image) -> None:
    with pytest.raises(InvalidFileType, match=r"apply RemoveBackground\(\) first"):
        images.cutout_of(image.convert("RGB"))


def test_a_cutout_as_an_image(image: Image.Image) -> None:
    metadata = Metadata(SRGB, (72.0, 72.0), b"MM\0*")
    cutout = images.cutout_of(image).replace(metadata=metadata)
    plain = images.to_image(cutout, Options())
    assert plain.info == {"icc_profile": SRGB, "dpi": (72.0, 72.0), "exif": b"Exif\0\0MM\0*"}
    assert not np.asarray(plain)[0].any()
    kept = images.to_image(cutout, Options(keep_color=True, keep_metadata=False))
    np.testing.assert_array_equal(np.asarray(kept), np.asarray(image))
    assert kept.info == {}
    matte = images.to_image(cutout, Options(channels="alpha"))
    assert (matte.mode, matte.info) == ("L", {"dpi": (72.0, 72.0)})


def test_framing_goes_the_way_of_the_core(image: Image.Image) -> None:
    cutout = images.composed(images.cutout_of(image), Options(crop=True))
    assert cutout.size == (3, 2)
    assert isinstance(cutout, Cutout)


def test_a_palette_travels_along_with_the_pixels(image: Image.Image) -> None:
    paletted = image.convert("RGB").quantize(4)
    again = images.from_core(paletted.im)
    assert again.convert("RGB").getpixel((0, 0)) == paletted.convert("RGB").getpixel((0, 0))
    assert again.info == {}


def test_whose_pixels_they_are_is_known_while_pillow_filters(image: Image.Image) -> None:
    assert images.being_filtered(image.im) is None
