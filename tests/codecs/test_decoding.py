from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import support.codecs as make
from mattekit import codecs
from mattekit.codecs import archive
from mattekit.errors import (
    FileTooLarge,
    InputNotFound,
    InvalidDimensions,
    InvalidFileType,
    ResolutionTooHigh,
    UnreadableImage,
)
from mattekit.photo import Photo

RGB = make.ramp(37, 53)
RGBA = make.ramp(37, 53, 4)
GRAY = make.ramp(37, 53, 1)
FULL = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}


def stacked(gray: np.ndarray) -> np.ndarray:
    return np.stack([gray] * 3, -1)


def check_contract(photo: Photo) -> None:
    assert photo.color.ndim == 3
    assert photo.color.shape[2] == 3
    assert photo.color.dtype in FULL
    assert photo.color.flags.c_contiguous
    assert photo.color.flags.writeable
    if photo.alpha is not None:
        assert photo.alpha.shape == photo.color.shape[:2]
        assert photo.alpha.dtype == photo.color.dtype
        assert photo.alpha.flags.c_contiguous
        assert photo.alpha.flags.writeable


def palette(transparent: bool) -> Image.Image:
    image = Image.fromarray(RGB).quantize(16)
    if transparent:
        image.info["transparency"] = 3
    return image


# -- modes × formats ---------------------------------------------------------------------------

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


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("interlaced", [False, True])
def test_png_depths_are_bit_identical(channels: int, dtype: type, interlaced: bool) -> None:
    picture = make.ramp(21, 34, channels, dtype)
    photo = codecs.decode(make.png(picture, interlaced=interlaced))
    check_contract(photo)
    assert photo.color.dtype == dtype
    gray = picture if channels == 1 else picture[..., 0]
    expected = stacked(gray) if channels <= 2 else picture[..., :3]
    np.testing.assert_array_equal(photo.color, expected)
    if channels in {2, 4}:
        np.testing.assert_array_equal(photo.alpha, picture[..., -1])
    else:
        assert photo.alpha is None


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


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_planar_tiff(dtype: type) -> None:
    picture = make.ramp(41, 50, 3, dtype)
    planes = np.ascontiguousarray(np.moveaxis(picture, -1, 0))
    photo = codecs.decode(make.tiff(planes, photometric="rgb", planarconfig="separate"))
    np.testing.assert_array_equal(photo.color, picture)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_white_is_zero(dtype: type) -> None:
    picture = make.ramp(21, 34, 1, dtype)
    photo = codecs.decode(make.tiff(picture, photometric="miniswhite"))
    np.testing.assert_array_equal(photo.color, stacked(np.iinfo(dtype).max - picture))


@pytest.mark.parametrize(("side", "channels"), [(3, 3), (4, 4)])
@pytest.mark.parametrize("planes", ["contig", "separate"])
def test_tiff_of_as_many_rows_as_channels(side: int, channels: int, planes: str) -> None:
    picture = make.ramp(side, side, channels)
    data = picture if planes == "contig" else np.ascontiguousarray(np.moveaxis(picture, -1, 0))
    extra = {"extrasamples": ["unassalpha"]} if channels == 4 else {}
    photo = codecs.decode(make.tiff(data, photometric="rgb", planarconfig=planes, **extra))
    np.testing.assert_array_equal(photo.color, picture[..., :3])


