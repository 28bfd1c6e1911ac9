"""What photos and cut-outs have in common."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mattekit import Cutout, Photo, codecs
from mattekit.options import Options
from mattekit.picture import Picture

COLOR = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10
ALPHA = np.full((2, 3), 100, np.uint8)


def test_size_and_the_value_that_is_opaque() -> None:
    for kind, opaque in ((np.uint8, 255), (np.uint16, 65535)):
        picture = Picture(COLOR.astype(kind), None)
        assert picture.size == (3, 2)
        assert picture.opaque == opaque
        assert picture.full_alpha().dtype == kind
        np.testing.assert_array_equal(picture.full_alpha(), np.full((2, 3), opaque))


def test_an_alpha_that_is_there_is_not_copied() -> None:
    assert Photo(COLOR, ALPHA).full_alpha() is ALPHA


@pytest.mark.parametrize("kind", [Photo, Cutout])
def test_new_pixels_drop_layers_and_keep_the_class(kind: type[Picture]) -> None:
    picture = kind(COLOR, ALPHA, layers=(Picture(COLOR, None),))
    assert type(picture.replace(source="x")) is kind
    assert picture.replace(source="x").layers == picture.layers
    assert picture.replace(color=COLOR + 1).layers == ()
    assert picture.replace(alpha=ALPHA + 1).layers == ()


def test_a_cutout_has_an_alpha() -> None:
    with pytest.raises(TypeError, match="alpha"):
        Cutout(COLOR)  # type: ignore[call-arg]


@pytest.mark.parametrize("format_", ["png", "jpg", "webp", "tiff", "zip", "ora", "psd", "pfm"])
def test_a_photo_is_written_as_the_opaque_cutout_of_itself(format_: str) -> None:
    options = Options(format=format_)
    full = np.full((2, 3), 255, np.uint8)
    expected = codecs.encode(Cutout(COLOR, full), options)
    assert codecs.encode(Photo(COLOR), options) == expected


def test_a_photo_as_a_pillow_image() -> None:
    image = codecs.to_pil(Photo(COLOR))
    assert image.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(image)[..., :3], COLOR)
    again = Image.open(io.BytesIO(codecs.encode(Photo(COLOR), Options(format="png")).data))
    np.testing.assert_array_equal(np.asarray(again), COLOR)
