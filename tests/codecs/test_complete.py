"""A picture is read when every pixel is there, and refused when one is not, whatever its format."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.errors import InputError, UnreadableImage
from mattekit.photo import Photo

RGB = Image.fromarray(make.ramp(60, 90, 3))
RGBA = Image.fromarray(make.ramp(60, 90, 4))
#: Detail everywhere: each byte of a file stands for some of it.
NOISE = Image.fromarray(np.random.default_rng(5).integers(0, 256, (60, 90, 3), np.uint8))

JPEGS = {
    "baseline": make.saved(NOISE, "JPEG"),
    "optimized": make.saved(RGB, "JPEG", optimize=True),
    "progressive": make.saved(NOISE, "JPEG", progressive=True),
    "restarts": make.saved(NOISE, "JPEG", restart_marker_blocks=1),
    "full": make.saved(NOISE, "JPEG", subsampling=0, quality=95),
    "grey": make.saved(NOISE.convert("L"), "JPEG"),
    "cmyk": make.saved(NOISE.convert("CMYK"), "JPEG"),
}
PNGS = {
    "rgb": make.saved(NOISE, "PNG"),
    "small": make.saved(RGBA, "PNG"),
    "palette": make.saved(NOISE.quantize(16), "PNG"),
    "one bit": make.saved(NOISE.convert("1"), "PNG"),
    "interlaced": make.png(make.ramp(21, 33, 4, np.uint16), interlaced=True),
    "16": make.png(make.ramp(21, 33, 3, np.uint16)),
}
OTHERS = {
    "webp": make.saved(RGBA, "WEBP"),
    "webp lossless": make.saved(RGBA, "WEBP", lossless=True),
    "gif": make.saved(NOISE.quantize(64), "GIF"),
    "gif interlaced": make.saved(NOISE.quantize(64), "GIF", interlace=1),
    "bmp": make.saved(RGB, "BMP"),
    "tiff": make.saved(RGBA, "TIFF"),
    "tiff lzw": make.saved(RGBA, "TIFF", compression="tiff_lzw"),
    "tiff deflate": make.tiff(
        make.ramp(60, 90, 3, np.uint16), photometric="rgb", compression="zlib", rowsperstrip=7
    ),
    "tiff packbits": make.tiff(make.ramp(60, 90, 3), photometric="rgb", compression="packbits"),
    "tiff jpeg": make.tiff(make.ramp(64, 96, 3), photometric="rgb", compression="jpeg"),
    "tiff cmyk": make.saved(RGB.convert("CMYK"), "TIFF", compression="tiff_lzw"),
    "ppm": make.saved(RGB, "PPM"),
    "avif": make.saved(RGB, "AVIF"),
    "jp2": make.saved(RGB, "JPEG2000"),
    "tga rle": make.saved(RGB, "TGA", compression="tga_rle"),
    "qoi": make.saved(RGB, "QOI"),
    "pcx": make.saved(RGB, "PCX"),
    "sgi": make.saved(RGB, "SGI"),
}
FILES = {
    **{f"jpeg {name}": data for name, data in JPEGS.items()},
    **{f"png {name}": data for name, data in PNGS.items()},
    **OTHERS,
}


def same(one: Photo, other: Photo) -> bool:
    if (one.alpha is None) != (other.alpha is None) or one.color.shape != other.color.shape:
        return False
    if one.alpha is not None and not np.array_equal(one.alpha, other.alpha):
        return False
    return np.array_equal(one.color, other.color)


@pytest.mark.parametrize("name", sorted(FILES))
def test_cut_anywhere_it_is_whole_or_refused(name: str) -> None:
    data = FILES[name]
    whole = codecs.decode(data)
    ends = {*range(1, 40), *range(40, len(data), max(1, len(data) // 40))}
    refused = 0
    for lost in sorted(ends):
        try:
            photo = codecs.decode(data[:-lost])
        except InputError:
            refused += 1
        else:
            assert same(photo, whole), f"{lost} bytes are missing in silence"
    assert refused > len(ends) // 3


@pytest.mark.parametrize("name", sorted(JPEGS))
@pytest.mark.parametrize(
    "tail",
    [
        b"",
        bytes(4096),
        b"\0\0\x01\x0aImage_UTC_Data1700000000000" + bytes(300) + b"SEFT",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(range(256)) * 8,
        JPEGS["baseline"],
        b"\xff\xff\xff\xff\xff\xd9",
        b"\xff\xd9" + JPEGS["restarts"],
    ],
    ids=["nothing", "zeros", "phone", "film", "second picture", "fill bytes", "closed"],
)
def test_jpeg_without_its_end_marker(name: str, tail: bytes) -> None:
    data = JPEGS[name]
    assert data.endswith(b"\xff\xd9")
    assert same(codecs.decode(data[:-2] + tail), codecs.decode(data))


@pytest.mark.parametrize("name", sorted(JPEGS))
@pytest.mark.parametrize("tail", [b"\xff\xd9", bytes(3000), bytes(3000) + b"\xff\xd9"])
def test_an_end_marker_does_not_make_a_jpeg_whole(name: str, tail: bytes) -> None:
    data = JPEGS[name][:-2]
    whole = codecs.decode(data)
    for lost in (*range(2, 12), len(data) // 20, len(data) // 3):
        try:
            assert same(codecs.decode(data[:-lost] + tail), whole)
        except UnreadableImage:
            continue
    with pytest.raises(UnreadableImage):
        codecs.decode(data[: -len(data) // 3] + tail)


def test_jpeg_without_one_restart_interval() -> None:
    data = JPEGS["restarts"]
    ends = [at for at in range(len(data) - 1) if data[at] == 0xFF and 0xD0 <= data[at + 1] <= 0xD7]
    for first, second in ((1, 2), (3, 5), (len(ends) - 2, len(ends) - 1)):
        with pytest.raises(UnreadableImage, match="missing or damaged"):
            codecs.decode(data[: ends[first]] + data[ends[second] :])
    with pytest.raises(UnreadableImage):  # eight are a whole round of their numbers
        codecs.decode(data[: ends[2]] + data[ends[10] :])


def test_jpeg_without_some_of_its_scans() -> None:
    data = JPEGS["progressive"]
    scans = [at for at in range(len(data) - 1) if data[at : at + 2] == b"\xff\xda"]
    for last in range(1, len(scans)):
        cut = data[: data.rindex(b"\xff\xc4", 0, scans[last])]
        for tail in (b"", b"\xff\xd9"):
            with pytest.raises(UnreadableImage, match="scans"):
                codecs.decode(cut + tail)


def test_jpeg_with_rows_overwritten() -> None:
    data = JPEGS["baseline"]
    at = data.index(b"\xff\xda") + 14
    random = np.random.default_rng(8)
    refused = 0
    for start in range(at, len(data) - 1000, 97):
        junk = random.integers(0, 255, 900, np.uint8).tobytes()
        try:
            codecs.decode(data[:start] + junk + data[start + 900 :])
        except UnreadableImage:
            refused += 1
    # Damage that happens to be a stream of just as many blocks cannot be told from pixels.
    assert refused >= 0.9 * len(range(at, len(data) - 1000, 97))


def test_jpeg_of_unusual_sampling() -> None:
    # Three blocks of luma to one of each chroma, which few decoders know. Each block is a change of
    # its mean by -7 to 7 in the usual Huffman codes, and its end.
    random = np.random.default_rng(3)
    bits = "".join(
        head + f"{random.integers(0, 8):03b}" + end
        for _ in range(40)
        for head, end in [("100", "1010")] * 3 + [("110", "00")] * 2
    )
    bits += "1" * (-len(bits) % 8)
    coded = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    data = JPEGS["full"]
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda") + 14
    head = bytearray(data[:scan])
    head[frame + 11] = 0x31
    struct.pack_into(">HH", head, frame + 5, 8 * 10, 24 * 4)
    whole = codecs.decode(bytes(head) + coded + b"\xff\xd9")
    assert whole.size == (96, 80)
    assert same(codecs.decode(bytes(head) + coded), whole)
    for lost in (2, 3, 9, len(coded) // 2):
        with pytest.raises(UnreadableImage, match="missing"):
            codecs.decode(bytes(head) + coded[:-lost] + b"\xff\xd9")


@pytest.mark.parametrize("name", sorted(PNGS))
def test_png_without_its_last_chunks(name: str) -> None:
    data = PNGS[name]
    whole = codecs.decode(data)
    end = len(data) - 12
    # Without: IEND; the checksum of IDAT; the checksum of the pixels; a text cut in the middle
    for cut in (data[:end], data[: end - 4], data[: end - 8], data[:end] + b"\0\0\1\0tEXtCom"):
        assert same(codecs.decode(cut), whole)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("rows", [1, 3])
def test_png_of_too_few_rows(rows: int, interlaced: bool) -> None:
    data = make.png(make.ramp(16, 20, 3), interlaced=interlaced)
    head = data.index(b"IHDR") + 4
    taller = bytearray(data)
    struct.pack_into(">I", taller, head + 4, 16 + rows)
    struct.pack_into(">I", taller, head + 13, zlib.crc32(taller[head - 4 : head + 13]))
    with pytest.raises(UnreadableImage, match="missing"):
        codecs.decode(bytes(taller))


def test_png_of_too_many_rows_is_cut() -> None:
    picture = make.ramp(16, 20, 3)
    data = make.png(picture)
    head = data.index(b"IHDR") + 4
    lower = bytearray(data)
    struct.pack_into(">I", lower, head + 4, 11)
    struct.pack_into(">I", lower, head + 13, zlib.crc32(lower[head - 4 : head + 13]))
    np.testing.assert_array_equal(codecs.decode(bytes(lower)).color, picture[:11])
    at = lower.index(b"IDAT") + 9
    lower[at] ^= 4  # and its checksum is looked at
    with pytest.raises(UnreadableImage, match="damaged"):
        codecs.decode(bytes(lower))
