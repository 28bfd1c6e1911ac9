"""Results as ZIP."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.errors import InputError
from mattekit.picture import Metadata
from support.encoding import cutout, encoded
from support.helpers import assert_images_close


def test_zip_is_as_the_api_makes_it() -> None:
    picture = cutout().replace(metadata=Metadata(make.SRGB, (72, 72), make.exif_block(1)))
    data = encoded(picture, format="zip").data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["color.jpg", "alpha.png"]
        assert all(i.compress_type == zipfile.ZIP_STORED for i in archive.infolist())
        assert all(i.date_time == (1980, 1, 1, 0, 0, 0) for i in archive.infolist())
        color, alpha = (Image.open(io.BytesIO(archive.read(n))) for n in archive.namelist())
    assert (color.mode, alpha.mode) == ("RGB", "L")
    assert color.info["icc_profile"] == make.SRGB
    assert not set(alpha.info) & {"dpi", "icc_profile", "exif"}
    seen = picture.alpha > 0  # around it the subject's colours continue, see test_edge_padding.py
    assert_images_close(np.asarray(color)[seen], picture.color[seen], 12, mean=2)
    np.testing.assert_array_equal(np.asarray(alpha), picture.alpha)


def test_zip_holds_both_whatever_the_channels() -> None:
    picture = cutout().replace(metadata=Metadata(make.SRGB, (72, 72), make.exif_block(1)))
    data = encoded(picture, format="zip", channels="alpha").data
    assert data == encoded(picture, format="zip").data
    assert codecs.zip_to_png(data)


@pytest.mark.slow
def test_zip_whose_entries_inflate_without_end() -> None:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("color.jpg", bytes(64 << 20))
        bomb.writestr("alpha.png", bytes(64 << 20))
    with pytest.raises(InputError):
        codecs.decode(file.getvalue())
