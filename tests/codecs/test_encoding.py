from __future__ import annotations

import dataclasses
import io
import itertools
import threading
import zipfile

import numpy as np
import png as pypng
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.codecs import pngwriter
from mattekit.codecs.strips import masked, on_white, separated, to_gray
from mattekit.cutout import Cutout
from mattekit.errors import OptionError
from mattekit.imaging.samples import eight_bits
from mattekit.options import Options
from mattekit.picture import Metadata
from support.helpers import assert_images_close, disc

FORMATS = ("png", "jpg", "webp", "tiff", "zip")
SUFFIX = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "tiff": "TIFF"}


def cutout(dtype: type = np.uint8, *, transparent: bool = True) -> Cutout:
    truth = disc(70, 90)
    full = np.iinfo(dtype).max
    color = np.floor(truth.foreground * full + 0.5).astype(dtype)
    alpha = np.floor(truth.alpha * full + 0.5).astype(dtype)
    return Cutout(color, alpha if transparent else np.full_like(alpha, full))


def blanked(picture: Cutout) -> np.ndarray:
    return picture.color * (picture.alpha > 0)[..., None]


def encoded(picture: Cutout, **options: object) -> codecs.Encoded:
    return codecs.encode(picture, Options().replace(**options))


# -- formats × depths --------------------------------------------------------------------------


@pytest.mark.parametrize("channels", ["rgba", "alpha"])
@pytest.mark.parametrize("format_", ["png", "tiff", "ora", "psd", "jpg", "webp", "zip"])
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
    kept = format_ in {"png", "tiff", "ora", "psd"}
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


def test_sixteen_bit_tiff_says_that_its_alpha_is_straight() -> None:
    import tifffile

    data = encoded(cutout(np.uint16), format="tiff").data
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        assert page.bitspersample == 16
        assert [int(kind) for kind in page.extrasamples] == [2]
        np.testing.assert_array_equal(page.asarray()[..., 3], cutout(np.uint16).alpha)


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


# -- auto and alpha ----------------------------------------------------------------------------


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


def test_too_large_for_the_format() -> None:
    wide = Cutout(np.zeros((1, 16_384, 3), np.uint8), np.zeros((1, 16_384), np.uint8))
    with pytest.raises(OptionError, match="16384"):
        encoded(wide, format="webp")
    wider = Cutout(np.zeros((1, 65_501, 3), np.uint8), np.full((1, 65_501), 255, np.uint8))
    with pytest.raises(OptionError, match="65501"):
        encoded(wider, format="jpg")
    assert codecs.decode(encoded(wider, format="png").data).size == (65_501, 1)


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


# -- the PNG writer ----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 90),
    width=st.integers(1, 70),
    channels=st.integers(1, 4),
    deep=st.booleans(),
    filter_=st.integers(0, 3),
    method=st.sampled_from(["fast", "runs", "thorough"]),
    strip=st.sampled_from([1, 500, 1 << 20]),
    seed=st.integers(0, 99),
)
def test_two_independent_readers_agree(
    height: int,
    width: int,
    channels: int,
    deep: bool,
    filter_: int,
    method: str,
    strip: int,
    seed: int,
) -> None:
    dtype = np.uint16 if deep else np.uint8
    smooth = make.ramp(height, width, 4, dtype)[..., :channels]
    noise = np.random.default_rng(seed).integers(0, 9, smooth.shape, dtype)
    picture = smooth ^ noise
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pngwriter, "_STRIP", strip)
        patch.setattr(pngwriter, "_plan", lambda *_: pngwriter._Plan(filter_, method))
        data = pngwriter.write_png(
            lambda a, b: picture[a:b], width, height, channels, dtype, Metadata()
        )
    columns, lines, rows, info = pypng.Reader(bytes=data).asDirect()
    assert (columns, lines, info["planes"], info["bitdepth"]) == (
        width,
        height,
        channels,
        16 if deep else 8,
    )
    read = np.vstack([np.asarray(row, dtype) for row in rows]).reshape(picture.shape)
    np.testing.assert_array_equal(read, picture)
    image = Image.open(io.BytesIO(data))
    image.load()
    if not deep:
        np.testing.assert_array_equal(np.asarray(image).reshape(picture.shape), picture)


@pytest.mark.parametrize("mode", ["smooth", "noise", "flat", "graphic"])
def test_files_are_hardly_larger_than_those_of_pillow(mode: str) -> None:
    truth = disc(600, 800)
    color = np.floor(truth.foreground * 255).astype(np.uint8)
    rng = np.random.default_rng(0)
    if mode == "noise":
        noisy = color + rng.normal(0, 3, color.shape)
        color = np.clip(noisy, 0, 255).astype(np.uint8)
    elif mode == "flat":
        color[...] = (200, 30, 30)
    elif mode == "graphic":
        color = rng.integers(0, 255, (30, 40, 3), np.uint8).repeat(20, 0).repeat(20, 1)
    picture = Cutout(color, np.floor(truth.alpha * 255 + 0.5).astype(np.uint8))
    size = len(encoded(picture, format="png").data)
    reference = len(make.saved(codecs.to_pil(picture), "PNG"))
    assert size <= 1.15 * reference + 4096  # of tiny files the share says nothing


def test_adler_of_pieces() -> None:
    import zlib

    rng = np.random.default_rng(0)
    pieces = [rng.bytes(n) for n in (1, 7, 100_000, 0, 65_521)]
    value = 1
    for piece in pieces:
        value = pngwriter._adler_of_both(value, zlib.adler32(piece), len(piece))
    assert value == zlib.adler32(b"".join(pieces))


def test_many_at_once() -> None:
    picture = cutout()
    expected = encoded(picture, format="png").data
    results: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: results.append(encoded(picture, format="png").data))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 8


# -- arithmetic --------------------------------------------------------------------------------


def test_on_white_rounds_to_nearest() -> None:
    color, alpha = np.meshgrid(np.arange(256), np.arange(256))
    result = on_white(np.stack([color] * 3, -1).astype(np.uint8), alpha.astype(np.uint8))
    exact = np.floor((color * alpha + 255 * (255 - alpha)) / 255 + 0.5)
    np.testing.assert_array_equal(result[..., 2], exact)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_joining_and_separating(dtype: type) -> None:
    picture = make.ramp(300, 900, 4, dtype)
    picture[:, :450, 3] = 0
    picture[:, 450:500, 3] = 1
    color, alpha = separated(picture)
    np.testing.assert_array_equal(color, picture[..., :3])
    np.testing.assert_array_equal(alpha, picture[..., 3])
    joined = masked(color, alpha)
    np.testing.assert_array_equal(joined[..., 3], alpha)
    np.testing.assert_array_equal(joined[..., :3], color * (alpha > 0)[..., None])
    np.testing.assert_array_equal(to_gray(alpha), np.stack([alpha] * 3, -1))


# -- the ZIP form ------------------------------------------------------------------------------


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
