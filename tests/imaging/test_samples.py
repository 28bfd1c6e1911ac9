"""16 bits become 8 by one rule."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.geometry import Box, Size
from mattekit.imaging.resize import block_mean, downsample
from mattekit.imaging.samples import as_depth, as_shares, eight_bits, full_range, opaque, strips
from mattekit.matting._foreground import quantize


def test_eight_bits_rounds_to_nearest() -> None:
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    np.testing.assert_array_equal(eight_bits(every), np.floor(every / 257 + 0.5))


def test_eight_bits_stay_where_they_are() -> None:
    same = np.arange(5, dtype=np.uint8)
    assert np.shares_memory(eight_bits(same), same)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_shares_of_integers_are_these_again(dtype: type) -> None:
    every = np.arange(np.iinfo(dtype).max + 1).astype(dtype)
    shares = as_shares(every)
    assert (shares.dtype, shares[0], shares[-1], opaque(shares)) == (np.float32, 0, 1, 1)
    np.testing.assert_array_equal(quantize(shares[None], dtype)[0], every)
    assert np.shares_memory(as_shares(shares), shares)
    assert np.shares_memory(quantize(every, dtype), every)


def test_sixteen_bits_of_eight_become_these_again() -> None:
    every = np.arange(256, dtype=np.uint8)
    wide = as_depth(every, np.uint16)
    assert (wide.dtype, int(wide[-1])) == (np.uint16, 65535)
    np.testing.assert_array_equal(as_depth(wide, np.uint8), every)
    assert np.shares_memory(as_depth(wide, np.uint16), wide)


@pytest.mark.parametrize("value", [255, 32_639, 65_500])
def test_what_the_network_sees_and_guides_follow_the_rule(value: int) -> None:
    deep = np.full((40, 40, 3), value, np.uint16)
    expected = round(value / 257)
    assert (downsample(deep, Box(0, 0, 40, 40), Size(8, 8)) == expected).all()
    assert (block_mean(deep, 4) == expected).all()


@pytest.mark.parametrize("shape", [(0, 5), (1, 1), (700, 900, 3), (3, 1 << 19)])
@pytest.mark.parametrize("multiple", [1, 3, 64])
def test_strips_cover_every_row_once(shape: tuple[int, ...], multiple: int) -> None:
    parts = list(strips(shape, multiple=multiple))
    assert [row for part in parts for row in range(part.start, part.stop)] == list(range(shape[0]))
    assert all((part.stop - part.start) % multiple == 0 for part in parts[:-1])


@pytest.mark.parametrize(("top", "bits"), [(1, 8), (100, 8), (255, 8), (1023, 16), (65535, 8)])
@pytest.mark.parametrize("kind", ["<u2", ">u2"])
def test_full_range_rounds_to_nearest_and_cuts_off_what_is_above(
    top: int, bits: int, kind: str
) -> None:
    samples = np.arange(1025, dtype=kind).reshape(25, 41) * (63 if top > 1023 else 1)
    before = samples.copy()
    expected = np.floor(np.minimum(samples, top) / top * (2**bits - 1) + 0.5)
    result = full_range(samples, top, bits)
    np.testing.assert_array_equal(result, expected)
    assert result.dtype == (np.uint8 if bits == 8 else np.uint16)
    np.testing.assert_array_equal(samples, before)


def test_full_range_of_32_bits() -> None:
    samples = np.array([[0, 1 << 31, (1 << 32) - 1]], np.uint32)
    np.testing.assert_array_equal(full_range(samples, (1 << 32) - 1, 16), [[0, 32768, 65535]])
