from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.codecs.metadata import clean_exif, dpi_of, stated_orientation
from mattekit.cutout import Cutout
from mattekit.options import Options
from mattekit.picture import Metadata, Picture
from support.helpers import srgb


@pytest.mark.parametrize("orientation", [1, 3, 8])
def test_clean_exif_changes_nothing_else(orientation: int) -> None:
    block = make.exif_block(orientation, thumbnail=b"\xff\xd8 an old picture \xff\xd9")
    clean = clean_exif(b"Exif\0\0" + block)
    assert clean is not None
    assert b"old picture" not in clean
    assert stated_orientation(clean) == 1
    exif = Image.Exif()
    exif.load(clean)
    assert exif[0x010F] == "Maker"
    assert exif.get_ifd(0x8769)[0x927C] == b"a note of the maker, with \x02\x01\x00 inside"
    assert not exif.get_ifd(1)
    # Everything stands where it stood, so offsets inside maker notes hold.
    assert clean.index(b"a note") == block.index(b"a note")


def test_clean_exif_without_orientation() -> None:
    assert clean_exif(make.exif_block()) == make.exif_block()


@pytest.mark.parametrize("cut", range(0, 60, 3))
def test_broken_exif_is_left_out(cut: int) -> None:
    clean = clean_exif(make.exif_block(6, b"thumbnail")[:cut])
    assert clean is None
    assert stated_orientation(make.exif_block(6)[:cut]) in {0, 6}


@pytest.mark.parametrize(
    "block", [None, b"", b"Exif\0\0", b"nonsense" * 9, b"II*\0\xff\xff\xff\xff"]
)
def test_no_exif(block: bytes | None) -> None:
    assert clean_exif(block) is None
    assert stated_orientation(block or b"") == 0


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_senseless_orientation(orientation: int) -> None:
    data = make.png(make.ramp(4, 6), (b"eXIf", make.exif_block(orientation)))
    assert codecs.decode(data).color.shape == (4, 6, 3)


@pytest.mark.parametrize(
    "value", [None, (0, 0), (-1, 5), (float("nan"), 1), ("x", "y"), (1,), 72, (1e9, 1)]
)
def test_senseless_resolution(value: object) -> None:
    assert dpi_of(value) is None


def cutout(dtype: type = np.uint8, *, transparent: bool = True) -> Cutout:
    picture = make.ramp(24, 40, 4, dtype)
    alpha = picture[..., 3].copy() if transparent else np.full((24, 40), np.iinfo(dtype).max, dtype)
    metadata = Metadata(make.SRGB, (300.0, 150.0), clean_exif(make.exif_block(6)))
    return Cutout(picture[..., :3].copy(), alpha, metadata)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("format_", ["png", "jpg", "webp", "tiff"])
def test_metadata_identity(format_: str, dtype: type) -> None:
    original = cutout(dtype)
    data = codecs.encode(original, Options(format=format_)).data
    metadata = codecs.decode(data).metadata
    assert metadata.icc_profile == make.SRGB
    image = Image.open(io.BytesIO(data))
    assert image.info["icc_profile"] == make.SRGB
    if format_ != "webp":  # has no field for it
        assert metadata.dpi == pytest.approx((300, 150), rel=1e-4)
        assert image.info["dpi"] == pytest.approx((300, 150), rel=1e-4)
    exif = image.getexif()
    assert exif[0x010F] == "Maker"
    assert exif.get(0x0112, 1) == 1
    assert exif.get_ifd(0x8769)[0x829A] is not None
    if format_ != "tiff":  # whose own directory holds the tags
        assert metadata.exif == original.metadata.exif


@pytest.mark.parametrize("format_", ["png", "jpg", "webp", "tiff"])
def test_metadata_may_be_left_out(format_: str) -> None:
    data = codecs.encode(cutout(), Options(format=format_, keep_metadata=False)).data
    metadata = codecs.decode(data).metadata
    assert metadata == Metadata()


@pytest.mark.parametrize("format_", ["png", "tiff", "ora"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_without_metadata_colors_are_those_of_srgb(format_: str, dtype: type) -> None:
    """In the profile red and green have changed places, and so they do in the file."""
    most = np.iinfo(dtype).max
    red = np.full((20, 30, 3), (most, 0, 0), dtype)
    swapped = Metadata(icc_profile=srgb(r="g", g="r"))
    layer = Picture(red, np.full((20, 30), most, dtype), swapped, name="Cut-out")
    given = layer.replace(layers=(layer,))
    data = codecs.encode(given, Options(format=format_, keep_metadata=False)).data
    if format_ != "ora":
        pictures = [data]
        assert codecs.decode(data).metadata == Metadata()
    else:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            pictures = [archive.read(name) for name in ("mergedimage.png", "data/cutout.png")]
    for picture in pictures:
        decoded = codecs.decode(picture)
        share = decoded.color[10, 15] / np.iinfo(decoded.color.dtype).max
        np.testing.assert_allclose(share, (0, 1, 0), atol=0.02)
    np.testing.assert_array_equal(given.color, red)


@pytest.mark.parametrize("format_", ["png", "jpg", "webp", "tiff"])
def test_masks_have_no_profile(format_: str) -> None:
    data = codecs.encode(cutout(), Options(format=format_, channels="alpha")).data
    metadata = codecs.decode(data).metadata
    assert metadata.icc_profile is None
    assert metadata.exif is None


def test_large_profile_spans_jpeg_segments() -> None:
    profile = make.SRGB + np.random.default_rng(0).bytes(200_000)
    original = cutout().replace(metadata=Metadata(icc_profile=profile))
    data = codecs.encode(original, Options(format="jpg")).data
    assert Image.open(io.BytesIO(data)).info["icc_profile"] == profile
    assert codecs.decode(data).metadata.icc_profile == profile
    data = codecs.encode(original, Options(format="png")).data
    assert codecs.decode(data).metadata.icc_profile == profile


def test_exif_too_long_for_jpeg_is_left_out() -> None:
    long = make.exif_block(1) + bytes(70_000)
    original = cutout().replace(metadata=Metadata(exif=long))
    data = codecs.encode(original, Options(format="jpg")).data
    assert codecs.decode(data).metadata.exif is None
