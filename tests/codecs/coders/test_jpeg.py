"""JPEG as others read it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from support.decoding import RGB, check_contract


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize(
    "how", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 100}, {"keep_rgb": True}]
)
def test_jpeg_equals_pillow(mode: str, how: dict[str, object]) -> None:
    data = make.saved(Image.fromarray(RGB).convert(mode), "JPEG", **how)
    photo = codecs.decode(data)
    check_contract(photo)
    assert photo.format == "jpg"
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.int16)
    assert np.abs(photo.color - expected).max() <= 2


def test_ycck_of_adobe_is_not_inverted() -> None:
    # Pillow writes inverted CMYK with Adobe's marker, as Photoshop does; the marker's last byte
    # says whether it is YCCK (2) or CMYK (0).
    image = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    data = make.saved(image, "JPEG", quality=95)
    assert b"Adobe" in data
    photo = codecs.decode(data)
    assert np.abs(photo.color[8, 8].astype(int) - (0, 255, 255)).max() <= 3
