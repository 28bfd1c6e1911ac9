from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import support.codecs as make
from mattekit import codecs
from mattekit.errors import (
    ResolutionTooHigh,
)
from support.decoding import RGB, RGBA, check_contract, stacked

GRAY = make.ramp(37, 53, 1)
EXACT = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA"),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA"),
    "BMP": ("1", "L", "P", "RGB"),
    "GIF": ("1", "L", "P"),
    "PPM": ("1", "L", "RGB"),
    "TGA": ("L", "P", "RGB", "RGBA"),
    "PCX": ("1", "L", "P", "RGB"),
    "SGI": ("L", "RGB", "RGBA"),
    "ICO": ("RGBA",),
    "JPEG2000": ("L", "RGB", "RGBA"),
    "QOI": ("RGB", "RGBA"),
    "DDS": ("RGB", "RGBA"),
}


@pytest.mark.parametrize(
    ("format_", "mode"), [(f, mode) for f, modes in EXACT.items() for mode in modes]
)
def test_modes_of_lossless_formats(format_: str, mode: str) -> None:
    image = Image.fromarray(RGBA)
    image = image.convert("RGB").quantize(16) if mode == "P" else image.convert(mode)
    how = {"sizes": [(53, 37)]} if format_ == "ICO" else {}
    photo = codecs.decode(make.saved(image, format_, **how))
    check_contract(photo)
    expected = np.asarray(image.convert("RGBA"))
    np.testing.assert_array_equal(photo.color, expected[..., :3])
    if mode in {"LA", "RGBA"}:
        np.testing.assert_array_equal(photo.alpha, expected[..., 3])
    else:
        assert photo.alpha is None


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("format_", ["WEBP", "AVIF"])
def test_lossy_formats_with_alpha(format_: str, mode: str) -> None:
    if format_ == "AVIF":
        pytest.importorskip("PIL._avif")
    data = make.saved(Image.fromarray(RGBA).convert(mode), format_, quality=100)
    photo = codecs.decode(data)
    check_contract(photo)
    assert photo.format == format_.lower()
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
    np.testing.assert_array_equal(photo.color, expected[..., :3])
    if mode == "RGBA":
        np.testing.assert_array_equal(photo.alpha, expected[..., 3])


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"rowsperstrip": 5},
        {"tile": (16, 16)},
        {"compression": "zlib", "predictor": True},
        {"compression": "lzw"},
        {"compression": "packbits"},
        {"byteorder": ">"},
        {"bigtiff": True},
        {"compression": "zstd"},
    ],
    ids=str,
)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiff_depths_are_bit_identical(how: dict, channels: int, dtype: type) -> None:
    picture = make.ramp(41, 50, channels, dtype)
    extra = {"extrasamples": ["unassalpha"]} if channels in {2, 4} else {}
    kind = "rgb" if channels > 2 else "minisblack"
    planes = {} if channels == 1 else {"planarconfig": "contig"}
    photo = codecs.decode(make.tiff(picture, photometric=kind, **extra, **planes, **how))
    check_contract(photo)
    assert photo.format == "tiff"
    gray = picture if channels == 1 else picture[..., 0]
    expected = stacked(gray) if channels <= 2 else picture[..., :3]
    np.testing.assert_array_equal(photo.color, expected)
    if channels in {2, 4}:
        np.testing.assert_array_equal(photo.alpha, picture[..., -1])


def test_opaque_alpha_is_no_alpha() -> None:
    picture = RGBA.copy()
    picture[..., 3] = 255
    assert codecs.decode(make.png(picture)).alpha is None


def test_animation_gives_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 10), color) for color in ("red", "green", "blue")]
    for format_ in ("GIF", "PNG", "WEBP", "TIFF"):
        how = {"lossless": True} if format_ == "WEBP" else {}
        data = make.saved(frames[0], format_, save_all=True, append_images=frames[1:], **how)
        photo = codecs.decode(data)
        assert photo.color[5, 5].tolist() == [255, 0, 0], format_


@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
def test_cmyk_without_profile(format_: str) -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    photo = codecs.decode(make.saved(image, format_))
    assert np.abs(photo.color[8, 8].astype(int) - (255, 0, 0)).max() <= 3
    assert photo.metadata.icc_profile is None


def test_lab_tiff_becomes_srgb() -> None:
    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.createProfile("sRGB")
    rgb = Image.new("RGB", (16, 16), (200, 90, 40))
    image = ImageCms.profileToProfile(rgb, srgb, lab, outputMode="LAB")
    photo = codecs.decode(make.saved(image, "TIFF"))
    assert np.abs(photo.color[8, 8].astype(int) - (200, 90, 40)).max() <= 3
    assert photo.metadata.icc_profile is None


def test_rgb_profile_stays() -> None:
    for format_ in ("PNG", "JPEG", "TIFF", "WEBP"):
        data = make.saved(Image.fromarray(RGB), format_, icc_profile=make.SRGB)
        assert codecs.decode(data).metadata.icc_profile == make.SRGB, format_


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "TGA"])
def test_pixels_are_counted_before_decoding(format_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import imagecodecs

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("decoded before the size was checked")

    monkeypatch.setattr(imagecodecs, "jpeg8_decode", refuse)
    monkeypatch.setattr(imagecodecs, "png_decode", refuse)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", refuse)
    data = make.saved(Image.fromarray(RGB), format_)
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(data, limits=codecs.Limits(max_pixels=100))


CMYK_PROFILE = Path("/usr/share/color/icc/ghostscript/default_cmyk.icc")


@pytest.mark.skipif(not CMYK_PROFILE.exists(), reason="no CMYK profile on this machine")
@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
def test_cmyk_goes_through_its_profile(format_: str) -> None:
    profile = CMYK_PROFILE.read_bytes()
    image = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    data = make.saved(image, format_, icc_profile=profile)
    photo = codecs.decode(data)
    naive = codecs.decode(make.saved(image, format_))
    expected = ImageCms.profileToProfile(
        image,
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
    )
    pure = np.asarray(expected)[8, 8].astype(int)
    assert np.abs(photo.color[8, 8] - pure).max() <= 12
    assert np.abs(photo.color[8, 8].astype(int) - naive.color[8, 8]).max() > 30
    assert photo.metadata.icc_profile is None