def test_tiff_that_calls_grey_rgb() -> None:
    data = make.tiff(make.ramp(5, 4, 1))
    at = data.index(struct.pack("<HHI", 262, 3, 1)) + 8
    with pytest.raises(UnreadableImage):
        codecs.decode(data[:at] + b"\2" + data[at + 1 :])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_premultiplied_tiff_becomes_straight(dtype: type) -> None:
    full = int(np.iinfo(dtype).max)
    alpha = np.full((8, 9), full // 2, dtype)
    color = np.full((8, 9, 3), (full // 2, full // 4, 0), dtype)
    data = make.tiff(np.dstack([color, alpha]), photometric="rgb", extrasamples=["assocalpha"])
    photo = codecs.decode(data)
    np.testing.assert_array_equal(photo.alpha, alpha)
    assert photo.color[0, 0, 0] == full
    assert abs(int(photo.color[0, 0, 1]) - full // 2) <= 2
    assert photo.color[0, 0, 2] == 0


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int16])
def test_other_numbers_in_tiff_are_refused(dtype: type) -> None:
    data = make.tiff(np.ones((5, 6, 3), dtype), photometric="rgb")
    with pytest.raises(InvalidFileType, match="8 or 16 bits"):
        codecs.decode(data)


def test_twelve_bits_fill_sixteen() -> None:
    picture = np.array([[0, 4095, 2048]], np.uint16)
    photo = codecs.decode(make.packed_tiff(picture, 12))
    assert photo.color[0, :, 0].tolist() == [0, 65535, round(2048 * 65535 / 4095)]


def test_float_image_of_pillow_is_refused() -> None:
    with pytest.raises(InvalidFileType, match="floating"):
        codecs.decode(Image.new("F", (4, 4)))


# -- transparency ------------------------------------------------------------------------------


def test_transparent_palette() -> None:
    image = palette(transparent=True)
    data = make.saved(image, "PNG", transparency=3)
    photo = codecs.decode(data)
    np.testing.assert_array_equal(photo.alpha == 0, np.asarray(image) == 3)


def test_palette_with_partial_transparency() -> None:
    image = Image.fromarray(RGB).quantize(4)
    data = make.saved(image, "PNG", transparency=bytes([255, 128, 0]))
    photo = codecs.decode(data)
    assert set(np.unique(photo.alpha)) == {0, 128, 255}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_transparent_colour_of_png(dtype: type, channels: int) -> None:
    picture = make.ramp(21, 34, channels, dtype)
    key = np.atleast_1d(picture[4, 7])
    data = make.png(picture, (b"tRNS", struct.pack(f">{channels}H", *(int(v) for v in key))))
    photo = codecs.decode(data)
    hit = (picture.reshape(21, 34, channels) == key).all(-1)
    assert photo.alpha is not None
    np.testing.assert_array_equal(photo.alpha == 0, hit)
    assert photo.alpha.max() == np.iinfo(dtype).max
    expected = stacked(picture) if channels == 1 else picture
    np.testing.assert_array_equal(photo.color, expected)


@pytest.mark.parametrize("depth", [1, 2, 4, 16])
@pytest.mark.parametrize("way", ["bytes", "pillow"])
def test_transparent_grey_of_png(depth: int, way: str) -> None:
    """The level that is transparent is stated at the depth of the file."""
    top = (1 << depth) - 1
    levels = np.arange(64, dtype=np.uint16).reshape(8, 8) % (1 << min(depth, 4))
    if depth == 16:
        rows = levels.astype(">u2").view(np.uint8).reshape(8, 16)
    else:
        bits = np.unpackbits(levels.astype(np.uint8)[..., None], axis=2)[..., 8 - depth :]
        rows = np.packbits(bits.reshape(8, -1), axis=1)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 8, 8, depth, 0, 0, 0, 0)),
        (b"tRNS", struct.pack(">H", 1)),
        (b"IDAT", zlib.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes())),
        (b"IEND", b""),
    )
    data = b"\x89PNG\r\n\x1a\n" + b"".join(make.chunk(*each) for each in chunks)
    image = Image.open(io.BytesIO(data))
    photo = codecs.decode(data if way == "bytes" else image)
    full = np.iinfo(photo.color.dtype).max
    np.testing.assert_array_equal(photo.alpha, np.where(levels == 1, 0, full))
    np.testing.assert_array_equal(photo.color[..., 0], levels.astype(int) * full // top)
    loaded = Image.open(io.BytesIO(data))
    loaded.load()
    image.load()
    assert image.info == loaded.info


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


# -- colour spaces -----------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
def test_cmyk_without_profile(format_: str) -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    photo = codecs.decode(make.saved(image, format_))
    assert np.abs(photo.color[8, 8].astype(int) - (255, 0, 0)).max() <= 3
    assert photo.metadata.icc_profile is None


def test_ycck_of_adobe_is_not_inverted() -> None:
    # Pillow writes inverted CMYK with Adobe's marker, as Photoshop does; the marker's last byte
    # says whether it is YCCK (2) or CMYK (0).
    image = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    data = make.saved(image, "JPEG", quality=95)
    assert b"Adobe" in data
    photo = codecs.decode(data)
    assert np.abs(photo.color[8, 8].astype(int) - (0, 255, 255)).max() <= 3


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


# -- netpbm ------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("maximum", [255, 65535, 100, 1023])
def test_pam(channels: int, maximum: int) -> None:
    full = 255 if maximum < 256 else 65535
    kind = np.uint8 if maximum < 256 else np.dtype(">u2")
    picture = np.random.default_rng(0).integers(0, maximum + 1, (6, 7, channels)).astype(kind)
    name = {1: "GRAYSCALE", 2: "GRAYSCALE_ALPHA", 3: "RGB", 4: "RGB_ALPHA"}[channels]
    head = f"P7\nWIDTH 7\nHEIGHT 6\nDEPTH {channels}\nMAXVAL {maximum}\nTUPLTYPE {name}\nENDHDR\n"
    photo = codecs.decode(head.encode() + picture.tobytes())
    check_contract(photo)
    scaled = np.floor(picture.astype(float) * full / maximum + 0.5)
    expected = scaled[..., :3] if channels > 2 else stacked(scaled[..., 0])
    np.testing.assert_array_equal(photo.color, expected)
    if channels in {2, 4}:
        np.testing.assert_array_equal(photo.alpha, scaled[..., -1])


def test_ppm_with_comments() -> None:
    photo = codecs.decode(b"P6\n# a comment\n2 1 # another\n255\n" + bytes([1, 2, 3, 4, 5, 6]))
    assert photo.color.tolist() == [[[1, 2, 3], [4, 5, 6]]]


@pytest.mark.parametrize("field", ["WIDTH", "HEIGHT", "DEPTH", "MAXVAL"])
@pytest.mark.parametrize("number", ["-1", "+1", "1_0", "", "1.0", "\N{FULLWIDTH DIGIT ONE}"])
def test_pam_numbers_are_digits(field: str, number: str) -> None:
    facts = {"WIDTH": "1", "HEIGHT": "1", "DEPTH": "1", "MAXVAL": "255", field: number}
    head = "P7\n" + "".join(f"{name} {value}\n" for name, value in facts.items()) + "ENDHDR\n"
    with pytest.raises(UnreadableImage, match="the PAM header is broken"):
        codecs.decode(head.encode() + bytes(20))


# -- sources -----------------------------------------------------------------------------------


def test_every_kind_of_source(tmp_path: Path) -> None:
    data = make.png(RGB)
    path = tmp_path / "a picture.jpg"  # the suffix lies
    path.write_bytes(data)
    with path.open("rb") as file:
        photos = [
            codecs.decode(source)
            for source in (path, str(path), data, bytearray(data), memoryview(data), file)
        ]
    photos.append(codecs.decode(io.BytesIO(data)))
    photos.append(codecs.decode(Image.open(io.BytesIO(data))))
    photos.append(codecs.decode(RGB))
    for photo in photos:
        np.testing.assert_array_equal(photo.color, RGB)
    assert photos[0].format == "png"
    assert photos[0].source == str(path)
    assert photos[5].source == str(path)
    assert codecs.decode(photos[0]) is photos[0]


def test_name_is_what_messages_say() -> None:
    with pytest.raises(InvalidFileType, match=r"^upload:"):
        codecs.decode(b"hello", name="upload")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_arrays_are_copied(dtype: type, channels: int) -> None:
    picture = make.ramp(9, 11, channels, dtype)
    before = picture.copy()
    photo = codecs.decode(picture)
    check_contract(photo)
    photo.color[...] = 0
    np.testing.assert_array_equal(picture, before)


def test_array_of_another_machine() -> None:
    picture = np.arange(48, dtype=">u2").reshape(4, 4, 3) * 1000
    photo = codecs.decode(picture)
    assert photo.color.dtype == np.uint16
    np.testing.assert_array_equal(photo.color, picture)


def test_transposed_array() -> None:
    view = RGB.swapaxes(0, 1)
    np.testing.assert_array_equal(codecs.decode(view).color, view)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4), bool),
        np.zeros((4, 4), np.int64),
        np.zeros(4, np.uint8),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}",
)
def test_other_arrays_are_refused(array: np.ndarray) -> None:
    with pytest.raises(InvalidFileType, match="array of"):
        codecs.decode(array)


