"""PNG of every depth, and its one transparent colour."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from support.decoding import check_contract, stacked


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
