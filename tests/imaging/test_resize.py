"""Small copies are what a copy of the whole picture would give."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mattekit.geometry import Box, Size
from mattekit.imaging import resize as module
from mattekit.imaging.resize import (
    block_mean,
    block_reduce,
    block_share,
    downsample,
    pyramid_reduce,
    resize_plane,
)
from mattekit.imaging.samples import as_shares
from support.helpers import assert_images_close, disc


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [Size(64, 48), Size(37, 51), Size(300, 300), Size(9, 5)])
@pytest.mark.parametrize("samples", [1 << 20, 3000])
def test_like_one_resize(dtype, size, samples, monkeypatch):
    monkeypatch.setattr(module.kernels, "STRIP", samples)
    image = disc(403, 517).image
    color = image if dtype == np.uint8 else image.astype(np.uint16) * 257
    box = Box(11, 7, 501, 399)
    expected = Image.fromarray(image).resize(size, Image.Resampling.LANCZOS, box=box)
    result = downsample(color, box, size)
    assert result.dtype == np.uint8
    assert_images_close(result, np.asarray(expected), 6, mean=0.7)


def test_planes_too():
    alpha = (disc(200, 300).alpha * 255).astype(np.uint8)
    assert downsample(alpha, Box(0, 0, 300, 200), Size(30, 20)).shape == (20, 30)


@pytest.mark.parametrize("shape", [(12, 20), (13, 22), (1, 1)])
@pytest.mark.parametrize("factor", [1, 3, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.uint16])
def test_reducing_takes_the_mean_of_blocks(shape, factor, dtype):
    share = np.random.default_rng(0).random(shape).astype(np.float32)
    plane = share if dtype == np.float32 else (share * np.iinfo(dtype).max).astype(dtype)
    share = as_shares(plane)
    result = block_share(plane, factor)
    for y in range(result.shape[0]):
        for x in range(result.shape[1]):
            block = share[y * factor : (y + 1) * factor, x * factor : (x + 1) * factor]
            assert result[y, x] == pytest.approx(block.mean(), abs=1e-6)


@pytest.mark.parametrize("factor", [2, 250, 300])
def test_means_of_what_is_opaque_are_one(factor):
    for dtype in (np.uint8, np.uint16):
        plane = np.full((factor, 2 * factor), np.iinfo(dtype).max, dtype)
        np.testing.assert_array_equal(block_share(plane, factor), 1)


def test_a_part_is_resized_as_the_whole_would_be():
    plane = np.random.default_rng(1).random((40, 50)).astype(np.float32)
    whole = resize_plane(plane, Size(500, 400))
    part = resize_plane(plane, Size(130, 70), (20.3, 10.1, 33.3, 17.1))
    np.testing.assert_allclose(part, whole[101:171, 203:333], atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "size", "box"),
    [
        ((64, 61), (75, 50), None),
        ((64, 61), (20, 13), None),
        ((64, 61), (31, 33), (20.3, 10.1, 47.25, 33.3)),
        ((9, 300), (4, 500), (0.5, 0.2, 299, 8.8)),
        ((1, 1), (3, 4), None),
        ((5, 7), (30, 1), None),
    ],
)
def test_planes_are_resampled_as_pillow_does(shape, size, box):
    plane = np.random.default_rng(2).random(shape, np.float32)
    expected = Image.fromarray(plane).resize(size, Image.Resampling.BILINEAR, box=box)
    np.testing.assert_allclose(resize_plane(plane, Size(*size), box), expected, atol=1e-6)


def test_halve():
    plane = np.arange(15, dtype=np.float32).reshape(3, 5)
    np.testing.assert_allclose(pyramid_reduce(plane), [[3, 5, 6.5], [10.5, 12.5, 14]])


@pytest.mark.parametrize("shape", [(90, 61), (90, 61, 3), (7, 61, 3)])
@pytest.mark.parametrize("size", [(61, 25), (61, 140), (61, 1)])
def test_along_one_axis_it_is_pillows_lanczos(
    shape: tuple[int, ...], size: tuple[int, int]
) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, shape, np.uint8)
    for turned in (False, True):
        source = np.ascontiguousarray(pixels.swapaxes(0, 1)) if turned else pixels
        wanted = Size(*(size[::-1] if turned else size))
        whole = Size(source.shape[1], source.shape[0]).box
        if min(whole.width // wanted.width, whole.height // wanted.height) // 2 > 1:
            continue  # blocks are averaged first
        expected = Image.fromarray(source).resize(wanted, Image.Resampling.LANCZOS)
        np.testing.assert_array_equal(downsample(source, whole, wanted), np.asarray(expected))


def test_a_smooth_picture_stays_itself_along_both_axes():
    height, width = 83, 120
    rows, columns = np.mgrid[:height, :width]
    pixels = np.stack([rows, columns, rows + columns], 2).astype(np.uint8)
    for wanted in (Size(71, 70), Size(100, 40), Size(40, 80), Size(240, 160)):
        small = downsample(pixels, Size(width, height).box, wanted).astype(float)
        at = [(np.arange(n) + 0.5) * full / n - 0.5 for n, full in
              ((wanted.height, height), (wanted.width, width))]  # fmt: skip
        down, across = np.meshgrid(*at, indexing="ij")
        inner = slice(8, -8), slice(8, -8)
        for channel, truth in enumerate((down, across, down + across)):
            assert np.abs(small[..., channel] - truth)[inner].max() < 1.1


@pytest.mark.parametrize("kind", [np.bool_, np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("extreme", [np.maximum, np.minimum])
def test_extremes_of_blocks(extreme, kind):
    plane = (np.random.default_rng(2).random((31, 45)) * 3).astype(kind)[1:, 2:]
    step = 4
    found = block_reduce(plane, step, extreme)
    assert found.dtype == plane.dtype
    assert found.shape == (8, 11)
    for row, column in np.ndindex(found.shape):
        block = plane[row * step : (row + 1) * step, column * step : (column + 1) * step]
        assert found[row, column] == extreme.reduce(block, axis=None)


@pytest.mark.parametrize("factor", [257, 258])
def test_sums_of_large_blocks_do_not_overflow(factor):
    white = np.full((2 * factor, factor + 3), 255, np.uint8)
    np.testing.assert_array_equal(block_mean(white, factor), np.full((2, 2), 255))


@pytest.mark.parametrize("view", [np.s_[::2, ::-3], np.s_[:, ::-1], np.s_[::-1]])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_views_that_are_turned_or_thinned(view, channels):
    whole = np.random.default_rng(3).integers(0, 256, (80, 96, *channels), np.uint8)
    turned, plain = whole[view], np.ascontiguousarray(whole[view])
    box, size = Box(0, 0, plain.shape[1], plain.shape[0]), Size(11, 13)
    np.testing.assert_array_equal(downsample(turned, box, size), downsample(plain, box, size))
    np.testing.assert_array_equal(block_mean(turned, 4), block_mean(plain, 4))
    if not channels:
        extremes = (block_reduce(each, 4, np.maximum) for each in (turned, plain))
        np.testing.assert_array_equal(*extremes)
