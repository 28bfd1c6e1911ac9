"""A picture is read when every pixel is there, and refused when one is not, whatever its format."""

from __future__ import annotations

import numpy as np
import pytest

import support.codecs as make
from mattekit import codecs
from mattekit.errors import InputError, UnreadableImage
from support.complete import JPEGS, NOISE, PNGS, RGB, RGBA, same

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
