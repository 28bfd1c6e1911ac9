"""PSD of other programs."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from mattekit import codecs
from mattekit.errors import InputError, InvalidFileType, ResolutionTooHigh
from support.deep import part, psd


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
