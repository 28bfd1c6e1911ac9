"""From a page of TIFF to samples."""

from __future__ import annotations

import struct

import numpy as np
import pytest

import support.codecs as make
from mattekit import codecs
from mattekit.errors import (
    InvalidFileType,
    UnreadableImage,
)
from support.decoding import stacked


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