def test_empty_array() -> None:
    with pytest.raises(InvalidDimensions):
        codecs.decode(np.zeros((0, 4, 3), np.uint8))


def test_pillow_image_is_left_as_it_is() -> None:
    image = Image.fromarray(RGBA)
    codecs.decode(image)
    assert image.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(image), RGBA)


def test_missing_file_folder_and_text_file(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match="no such file"):
        codecs.decode(tmp_path / "none.png")
    with pytest.raises(InputNotFound, match="folder"):
        codecs.decode(tmp_path)
    with pytest.raises(InputNotFound):
        codecs.decode("a\0b")
    text = tmp_path / "a.txt"
    text.write_text("hello", encoding="utf-8")
    with text.open(encoding="utf-8") as file, pytest.raises(InvalidFileType, match="'rb'"):
        codecs.decode(file)  # type: ignore[arg-type]


# -- limits ------------------------------------------------------------------------------------


def test_limits(tmp_path: Path) -> None:
    data = make.png(RGB)
    path = tmp_path / "a.png"
    path.write_bytes(data)
    few_bytes = codecs.Limits(max_bytes=len(data) - 1)
    few_pixels = codecs.Limits(max_pixels=37 * 53 - 1)
    for source in (lambda: data, lambda: path, lambda: io.BytesIO(data)):
        with pytest.raises(FileTooLarge) as caught:
            codecs.decode(source(), limits=few_bytes)
        assert caught.value.limit == len(data) - 1
        with pytest.raises(ResolutionTooHigh):
            codecs.decode(source(), limits=few_pixels)
        enough = codecs.Limits(max_bytes=len(data), max_pixels=37 * 53)
        assert codecs.decode(source(), limits=enough).size == (53, 37)
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(RGB, limits=few_pixels)


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


