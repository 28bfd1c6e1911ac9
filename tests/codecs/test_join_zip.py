"""A ZIP's two files made one PNG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.errors import (
    InputNotFound,
    InvalidFileType,
    UnreadableImage,
)
from mattekit.options import Options
from support.helpers import assert_images_close
from support.zips import ALPHA, COLOR, CUTOUT, packed


def test_there_and_back(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(codecs.encode(CUTOUT, Options(format="zip", quality=95)).data)
    photo = codecs.decode(codecs.zip_to_png(path))
    np.testing.assert_array_equal(photo.alpha, CUTOUT.alpha)
    visible = CUTOUT.alpha > 0
    assert_images_close(photo.color[visible], CUTOUT.color[visible], 8, mean=2)
    assert (photo.color[~visible] == 0).all()
    assert photo.metadata.icc_profile == make.SRGB
    assert photo.metadata.dpi == pytest.approx((300, 300), rel=1e-4)


def test_sizes_differ() -> None:
    small = make.saved(Image.new("L", (5, 5)), "PNG")
    with pytest.raises(UnreadableImage, match="alpha"):
        codecs.zip_to_png(packed([("color.jpg", COLOR), ("alpha.png", small)]))


def test_entries_that_are_no_pictures() -> None:
    with pytest.raises(InvalidFileType, match=r"color\.jpg.*text"):
        codecs.zip_to_png(packed([("color.jpg", b"hello there"), ("alpha.png", ALPHA)]))
    with pytest.raises(UnreadableImage):
        codecs.zip_to_png(packed([("color.jpg", COLOR[:700]), ("alpha.png", ALPHA)]))


def test_missing() -> None:
    with pytest.raises(InputNotFound):
        codecs.zip_to_png("no such.zip")
