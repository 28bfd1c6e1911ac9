"""Pictures turned upright as EXIF says."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

import support.codecs as make
from mattekit import codecs
from mattekit.codecs.metadata import stated_orientation

RGBA = make.ramp(24, 40, 4)


def with_orientation(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    return exif


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("format_", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "LA"),
        ("WEBP", "RGBA"),
        ("TIFF", "RGB"),
        ("TIFF", "RGBA"),
        ("TIFF", "P"),
        ("TIFF", "CMYK"),
    ],
)
def test_orientation_matrix(format_: str, mode: str, orientation: int) -> None:
    rgba = Image.fromarray(RGBA)
    image = rgba.convert("RGB").convert(mode) if mode in {"CMYK", "P"} else rgba.convert(mode)
    how = {"lossless": True, "exact": True} if format_ == "WEBP" else {}
    how |= {"quality": 95} if format_ == "JPEG" else {}
    data = make.saved(image, format_, exif=with_orientation(orientation), **how)
    stored = Image.open(io.BytesIO(data))
    # Pillow turns TIFF while loading.
    upright = stored if format_ == "TIFF" else ImageOps.exif_transpose(stored)
    expected = np.asarray(upright.convert("RGBA"))
    photo = codecs.decode(data)
    assert photo.color.shape == expected[..., :3].shape
    tolerance = 3 if format_ == "JPEG" or mode == "CMYK" else 0
    assert np.abs(photo.color - expected[..., :3].astype(int)).max() <= tolerance
    if mode in {"RGBA", "LA"}:
        np.testing.assert_array_equal(photo.alpha, expected[..., 3])
    assert stated_orientation(photo.metadata.exif or b"") in {0, 1}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_sixteen_bits(orientation: int) -> None:
    picture = make.ramp(24, 40, 4, np.uint16)
    png = codecs.decode(make.png(picture, (b"eXIf", make.exif_block(orientation))))
    tiff = codecs.decode(
        make.tiff(
            picture,
            photometric="rgb",
            extrasamples=["unassalpha"],
            extratags=[(274, 3, 1, orientation, True)],
        )
    )
    eight = Image.fromarray((picture >> 8).astype(np.uint8))
    eight.getexif()[0x0112] = orientation
    shape = np.asarray(ImageOps.exif_transpose(eight))
    for photo in (png, tiff):
        assert photo.alpha is not None
        np.testing.assert_array_equal(photo.color >> 8, shape[..., :3])
        np.testing.assert_array_equal(photo.alpha >> 8, shape[..., 3])
