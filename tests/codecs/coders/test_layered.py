"""OpenRaster and PSD: what holds for both."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from mattekit.codecs.coders.openraster import write as openraster
from mattekit.codecs.coders.psd import write as photoshop
from mattekit.compositing import composite, over
from mattekit.cutout import Cutout
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.picture import Metadata
from support.helpers import assert_images_close


def test_srgb_is_named():
    """Krita takes untagged 16-bit pictures for linear light."""
    color, alpha = np.zeros((3, 5, 3), np.uint16), np.zeros((3, 5), np.uint16)
    assert b"acsp" in photoshop(Cutout(color, alpha), Metadata())
    with zipfile.ZipFile(io.BytesIO(openraster(Cutout(color, alpha), Metadata()))) as archive:
        for name in ("cutout", "matte", "picture"):
            assert b"iCCP" in archive.read(f"data/{name}.png")


def test_what_lies_behind_is_a_layer_of_its_own(composed):
    cutout, result = composed
    backdrop, subject = result.layers
    assert subject is cutout
    most = cutout.opaque
    assert backdrop.alpha[0, 0] == 119 * (most // 255)
    assert backdrop.alpha[44, 40] > backdrop.alpha[0, 0]  # the shadow, the subject left out
    again = over(subject, backdrop.color, backdrop.alpha)
    assert_images_close(again.alpha, result.alpha, most // 255)
    assert_images_close(again.color, result.color, 2 * (most // 255))
    assert not result.replace(alpha=result.alpha).layers  # new pixels, other layers
    assert result.replace(kind="car").layers
    plain = composite(cutout, Photo(cutout.color), None, Options(bg_color="81d4fa77"))
    assert not plain.layers


@pytest.mark.parametrize("name", ["ora", "psd"])
def test_both_are_formats_like_others(name, tmp_path):
    color = np.full((20, 30, 3), 77, np.uint8)
    alpha = np.full((20, 30), 128, np.uint8)
    cutout = Cutout(color, alpha)
    encoded = cutout.encode(format=name)
    assert encoded.extension == f".{name}"
    assert encoded.media_type.startswith("image/")
    assert encoded.data == (openraster if name == "ora" else photoshop)(cutout, Metadata())
    cutout.save(tmp_path / f"a.{name}")
    assert (tmp_path / f"a.{name}").read_bytes() == encoded.data
    assert cutout.encode(format=name, channels="alpha").data != encoded.data
