"""Grey of every depth, file, layout and profile against Little CMS through Pillow at 8 bits."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

import support.codecs as make
from mattekit import codecs
from mattekit.codecs.color import lab_from_cielab, lab_from_icclab, to_rgb
from mattekit.errors import InvalidFileType
from support.helpers import assert_images_close

LINEAR = make.gray_profile(1.0)
STEEP = make.gray_profile(2.8)
PROFILES = {"none": None, "linear": LINEAR, "steep": STEEP}
#: Every 8-bit value once.
LEVELS = np.arange(256, dtype=np.uint8).reshape(16, 16)
COVER = LEVELS[::-1].T.copy()


def expected(levels: np.ndarray, profile: bytes | None) -> np.ndarray:
    """What Pillow makes of 8-bit grey in a profile, as numbers in 0..255."""
    if profile is None:
        return levels.astype(float)
    image = ImageCms.profileToProfile(
        Image.fromarray(levels),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
    )
    return np.asarray(image)[..., 0].astype(float)


def rescaled(levels: np.ndarray, bits: int) -> np.ndarray:
    """8-bit levels as samples of another depth."""
    kind = np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32
    return ((levels.astype(np.uint64) * ((1 << bits) - 1) + 127) // 255).astype(kind)


def png(levels: np.ndarray, bits: int, cover: np.ndarray | None, profile: bytes | None) -> bytes:
    samples = rescaled(levels, bits)
    if cover is not None:
        samples = np.dstack([samples, rescaled(cover, bits)])
    chunks = [(b"iCCP", b"g\0\0" + zlib.compress(profile))] if profile else []
    return make.png(samples, *chunks, depth=bits)


def tiff(**how: Any) -> Callable[..., bytes]:
    """A writer of grey TIFFs by tifffile."""

    def write(
        levels: np.ndarray, bits: int, cover: np.ndarray | None, profile: bytes | None
    ) -> bytes:
        samples = rescaled(levels, bits)
        settings = {"photometric": "minisblack", "iccprofile": profile} | how
        if settings["photometric"] == "miniswhite":
            samples = ~samples
        if cover is not None:
            planes = [samples, rescaled(cover, bits)]
            apart = settings.get("planarconfig") == "separate"
            samples = np.stack(planes, 0 if apart else -1)
            settings["extrasamples"] = ["unassalpha"]
            settings.setdefault("planarconfig", "contig")
        else:
            settings.pop("planarconfig", None)
        return make.tiff(np.ascontiguousarray(samples), **settings)

    return write


def packed(photometric: int) -> Callable[..., bytes]:
    def write(
        levels: np.ndarray, bits: int, cover: np.ndarray | None, profile: bytes | None
    ) -> bytes:
        top = (1 << bits) - 1
        samples = rescaled(levels, bits)
        samples = samples if photometric else top - samples
        extra = [(34675, 7, profile)] if profile else []
        if cover is not None:
            samples = np.dstack([samples, rescaled(cover, bits)])
            extra.append((338, 3, b"\0\2"))
        return make.packed_tiff(samples, bits, photometric, *extra)

    return write


def jpeg(levels: np.ndarray, bits: int, cover: np.ndarray | None, profile: bytes | None) -> bytes:
    return make.saved(Image.fromarray(levels), "JPEG", quality=100, icc_profile=profile)


def pgm(levels: np.ndarray, bits: int, cover: np.ndarray | None, profile: bytes | None) -> bytes:
    samples = rescaled(levels, bits).astype(">u2" if bits > 8 else np.uint8)
    return f"P5 16 16 {(1 << bits) - 1}\n".encode() + samples.tobytes()


def pillow(
    levels: np.ndarray, bits: int, cover: np.ndarray | None, profile: bytes | None
) -> Image.Image:
    samples = rescaled(levels, bits)
    if bits == 1:
        image = Image.fromarray(levels).convert("1")
    elif bits == 32:
        image = Image.fromarray((samples >> 1).astype(np.int32))  # mode I is signed
    else:
        image = Image.fromarray(samples)
    if cover is not None:
        image.putalpha(Image.fromarray(cover))
    if profile is not None:
        image.info["icc_profile"] = profile
    return image


def opened(
    levels: np.ndarray, bits: int, cover: np.ndarray | None, profile: bytes | None
) -> Image.Image:
    return Image.open(io.BytesIO(tiff()(levels, bits, cover, profile)))


def opened_white(
    levels: np.ndarray, bits: int, cover: np.ndarray | None, profile: bytes | None
) -> Image.Image:
    data = tiff(photometric="miniswhite")(levels, bits, cover, profile)
    return Image.open(io.BytesIO(data))


#: name: (writer, depths, depths with alpha, tolerance in 8-bit steps)
FILES: dict[str, tuple[Callable[..., Any], tuple[int, ...], tuple[int, ...], float]] = {
    "png": (png, (1, 2, 4, 8, 16), (8, 16), 1),
    "tiff": (tiff(), (8, 16, 32), (8, 16, 32), 1),
    "tiff, white is zero": (tiff(photometric="miniswhite"), (8, 16, 32), (8, 16, 32), 1),
    "tiff, planar": (tiff(planarconfig="separate"), (), (8, 16, 32), 1),
    "tiff, big-endian": (tiff(byteorder=">"), (8, 16, 32), (16,), 1),
    "tiff, tiles": (tiff(tile=(16, 16)), (8, 16, 32), (8, 16), 1),
    "tiff, deflate": (tiff(compression="zlib", predictor=True), (8, 16, 32), (8, 16), 1),
    "tiff, planar deflate": (
        tiff(compression="zlib", planarconfig="separate"),
        (),
        (8, 16, 32),
        1,
    ),
    "tiff, lzw": (tiff(compression="lzw"), (8, 16), (8, 16), 1),
    "tiff, zstd": (tiff(compression="zstd"), (8, 16), (8, 16), 1),
    "tiff, jpeg xl": (tiff(compression="jpegxl"), (8, 16), (), 1),
    "tiff, lerc": (tiff(compression="lerc"), (8, 16), (), 1),
    "tiff, png": (tiff(compression="png"), (8, 16), (), 1),
    "tiff, packed": (packed(1), (1, 2, 4, 6, 10, 12, 14), (4, 12), 1),
    "tiff, packed white": (packed(0), (1, 2, 4, 6, 10, 12, 14), (4, 12), 1),
    "bigtiff": (tiff(bigtiff=True), (8, 16, 32), (8, 16), 1),
    "jpeg": (jpeg, (8,), (), 4),
    "pgm": (pgm, (4, 8, 10, 16), (), 1),
    "pillow": (pillow, (1, 8, 16, 32), (8,), 1),
    "pillow, opened tiff": (opened, (8, 16, 32), (8,), 1),
    "pillow, opened white": (opened_white, (8, 16), (), 1),
}
WITHOUT_PROFILE = {"pgm"}
CASES = [
    (file, bits, alpha)
    for file, (_, plain, covered, _) in FILES.items()
    for alpha, depths in ((False, plain), (True, covered))
    for bits in depths
]


@pytest.mark.parametrize(("file", "bits", "alpha"), CASES)
def test_gray_is_read_one_way(file: str, bits: int, alpha: bool) -> None:
    for profile in ["none"] if file in WITHOUT_PROFILE else PROFILES:
        check_gray(file, bits, alpha, profile)


def check_gray(file: str, bits: int, alpha: bool, profile: str) -> None:
    write, *_, tolerance = FILES[file]
    icc = PROFILES[profile]
    top = (1 << min(bits, 8)) - 1
    # Levels that exist at this depth, so that nothing is lost in writing.
    levels, cover = (
        ((rescaled(each, min(bits, 8)).astype(int) * 255 + top // 2) // top).astype(np.uint8)
        for each in (LEVELS, COVER)
    )
    photo = codecs.decode(write(levels, bits, cover if alpha else None, icc))
    deep = bits > 8
    assert photo.color.dtype == (np.uint16 if deep else np.uint8)
    assert photo.metadata.icc_profile is None
    scale = 257 if deep else 1
    np.testing.assert_array_equal(photo.color[..., 0], photo.color[..., 1])
    np.testing.assert_array_equal(photo.color[..., 0], photo.color[..., 2])
    # Linear light is steep in the shadows: there a step of 8 bits is many of sRGB.
    slack = 14 * (tolerance - 1) if profile == "linear" else tolerance
    assert_images_close(photo.color[..., 0] / scale, expected(levels, icc), max(tolerance, slack))
    if alpha:
        assert photo.alpha is not None
        assert_images_close(photo.alpha / scale, cover, 0.5)
    else:
        assert photo.alpha is None


def test_sixteen_bits_of_a_profile_are_kept() -> None:
    # Between two levels of 8 bits lie others, and they come out apart.
    ramp = np.linspace(20_000, 20_257, 64).astype(np.uint16).reshape(8, 8)
    photo = codecs.decode(make.tiff(ramp, photometric="minisblack", iccprofile=STEEP))
    assert len(np.unique(photo.color)) > 50
    assert (np.diff(photo.color[..., 0].ravel().astype(int)) >= 0).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_of_more_than_eight_bits_is_refused_by_name(channels: int) -> None:
    import imagecodecs

    samples = make.ramp(24, 32, channels, np.uint16) >> 4
    for encode in (imagecodecs.jpeg8_encode, imagecodecs.ljpeg_encode):
        if channels == 3 and encode is imagecodecs.ljpeg_encode:
            continue
        data = bytes(encode(samples, bitspersample=12))
        with pytest.raises(InvalidFileType, match="12 bits") as caught:
            codecs.decode(data)
        assert "complete" not in str(caught.value)


def test_jpeg_ls_is_refused_by_name() -> None:
    import imagecodecs

    with pytest.raises(InvalidFileType, match="jpeg-ls"):
        codecs.decode(bytes(imagecodecs.jpegls_encode(LEVELS)))


def test_transparent_gray_keeps_its_profile() -> None:
    # One grey of the file is declared transparent: that makes it no RGB.
    levels = LEVELS.copy()
    data = make.png(levels, (b"iCCP", b"g\0\0" + zlib.compress(LINEAR)), (b"tRNS", b"\0\7"))
    for source in (data, Image.open(io.BytesIO(data))):
        photo = codecs.decode(source)
        assert_images_close(photo.color[..., 0], expected(levels, LINEAR), 1)
        assert photo.alpha is not None
        np.testing.assert_array_equal(photo.alpha == 0, levels == 7)


def test_gray_in_an_rgb_profile_keeps_it() -> None:
    for data in (
        make.tiff(LEVELS, photometric="minisblack", iccprofile=make.SRGB),
        make.saved(Image.fromarray(LEVELS), "PNG", icc_profile=make.SRGB),
        make.saved(Image.fromarray(LEVELS), "JPEG", icc_profile=make.SRGB),
    ):
        assert codecs.decode(data).metadata.icc_profile == make.SRGB


@pytest.mark.parametrize("space", ["gray", "cmyk"])
def test_a_profile_that_cannot_be_used_is_left_aside(space: Any) -> None:
    signature = {"gray": b"GRAY", "cmyk": b"CMYK"}[space]
    broken = bytearray(LINEAR[:140])
    broken[16:20] = signature
    samples = make.ramp(5, 6, 4 if space == "cmyk" else 1)
    color, profile = to_rgb(samples, space, bytes(broken))
    np.testing.assert_array_equal(color, to_rgb(samples, space, None)[0])
    assert profile is None


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_cmyk_without_profile_is_that_of_pillow(dtype: type) -> None:
    samples = make.ramp(40, 50, 4)
    scale = 1 if dtype is np.uint8 else 257
    color, _ = to_rgb(samples.astype(dtype) * dtype(scale), "cmyk", None)
    wanted = np.asarray(Image.fromarray(samples, "CMYK").convert("RGB"))
    assert_images_close(color / scale, wanted, 0 if scale == 1 else 0.6)


def cielab(rgb: tuple[int, int, int]) -> np.ndarray:
    """L*, a*, b* under D50 of an sRGB colour (IEC 61966-2-1; matrix adapted after Bradford)."""
    light = np.array(rgb) / 255
    linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    matrix = [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
    ratio = np.array(matrix) @ linear / (0.9642, 1.0, 0.8249)
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    "rgb",
    [(255, 255, 255), (0, 0, 0), (128, 128, 128), (200, 90, 40), (60, 140, 90), (70, 80, 180)],
)
def test_lab_of_either_encoding(dtype: type, rgb: tuple[int, int, int]) -> None:
    lab = cielab(rgb)
    if dtype is np.uint8:
        plain = lab * (2.55, 1, 1)
        icc = plain + np.array([0, 128, 128])
        wrap, scale, tolerance = 256, 1, 8.0  # half a step of a* or b*, in dark red
    else:
        plain = lab * (655.35, 256, 256)
        icc = (lab + np.array([0, 128, 128])) * (652.80, 256, 256)
        wrap, scale, tolerance = 65536, 257, 5.0  # some versions of Little CMS use a table
    for stored, convert in ((plain, lab_from_cielab), (icc, lab_from_icclab)):
        samples = (np.round(stored).astype(int) % wrap).astype(dtype)
        color, _ = to_rgb(convert(samples.reshape(1, 1, 3)), "lab", None)
        assert color.dtype == dtype
        assert_images_close(color[0, 0] / scale, rgb, tolerance)