def test_large_pictures_give_no_warning() -> None:
    # Above the 89 megapixels where Pillow warns, which the suite would turn into an error.
    width, height = 12_000, 8_000
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    data = (
        b"\x89PNG\r\n\x1a\n"
        + make.chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        + make.chunk(b"IDAT", rows)
        + make.chunk(b"IEND", b"")
    )
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(data, limits=codecs.Limits(max_pixels=90_000_000))


# -- what is no picture ------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["ICO", "GIF", "BMP", "QOI", "WEBP"])
def test_a_broken_header_is_not_blamed_on_pillow(format_: str) -> None:
    whole = make.saved(Image.fromarray(RGB), format_)
    with pytest.raises(UnreadableImage) as caught:
        codecs.decode(whole[:8] + bytes(len(whole) - 8) if format_ == "ICO" else whole[:20])
    assert "Pillow" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n" + bytes(100), "pdf"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "postscript"),
        (b"\xc5\xd0\xd3\xc6" + bytes(40), "postscript"),
        (b"\0\0\0\x20ftypisom" + bytes(40), "mp4"),
        (archive.pack({"word/document.xml": b"<document/>"}), "zip"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"<?xml version='1.0'?>\n<svg/>", "svg"),
        (b"<!DOCTYPE html><html></html>", "html"),
        (b'{"errors": []}', "json"),
        (b"just a few words\n", "text"),
        ("Grüße\n".encode(), "text"),
        (b"\xd7\xcd\xc6\x9a" + bytes(100), "wmf"),
        (bytes(range(7, 207)), "unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_files_say_what_they_look_like(data: bytes, looks: str) -> None:
    with pytest.raises(InvalidFileType) as caught:
        codecs.decode(data)
    assert caught.value.received == looks


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
