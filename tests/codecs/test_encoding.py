from __future__ import annotations

import dataclasses
import io
import itertools

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.cutout import Cutout
from mattekit.errors import OptionError
from mattekit.imaging.samples import eight_bits
from mattekit.picture import Metadata
from support.encoding import cutout, encoded
from support.helpers import assert_images_close

FORMATS = ("png", "jpg", "webp", "tiff", "zip")
SUFFIX = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "tiff": "TIFF"}


def blanked(picture: Cutout) -> np.ndarray:
    return picture.color * (picture.alpha > 0)[..., None]


@pytest.mark.parametrize("channels", ["rgba", "alpha"])
@pytest.mark.parametrize("format_", ["png", "tiff", "ora", "psd", "jpg", "webp", "zip", "pfm"])
def test_depth_is_the_most_that_a_file_has(format_: str, channels: str) -> None:
    deep = cutout(np.uint16)
    behind = deep.replace(alpha=np.full_like(deep.alpha, 65535))
    deep = dataclasses.replace(deep, layers=(behind, deep))
    flat = codecs.at_depth(deep, "8")
    assert [each.color.dtype for each in (flat, *flat.layers)] == [np.uint8] * 3
    assert [each.full_alpha().dtype for each in (flat, *flat.layers)] == [np.uint8] * 3
    how = {"format": format_, "channels": channels}
    assert encoded(deep, depth=8, **how).data == encoded(flat, **how).data
    assert encoded(deep, depth=16, **how).data == encoded(deep, **how).data
    assert encoded(flat, depth=16, **how).data == encoded(flat, **how).data
    kept = format_ in {"png", "tiff", "ora", "psd", "pfm"}
    assert (encoded(deep, depth=8, **how).data != encoded(deep, **how).data) == kept


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("format_", ["png", "tiff"])
def test_lossless_formats_keep_every_bit(format_: str, dtype: type) -> None:
    picture = cutout(dtype)
    photo = codecs.decode(encoded(picture, format=format_).data)
    assert photo.color.dtype == dtype
    np.testing.assert_array_equal(photo.alpha, picture.alpha)
    np.testing.assert_array_equal(photo.color, blanked(picture))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("format_", ["png", "tiff"])
def test_opaque_cutouts_have_no_alpha_channel(format_: str, dtype: type) -> None:
    picture = cutout(dtype, transparent=False)
    data = encoded(picture, format=format_).data
    photo = codecs.decode(data)
    assert photo.alpha is None
    np.testing.assert_array_equal(photo.color, picture.color)
    if dtype == np.uint8:
        assert Image.open(io.BytesIO(data)).mode == "RGB"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_jpeg_is_on_white(dtype: type) -> None:
    picture = cutout(dtype)
    data = encoded(picture, format="jpg", quality=100).data
    image = Image.open(io.BytesIO(data))
    assert image.mode == "RGB"
    share = picture.alpha[..., None] / picture.opaque
    expected = picture.color / picture.opaque * 255 * share + 255 * (1 - share)
    assert_images_close(np.asarray(image), expected, 12, mean=1)
    assert np.asarray(image)[0, 0].tolist() == [255, 255, 255]


def test_jpeg_is_baseline_420() -> None:
    data = encoded(cutout(), format="jpg").data
    frame = data.index(b"\xff\xc0")
    assert [data[frame + 11 + 3 * i] for i in range(3)] == [0x22, 0x11, 0x11]


def test_quality_counts() -> None:
    for format_ in ("jpg", "zip", "webp"):
        low, high = (len(encoded(cutout(), format=format_, quality=q).data) for q in (20, 95))
        assert low < high, format_


def test_webp_is_lossless_at_100() -> None:
    picture = cutout()
    image = Image.open(io.BytesIO(encoded(picture, format="webp", quality=100).data))
    rgba = np.asarray(image.convert("RGBA"))
    np.testing.assert_array_equal(rgba[..., 3], picture.alpha)
    seen = picture.alpha > 0
    np.testing.assert_array_equal(rgba[..., :3][seen], picture.color[seen])
    assert b"VP8L" in encoded(picture, format="webp", quality=100).data
    assert b"VP8L" not in encoded(picture, format="webp", quality=99).data


