"""What comes through Pillow."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.errors import (
    InvalidFileType,
    ResolutionTooHigh,
    UnreadableImage,
)
from support.decoding import RGB, RGBA


def palette(transparent: bool) -> Image.Image:
    image = Image.fromarray(RGB).quantize(16)
    if transparent:
        image.info["transparency"] = 3
    return image


def test_float_image_of_pillow_is_refused() -> None:
    with pytest.raises(InvalidFileType, match="floating"):
        codecs.decode(Image.new("F", (4, 4)))


def test_transparent_palette() -> None:
    image = palette(transparent=True)
    data = make.saved(image, "PNG", transparency=3)
    photo = codecs.decode(data)
    np.testing.assert_array_equal(photo.alpha == 0, np.asarray(image) == 3)


def test_palette_with_partial_transparency() -> None:
    image = Image.fromarray(RGB).quantize(4)
    data = make.saved(image, "PNG", transparency=bytes([255, 128, 0]))
    photo = codecs.decode(data)
    assert set(np.unique(photo.alpha)) == {0, 128, 255}


def test_pillow_image_is_left_as_it_is() -> None:
    image = Image.fromarray(RGBA)
    codecs.decode(image)
    assert image.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(image), RGBA)


def test_large_pictures_give_no_warning() -> None:
    # Above the 89 megapixels where Pillow warns, which the suite would turn into an error.
    width, height = 12_000, 8_000
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + make.chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        + make.chunk(b"IDAT", rows)
        + make.chunk(b"IEND", b"")
    )
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(data, limits=codecs.Limits(max_pixels=90_000_000))


@pytest.mark.parametrize("format_", ["ICO", "GIF", "BMP", "QOI", "WEBP"])
def test_a_broken_header_is_not_blamed_on_pillow(format_: str) -> None:
    whole = make.saved(Image.fromarray(RGB), format_)
    with pytest.raises(UnreadableImage) as caught:
        codecs.decode(whole[:8] + bytes(len(whole) - 8) if format_ == "ICO" else whole[:20])
    assert "Pillow" not in str(caught.value)
