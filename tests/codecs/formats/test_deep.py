"""Formats that Pillow opens at 8 bits or not at all, and files that mattekit writes, read again."""

from __future__ import annotations

import io
import struct
import sys
import types
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.codecs import archive
from mattekit.codecs.formats import jpegxl
from mattekit.cutout import Cutout
from mattekit.errors import InputError, InvalidFileType, ResolutionTooHigh, UnreadableImage
from mattekit.options import Options
from mattekit.picture import Metadata

RAMP = make.ramp(40, 60, 4, np.uint16)


def part(channels: int, bits: int = 16) -> np.ndarray:
    samples = (
        RAMP[..., 0] if channels == 1 else RAMP[..., [0, 3] if channels == 2 else slice(channels)]
    )
    samples = np.ascontiguousarray(samples >> (16 - bits))
    return samples.astype(np.uint8) if bits == 8 else samples


def full(samples: np.ndarray, bits: int) -> np.ndarray:
    top = 255 if bits == 8 else 65535
    return (samples.astype(np.int64) * top + (1 << bits) // 2 - 1) // ((1 << bits) - 1)


ENCODERS: dict[str, Any] = {
    "jp2": lambda a, bits: imagecodecs.jpeg2k_encode(
        a, codecformat="jp2", level=0, bitspersample=bits, reversible=True
    ),
    "j2k": lambda a, bits: imagecodecs.jpeg2k_encode(
        a, codecformat="j2k", level=0, bitspersample=bits, reversible=True
    ),
    "jxl": lambda a, bits: imagecodecs.jpegxl_encode(a, lossless=True, bitspersample=bits),
    "jxr": lambda a, bits: imagecodecs.jpegxr_encode(a, level=100),
}


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("kind", "bits"),
    [
        *[("jp2", bits) for bits in (8, 12, 16)],
        *[("j2k", bits) for bits in (8, 16)],
        *[("jxl", bits) for bits in (8, 10, 12, 16)],
        *[("jxr", bits) for bits in (8, 16)],
    ],
)
def test_depth_is_kept(kind: str, bits: int, channels: int) -> None:
    if kind == "jxr" and channels == 2:
        pytest.skip("JPEG XR has no grey with alpha")
    samples = part(channels, bits)
    photo = codecs.decode(ENCODERS[kind](samples, bits))
    assert photo.color.dtype == (np.uint8 if bits == 8 else np.uint16)
    expected = full(samples, bits)
    color = expected[..., :3] if channels >= 3 else expected.reshape(40, 60, -1)[..., :1]
    if kind == "jxl" and channels <= 2 and bits > 8:
        # The encoder states linear light, and grey is converted: as many levels, other values.
        assert len(np.unique(photo.color)) > 50
    else:
        assert np.abs(photo.color.astype(int) - color).max() <= 1
    if channels in {2, 4}:
        assert photo.alpha is not None
        assert np.abs(photo.alpha.astype(int) - expected[..., -1]).max() <= 1


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("bits", [8, 10, 12])
def test_depth_of_avif(bits: int, channels: int) -> None:
    smooth = make.ramp(40, 60, 2, np.uint16)
    plane = (smooth[..., 0] // 2 + smooth[..., 1] // 2) >> (16 - bits)
    samples = np.stack([plane] * channels, -1)[..., 0 if channels == 1 else slice(None)]
    samples = np.ascontiguousarray(samples.astype(np.uint8 if bits == 8 else np.uint16))
    photo = codecs.decode(imagecodecs.avif_encode(samples, bitspersample=bits, level=98))
    assert photo.color.dtype == (np.uint8 if bits == 8 else np.uint16)
    expected = full(plane, bits)
    assert np.abs(photo.color[..., 1].astype(int) - expected).max() <= (6 if bits == 8 else 700)
    assert (photo.alpha is not None) == (channels == 4)


def test_linear_jpeg_xl_says_so() -> None:
    photo = codecs.decode(imagecodecs.jpegxl_encode(part(3), lossless=True))
    assert photo.metadata.icc_profile is not None
    eight = codecs.decode(imagecodecs.jpegxl_encode(part(3, 8), lossless=True))
    assert eight.metadata.icc_profile is None


def test_first_frame_of_jpeg_xl() -> None:
    frames = np.stack([part(3), part(3)[::-1]])
    photo = codecs.decode(imagecodecs.jpegxl_encode(frames, lossless=True))
    np.testing.assert_array_equal(photo.color, frames[0])


def test_first_frame_of_animated_avif_at_ten_bits_is_read_safely() -> None:
    frames = [Image.new("RGB", (20, 10), color) for color in ("red", "blue")]
    data = make.saved(frames[0], "AVIF", save_all=True, append_images=frames[1:], quality=100)
    at = data.index(b"av1C")
    data = data[: at + 6] + bytes([data[at + 6] | 0x40]) + data[at + 7 :]  # says ten bits
    photo = codecs.decode(data)
    assert photo.size == (20, 10)
    assert photo.color[0, 0, 0] > 240


@pytest.mark.parametrize("kind", ["jpegxl", "jpegxr"])
def test_floating_point_is_refused_by_name(kind: str) -> None:
    encode = getattr(imagecodecs, f"{kind}_encode")
    with pytest.raises(InvalidFileType, match="8 to 16 bits"):
        codecs.decode(encode((part(3) / 65535).astype(np.float32)))


@pytest.mark.parametrize("kind", sorted(ENCODERS))
def test_pixels_are_counted_before_decoding(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("decoded before the check")

    data = ENCODERS[kind](part(3), 16)
    for name in ("jpeg2k_decode", "jpegxl_decode", "jpegxr_decode"):
        monkeypatch.setattr(imagecodecs, name, refuse)
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(data, limits=codecs.Limits(max_pixels=2399))


@pytest.mark.parametrize("kind", sorted(ENCODERS))
def test_cut_anywhere_it_is_whole_or_refused(kind: str) -> None:
    data = ENCODERS[kind](part(3), 16)
    whole = codecs.decode(data)
    for lost in {*range(1, 30), *range(30, len(data), len(data) // 40)}:
        try:
            photo = codecs.decode(data[:-lost])
        except InputError:
            continue
        np.testing.assert_array_equal(photo.color, whole.color)


def test_coded_size_counts_not_that_of_the_boxes() -> None:
    data = bytearray(ENCODERS["jp2"](part(3), 16))
    at = data.index(b"\xff\x4f\xff\x51")
    struct.pack_into(">II", data, at + 8, 30_000, 30_000)
    struct.pack_into(">II", data, at + 24, 30_000, 30_000)
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(bytes(data))


def test_jpeg_2000_of_very_many_tiles_or_layers() -> None:
    data = bytearray(ENCODERS["jp2"](part(3), 16))
    at = data.index(b"\xff\x4f\xff\x51")
    tiles = bytearray(data)
    struct.pack_into(">II", tiles, at + 24, 1, 1)
    struct.pack_into(">II", tiles, at + 8, 600, 400)
    with pytest.raises(UnreadableImage, match="pieces"):
        codecs.decode(bytes(tiles))
    style = data.index(b"\xff\x52", at)
    struct.pack_into(">H", data, style + 6, 60_000)
    with pytest.raises(UnreadableImage, match="layers"):
        codecs.decode(bytes(data))


HEIC = [
    b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + compatible + bytes(400)
    for brand, compatible in (
        (b"heic", b"heic"),
        (b"heix", b"heix"),
        (b"heis", b"heic"),
        (b"mif1", b"heic"),
        (b"msf1", b"hevc"),
    )
]


@pytest.mark.parametrize("data", HEIC)
def test_heic_without_its_decoder(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(InvalidFileType, match=r"HEIC picture.*mattekit\[heif\]"):
        codecs.decode(data)


def test_heic_with_its_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    class File:
        size = (60, 40)
        info = {"exif": make.exif_block(6), "icc_profile": make.SRGB}  # noqa: RUF012

        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            return part(3)

    asked = {}
    module = types.SimpleNamespace(open_heif=lambda file, **how: asked.update(how) or File())
    monkeypatch.setitem(sys.modules, "pillow_heif", module)
    photo = codecs.decode(HEIC[0])
    np.testing.assert_array_equal(photo.color, part(3))  # it comes upright
    assert photo.metadata.icc_profile == make.SRGB
    assert asked == {"convert_hdr_to_8bit": False}
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(HEIC[0], limits=codecs.Limits(max_pixels=2399))


# -- what mattekit writes ----------------------------------------------------------------------


def cutout(dtype: Any) -> Cutout:
    samples = make.ramp(40, 60, 4, dtype)
    color, alpha = samples[..., :3].copy(), samples[..., 3].copy()
    color[alpha == 0] = 0
    return Cutout(color, alpha, metadata=Metadata(dpi=(150.0, 300.0)))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("format_", ["png", "tiff", "ora", "psd", "zip"])
def test_own_files_are_read_back(format_: str, dtype: Any) -> None:
    made = cutout(dtype)
    photo = codecs.decode(codecs.encode(made, Options(format=format_)).data)
    kind = np.uint8 if format_ == "zip" else dtype
    assert photo.color.dtype == kind
    assert photo.alpha is not None
    scale = 257 if kind == np.uint8 and dtype == np.uint16 else 1
    alpha = made.alpha.astype(np.int64)
    assert np.abs(photo.alpha.astype(int) - np.round(alpha / scale)).max() <= 1
    if format_ == "zip":
        return  # its colours are JPEG
    wrong = np.abs(photo.color.astype(np.int64) - made.color)
    if format_ == "psd":  # it is mixed with white and rounded
        top = np.iinfo(dtype).max
        seen = (wrong * alpha[..., None]) // top
        assert seen.max() <= 1
    else:
        assert wrong[alpha > 0].max() == 0
    if format_ == "psd":
        assert photo.metadata.dpi == pytest.approx((150, 300), abs=0.01)


def test_krita_files_are_open_raster_enough() -> None:
    picture = make.saved(Image.fromarray(part(4, 8)), "PNG")
    data = archive.pack({"mimetype": b"application/x-krita", "mergedimage.png": picture})
    np.testing.assert_array_equal(codecs.decode(data).color, part(4, 8)[..., :3])
    without = archive.pack({"mimetype": b"image/openraster", "stack.xml": b"<image/>"})
    with pytest.raises(InvalidFileType, match="mergedimage"):
        codecs.decode(without)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "RGBA"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("method", [0, 1])
def test_psd_of_other_programs(mode: str, bits: int, method: int) -> None:
    samples = part({"RGB": 3, "L": 1, "CMYK": 4, "RGBA": 4}[mode], bits).reshape(40, 60, -1)
    data = psd(samples, {"RGB": 3, "L": 1, "CMYK": 4, "RGBA": 3}[mode], method)
    photo = codecs.decode(data)
    assert photo.color.dtype == samples.dtype
    assert photo.alpha is None  # a fourth channel is a saved selection
    if mode != "CMYK":
        np.testing.assert_array_equal(photo.color, np.broadcast_to(samples[..., :3], (40, 60, 3)))
    for lost in (1, 30, 900):
        if mode != "RGBA":
            with pytest.raises(InputError):
                codecs.decode(data[:-lost])


def psd(samples: np.ndarray, mode: int, method: int) -> bytes:
    height, width, channels = samples.shape
    planes = [
        samples[..., each].astype(samples.dtype.newbyteorder(">")) for each in range(channels)
    ]
    head = struct.pack(
        ">4sH6xHIIHH", b"8BPS", 1, channels, height, width, 8 * samples.dtype.itemsize, mode
    )
    body = b"".join(plane.tobytes() for plane in planes)
    if method == 1:
        rows = [imagecodecs.packbits_encode(row.tobytes()) for plane in planes for row in plane]
        body = struct.pack(f">{len(rows)}H", *map(len, rows)) + b"".join(rows)
    return head + bytes(12) + struct.pack(">H", method) + body


def test_psd_that_is_refused_by_name() -> None:
    data = bytearray(psd(part(3, 8), 3, 0))
    for at, value, match in ((5, 2, "PSB"), (23, 32, "32 bits"), (25, 2, "palette")):
        other = bytearray(data)
        other[at] = value
        with pytest.raises(InvalidFileType, match=match):
            codecs.decode(bytes(other))
    struct.pack_into(">II", data, 14, 29_000, 29_000)
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(bytes(data))


def test_zip_whose_entries_inflate_without_end() -> None:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("color.jpg", bytes(64 << 20))
        bomb.writestr("alpha.png", bytes(64 << 20))
    with pytest.raises(InputError):
        codecs.decode(file.getvalue())


def test_header_of_jpeg_xl_agrees_with_its_decoder() -> None:
    for height, width in ((1, 1), (8, 8), (256, 256), (40, 60), (300, 400), (9, 16), (513, 2000)):
        data = imagecodecs.jpegxl_encode(np.zeros((height, width, 3), np.uint8), lossless=True)
        head = jpegxl._xl_header(jpegxl._Bits(jpegxl._xl_stream(data)[0][2:]))
        assert (head.width, head.height, head.bits) == (width, height, 8)


@pytest.mark.parametrize("seed", range(30))
def test_mutated_headers(seed: int) -> None:
    random = np.random.default_rng(seed)
    for kind in sorted(ENCODERS):
        data = bytearray(ENCODERS[kind](part(3), 16))
        for at in random.integers(0, min(len(data), 200), 4):
            data[at] = random.integers(0, 256)
        try:
            codecs.decode(bytes(data), limits=codecs.Limits(max_pixels=1_000_000))
        except InputError:
            continue
