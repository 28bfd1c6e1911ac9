"""Files that lie, end early or want too much: one typed error each, at once."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.errors import InputError, InvalidDimensions, ResolutionTooHigh, UnreadableImage
from support.helpers import ends_soon

RGBA = Image.fromarray(make.ramp(40, 56, 4))
RGB = RGBA.convert("RGB")
EXIF = b"Exif\0\0" + make.exif_block(6, b"\xff\xd8thumbnail\xff\xd9")

FILES: dict[str, bytes] = {
    "jpg": make.saved(RGB, "JPEG", exif=EXIF, icc_profile=make.SRGB),
    "progressive": make.saved(RGB, "JPEG", progressive=True),
    "cmyk": make.saved(RGB.convert("CMYK"), "JPEG"),
    "png": make.saved(RGBA, "PNG", exif=EXIF, icc_profile=make.SRGB),
    "palette": make.saved(RGB.quantize(8), "PNG", transparency=1),
    "png16": make.png(make.ramp(20, 30, 4, np.uint16), interlaced=True),
    "webp": make.saved(RGBA, "WEBP", exif=EXIF),
    "gif": make.saved(RGB.quantize(8), "GIF"),
    "bmp": make.saved(RGB, "BMP"),
    "tiff": make.saved(RGBA, "TIFF", compression="tiff_lzw"),
    "tiff16": make.tiff(
        make.ramp(40, 56, 3, np.uint16), photometric="rgb", compression="zlib", rowsperstrip=7
    ),
    "pam": b"P7\nWIDTH 9\nHEIGHT 5\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n" + bytes(180),
    "ppm": make.saved(RGB, "PPM"),
    "avif": make.saved(RGB, "AVIF") if "AVIF" in Image.registered_extensions().values() else b"",
    "jp2": make.saved(RGB, "JPEG2000"),
    "tga": make.saved(RGB, "TGA"),
    "ico": make.saved(RGBA, "ICO", sizes=[(32, 32)]),
    "qoi": make.saved(RGB, "QOI"),
}


def decode(data: bytes) -> None:
    with ends_soon():
        codecs.decode(data, limits=codecs.Limits(max_pixels=200_000_000))


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_length_gives_a_typed_error_or_a_picture(name: str) -> None:
    data = FILES[name]
    for end in {*range(0, min(len(data), 400), 3), *range(0, len(data), max(1, len(data) // 60))}:
        try:
            decode(data[:end])
        except InputError:
            continue


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(sorted(FILES)),
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=12),
    cut=st.integers(0, 1 << 16),
)
def test_mutated_files(name: str, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(FILES[name])
    for at, value in changes:
        # Half of the changes hit the first bytes, where sizes and offsets stand.
        where = at % len(data) if at % 2 else at % min(len(data), 128)
        data[where] = value
    if cut % 3 == 0:
        del data[cut % len(data) :]
    try:
        photo = codecs.decode(bytes(data), limits=codecs.Limits(max_pixels=4_000_000))
    except InputError:
        return
    assert photo.color.size


@pytest.mark.parametrize("side", [16_000, 40_000])
def test_png_of_huge_declared_size(side: int) -> None:
    data = (
        b"\x89PNG\r\n\x1a\n"
        + make.chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0))
        + make.chunk(b"IDAT", zlib.compress(bytes(1000)))
        + make.chunk(b"IEND", b"")
    )
    with pytest.raises((ResolutionTooHigh, UnreadableImage)):
        decode(data)


@pytest.mark.parametrize("name", ["jpg", "progressive"])
def test_jpeg_of_huge_declared_size(name: str) -> None:
    data = bytearray(FILES[name])
    marker = b"\xff\xc0" if name == "jpg" else b"\xff\xc2"
    at = data.index(marker) + 5
    data[at : at + 4] = struct.pack(">HH", 14_000, 14_000)
    with pytest.raises(UnreadableImage, match="truncated"):
        decode(bytes(data))
    data[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    with pytest.raises((ResolutionTooHigh, UnreadableImage)):
        decode(bytes(data))


@pytest.mark.parametrize("format_", ["BMP", "TIFF", "PPM"])
def test_other_huge_declared_sizes(format_: str) -> None:
    small = make.saved(Image.new("RGB", (7, 5)), format_)
    if format_ == "PPM":
        huge = small.replace(b"7 5", b"14000 14000")
    elif format_ == "BMP":
        huge = small[:18] + struct.pack("<ii", 14_000, 14_000) + small[26:]
    else:
        huge = small.replace(
            struct.pack("<HHII", 256, 4, 1, 7), struct.pack("<HHII", 256, 4, 1, 14_000)
        )
        huge = huge.replace(
            struct.pack("<HHII", 257, 4, 1, 5), struct.pack("<HHII", 257, 4, 1, 14_000)
        )
        assert huge != small
    with pytest.raises(InputError):
        decode(huge)


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_zero_pixels(size: tuple[int, int]) -> None:
    png = (
        b"\x89PNG\r\n\x1a\n"
        + make.chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
        + make.chunk(b"IDAT", zlib.compress(b""))
        + make.chunk(b"IEND", b"")
    )
    pam = f"P7\nWIDTH {size[0]}\nHEIGHT {size[1]}\nDEPTH 3\nMAXVAL 255\nENDHDR\n".encode()
    for data in (png, pam):
        with pytest.raises(InvalidDimensions):
            codecs.decode(data)


def test_many_scans() -> None:
    data = FILES["progressive"]
    at = data.rindex(b"\xff\xda")
    scan = data[at:-2]
    with pytest.raises(UnreadableImage, match="scans"):
        decode(data[:-2] + scan * 5000 + b"\xff\xd9")


def test_wrong_checksum_in_png() -> None:
    data = bytearray(FILES["png"])
    data[data.index(b"IDAT") + 20] ^= 1
    with pytest.raises(UnreadableImage):
        codecs.decode(bytes(data))


@pytest.mark.slow
def test_profile_bomb_in_png_is_left_aside() -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    data = make.png(make.ramp(9, 9), (b"iCCP", b"x\0\0" + bomb))
    with ends_soon():
        photo = codecs.decode(data)
    assert photo.metadata.icc_profile is None


@pytest.mark.slow
def test_many_chunks() -> None:
    data = make.png(make.ramp(9, 9))
    at = data.index(b"IDAT") - 4
    with pytest.raises(InputError):
        decode(data[:at] + make.chunk(b"zzzZ", b"") * 1_100_000 + data[at:])


def test_tiff_directory_that_points_to_itself() -> None:
    data = bytearray(make.saved(RGB, "TIFF"))
    at = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, at)[0]
    struct.pack_into("<I", data, at + 2 + 12 * count, at)
    photo = codecs.decode(bytes(data))
    assert photo.size == (56, 40)


def test_memory_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    import imagecodecs

    def refuse(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(imagecodecs, "png_decode", refuse)
    with pytest.raises(UnreadableImage, match="memory"):
        codecs.decode(make.png(make.ramp(9, 9)))


def test_stream_without_end() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return bytes(max(0, size))

    with pytest.raises(InputError):
        codecs.decode(Endless(), limits=codecs.Limits(max_bytes=5_000_000))  # type: ignore[arg-type]
