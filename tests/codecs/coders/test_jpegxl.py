"""JPEG XL: its frames, and what its header says."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
import pytest

from mattekit import codecs
from mattekit.codecs.coders import jpegxl
from mattekit.errors import InputError, ResolutionTooHigh
from support.deep import ENCODERS, part


def test_linear_jpeg_xl_says_so() -> None:
    photo = codecs.decode(imagecodecs.jpegxl_encode(part(3), lossless=True))
    assert photo.metadata.icc_profile is not None
    eight = codecs.decode(imagecodecs.jpegxl_encode(part(3, 8), lossless=True))
    assert eight.metadata.icc_profile is None


def test_first_frame_of_jpeg_xl() -> None:
    frames = np.stack([part(3), part(3)[::-1]])
    photo = codecs.decode(imagecodecs.jpegxl_encode(frames, lossless=True))
    np.testing.assert_array_equal(photo.color, frames[0])


def test_coded_size_counts_not_that_of_the_boxes() -> None:
    data = bytearray(ENCODERS["jp2"](part(3), 16))
    at = data.index(b"\xff\x4f\xff\x51")
    struct.pack_into(">II", data, at + 8, 30_000, 30_000)
    struct.pack_into(">II", data, at + 24, 30_000, 30_000)
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(bytes(data))


@pytest.mark.slow
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
