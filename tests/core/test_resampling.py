"""Scaling in linear premultiplied light."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mattekit import resampling
from mattekit.geometry import Placement, Size
from mattekit.resampling import decoded, encoded, resample
from support.helpers import assert_images_close

DTYPES = [np.uint8, np.uint16]


def scaled(color, alpha, size):
    height, width = color.shape[:2]
    x, y = size.width / width, size.height / height
    photo = Size(width, height)
    return resample(color, alpha, Placement(size, photo.box, x, y, 0, 0, photo))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_transfer_curve_is_undone_exactly(dtype):
    levels = np.arange(np.iinfo(dtype).max + 1, dtype=dtype)
    assert_images_close(encoded(decoded(levels), dtype), levels, 0 if dtype == np.uint8 else 1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [Size(7, 5), Size(33, 21), Size(150, 90), Size(60, 40)])
@pytest.mark.parametrize("level", [0, 1, 40, 128, 254, 255])
def test_flat_areas_stay_as_they_are(dtype, size, level):
    step = np.iinfo(dtype).max // 255
    color = np.full((40, 60, 3), level * step, dtype)
    alpha = np.full((40, 60), 255 * step, dtype)
    new_color, new_alpha = scaled(color, alpha, size)
    assert new_color.shape == (size.height, size.width, 3)
    assert_images_close(new_color, np.full_like(new_color, level * step), 0 if step == 1 else 2)
    assert (new_alpha == 255 * step).all()


def test_light_is_averaged_not_codes():
    """Black and white in equal parts look like 188, not like 128."""
    board = np.indices((64, 64)).sum(0) % 2 * 255
    color = np.repeat(board[..., None], 3, -1).astype(np.uint8)
    small, _ = scaled(color, None, Size(8, 8))
    assert_images_close(small, np.full_like(small, 188), 1)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_old_background_does_not_come_back(dtype):
    """A grey subject on bright red: its edge stays grey however it is scaled."""
    step = np.iinfo(dtype).max // 255
    color = np.zeros((90, 90, 3), dtype)
    color[..., 0] = 255 * step
    color[20:60, 25:70] = 90 * step
    alpha = np.zeros((90, 90), dtype)
    alpha[20:60, 25:70] = 255 * step
    for size in (Size(17, 17), Size(40, 43), Size(131, 111)):
        new_color, new_alpha = scaled(color, alpha, size)
        edge = new_alpha > 8 * step
        assert (edge & (new_alpha < 247 * step)).sum() > 0
        assert_images_close(new_color[edge], np.full_like(new_color[edge], 90 * step), 2 * step)
        hidden = new_color[new_alpha == 0]  # what lies under alpha 0 is the photo
        assert (hidden[:, 0] > 200 * step).mean() > 0.9


def test_strips_leave_no_seams(monkeypatch):
    rng = np.random.default_rng(1)
    color = rng.integers(0, 255, (120, 160, 3), dtype=np.uint8)
    alpha = rng.integers(0, 255, (120, 160), dtype=np.uint8)
    for size in (Size(40, 30), Size(100, 77), Size(230, 190)):
        whole = scaled(color, alpha, size)
        with monkeypatch.context() as patch:
            patch.setattr(resampling, "_STRIP", 700)
            parts = scaled(color, alpha, size)
        assert_images_close(whole[1], parts[1], 1)
        seen = whole[1] > 4
        assert_images_close(whole[0][seen], parts[0][seen], 1)


def test_borders_do_not_fade():
    color = np.full((50, 50, 3), 200, np.uint8)
    alpha = np.full((50, 50), 255, np.uint8)
    placement = Placement(Size(40, 40), Size(50, 50).box, 0.51, 0.51, 3.3, 4.7, Size(50, 50))
    new_color, new_alpha = resample(color, alpha, placement)
    assert set(np.unique(new_alpha)) == {0, 255}
    assert (new_color[new_alpha == 255] == 200).all()
    rows, columns = np.flatnonzero(new_alpha.any(1)), np.flatnonzero(new_alpha.any(0))
    assert abs(columns[0] - 3.3) <= 0.5
    assert abs(rows[-1] + 1 - (4.7 + 25.5)) <= 0.5


@pytest.mark.slow
@given(st.integers(-30, 30), st.integers(-30, 30), st.sampled_from(DTYPES))
@settings(deadline=None)
def test_whole_moves_copy_bits(dx, dy, dtype):
    rng = np.random.default_rng(3)
    color = rng.integers(0, np.iinfo(dtype).max, (20, 24, 3), dtype=dtype)
    alpha = rng.integers(1, np.iinfo(dtype).max, (20, 24), dtype=dtype)
    photo = Size(24, 20)
    new_color, new_alpha = resample(
        color, alpha, Placement(Size(26, 22), photo.box, 1.0, 1.0, float(dx), float(dy), photo)
    )
    for y in range(22):
        for x in range(26):
            u, v = x - dx, y - dy
            inside = 0 <= u < 24 and 0 <= v < 20
            assert new_alpha[y, x] == (alpha[v, u] if inside else 0)
            assert (new_color[y, x] == (color[v, u] if inside else 0)).all()


def test_memory_stays_bounded():
    """A large picture is scaled without a second large plane."""
    import tracemalloc

    color = np.zeros((3000, 4000, 3), np.uint8)
    alpha = np.zeros((3000, 4000), np.uint8)
    tracemalloc.start()
    scaled(color, alpha, Size(400, 300))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6  # 12 million float32 alone are 48 million bytes, per plane
