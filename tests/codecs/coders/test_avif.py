"""AVIF at the depth of its file."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from support.deep import full


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


def test_first_frame_of_animated_avif_at_ten_bits_is_read_safely() -> None:
    frames = [Image.new("RGB", (20, 10), color) for color in ("red", "blue")]
    data = make.saved(frames[0], "AVIF", save_all=True, append_images=frames[1:], quality=100)
    at = data.index(b"av1C")
    data = data[: at + 6] + bytes([data[at + 6] | 0x40]) + data[at + 7 :]  # says ten bits
    photo = codecs.decode(data)
    assert photo.size == (20, 10)
    assert photo.color[0, 0, 0] > 240