@pytest.mark.parametrize("format_", FORMATS)
def test_same_input_same_bytes(format_: str) -> None:
    assert encoded(cutout(), format=format_).data == encoded(cutout(), format=format_).data


def test_nothing_is_written_to(tmp_path: object) -> None:
    picture = cutout()
    picture.color.flags.writeable = picture.alpha.flags.writeable = False
    for format_, channels in itertools.product(FORMATS, ("rgba", "alpha")):
        encoded(picture, format=format_, channels=channels)


def test_views_and_single_pixels() -> None:
    base = cutout()
    view = base.replace(color=base.color[::2, ::-3], alpha=base.alpha[::2, ::-3])
    dot = base.replace(color=base.color[:1, :1], alpha=base.alpha[:1, :1])
    full = Cutout(base.color[35:36, 45:46], base.alpha[35:36, 45:46])
    for picture, format_ in itertools.product((view, dot, full), FORMATS):
        result = encoded(picture, format=format_)
        assert result.size == picture.size
        if format_ != "zip":
            assert Image.open(io.BytesIO(result.data)).size == picture.size


def test_auto() -> None:
    assert encoded(cutout()).format == "png"
    assert encoded(cutout(transparent=False)).format == "jpg"
    almost = cutout(transparent=False)
    almost.alpha[3, 4] = 254
    assert encoded(almost).format == "png"
    mask = encoded(cutout(), channels="alpha")
    assert mask.format == "jpg"
    assert Image.open(io.BytesIO(mask.data)).mode == "L"


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("format_", ["png", "tiff", "jpg", "webp"])
def test_alpha_alone(format_: str, dtype: type) -> None:
    picture = cutout(dtype)
    data = encoded(picture, format=format_, channels="alpha", quality=100).data
    image = Image.open(io.BytesIO(data))
    assert (
        image.mode
        == {
            "webp": "RGB",
            "png": "L" if dtype == np.uint8 else "I;16",
            "tiff": "L" if dtype == np.uint8 else "I;16",
            "jpg": "L",
        }[format_]
    )
    photo = codecs.decode(data)
    if format_ in {"png", "tiff"}:
        np.testing.assert_array_equal(photo.color[..., 1], picture.alpha)
    else:
        tolerance = 2 if format_ == "jpg" else 0
        assert_images_close(photo.color[..., 1], eight_bits(picture.alpha), tolerance)


def test_what_encoded_says() -> None:
    media = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "tiff": "image/tiff"}
    for name in FORMATS:
        result = encoded(cutout(), format=name)
        assert result.media_type == media.get(name, "application/zip")
        assert result.extension == f".{name}"
        assert result.size == (90, 70)


@pytest.mark.parametrize(
    ("name", "format_"),
    [("a.png", "png"), ("b.JPG", "jpg"), ("c.x.jpeg", "jpg"), ("d.tif", "tiff"), ("e.zip", "zip")],
)
def test_format_of(name: str, format_: str) -> None:
    assert codecs.format_of(name) == format_


@pytest.mark.parametrize("name", ["a", "a.gif", "a.", ".png.bak"])
def test_format_of_unknown_suffix(name: str) -> None:
    with pytest.raises(OptionError, match=r"\.png, \.jpg"):
        codecs.format_of(name)


def test_to_pil() -> None:
    picture = cutout(np.uint16).replace(metadata=Metadata(make.SRGB, (72, 72), make.exif_block(1)))
    image = codecs.to_pil(picture)
    assert image.mode == "RGBA"
    assert image.info["icc_profile"] == make.SRGB
    assert image.info["dpi"] == (72, 72)
    again = Image.open(io.BytesIO(make.saved(image, "PNG", **image.info)))
    assert again.getexif()[0x010F] == "Maker"
    np.testing.assert_array_equal(np.asarray(image)[..., 3], eight_bits(picture.alpha))
    assert np.asarray(image)[0, 0].tolist() == [0, 0, 0, 0]
