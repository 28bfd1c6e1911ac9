from __future__ import annotations

import importlib

import numpy as np
import pytest

from mattekit import matting
from mattekit.imaging.samples import as_shares
from support.helpers import disc

# The package has a function of the same name.
module = importlib.import_module("mattekit.matting._foreground")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_nothing_changes_where_alpha_is_certain(dtype):
    rng = np.random.default_rng(0)
    top = np.iinfo(dtype).max
    color = rng.integers(0, top, (300, 280, 3), dtype, endpoint=True)
    alpha = (rng.random((300, 280)) > 0.5).astype(np.float32)
    assert matting.foreground(color, alpha) is color
    # Within the rounding of the picture's depth a value is certain as well.
    assert matting.foreground(color, np.clip(alpha, 0.3 / top, 1 - 0.3 / top)) is color
    assert matting.foreground(color, (alpha * top).astype(dtype)) is color
    alpha[100:110] = 0.5
    before = color.copy()
    result = matting.foreground(color, alpha)
    np.testing.assert_array_equal(color, before)
    certain = (alpha == 0) | (alpha == 1)
    np.testing.assert_array_equal(result[certain], color[certain])
    assert result.dtype == dtype


def test_in_place_is_where_it_can_be_written_to():
    color = np.full((20, 30, 3), 100, np.uint8)
    alpha = np.full((20, 30), np.float32(0.5))
    alpha[:, 15:] = np.linspace(1, 0, 15)
    color.flags.writeable = False
    before = color.copy()
    result = matting.foreground(color, alpha, in_place=True)
    np.testing.assert_array_equal(color, before)
    assert result is not color
    assert matting.foreground(before, alpha, in_place=True) is before
    np.testing.assert_array_equal(result, before)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_in_the_depth_of_the_picture_gives_the_same_colours(dtype):
    truth, top = disc(700, 900, softness=30), np.iinfo(dtype).max
    color = truth.image.astype(dtype) * dtype(top // 255)
    levels = np.rint(truth.alpha * top).astype(dtype)
    freed = matting.foreground(color, levels).astype(int)
    # Sums of floats are rounded, those of integers are not.
    assert np.abs(freed - matting.foreground(color, as_shares(levels))).max() <= 1


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("size", [64, 256, 512])
def test_edges_lose_the_old_background(size, depth):
    truth = disc(size, size, softness=size / 20)
    color = truth.image if depth == 8 else truth.image.astype(np.uint16) * 257
    estimate = matting.foreground(color, truth.alpha) / np.float32(2**depth - 1)
    soft = (truth.alpha > 0.02) & (truth.alpha < 0.98)
    weight = truth.alpha[soft][:, None]
    error = (np.abs(estimate - truth.foreground)[soft] * weight).sum() / (3 * weight.sum())
    assert error < 0.015
    again = truth.alpha[..., None] * estimate + (1 - truth.alpha[..., None]) * truth.background
    assert np.abs(again - truth.image / 255).max() < 4 / 255


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_strips_leave_no_seam(dtype, monkeypatch):
    truth = disc(300, 380, softness=40)
    noise = np.random.default_rng(1).normal(0, 4, truth.image.shape)
    levels = np.clip(truth.image + noise, 0, 255) * (np.iinfo(dtype).max / 255)
    results = []
    for samples in (1 << 20, 1 << 12):
        monkeypatch.setattr(module.kernels, "STRIP", samples)
        # Estimated at a smaller size, so that tiles are interpolated.
        monkeypatch.setattr(module, "_AREA", 9_000)
        results.append(matting.foreground(levels.astype(dtype), truth.alpha).astype(int))
    np.testing.assert_array_equal(results[1], results[0])


def test_colours_come_from_where_they_are_seen():
    # A narrow subject of one colour on a background that changes from side to side: what the
    # background looks like on one side must not reach the other through the subject.
    truth = disc(200, 200, softness=16)
    back = np.zeros_like(truth.foreground)
    back[:, :100], back[:, 100:] = (0.05, 0.6, 0.1), (0.1, 0.2, 0.9)
    front = np.float32((0.9, 0.5, 0.3))
    weight = truth.alpha[..., None]
    image = ((weight * front + (1 - weight) * back) * 255 + 0.5).astype(np.uint8)
    estimate = matting.foreground(image, truth.alpha) / np.float32(255)
    soft = (truth.alpha > 0.1) & (truth.alpha < 0.98)
    assert np.abs(estimate - front)[soft].mean() < 0.004


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 1), (3, 5)])
def test_tiny_pictures(shape):
    color = np.full((*shape, 3), 90, np.uint8)
    alpha = np.full(shape, 0.5, np.float32)
    assert matting.foreground(color, alpha).shape == color.shape


def test_a_pixel_that_is_hardly_soft_does_not_meet_what_lay_in_memory(monkeypatch):
    """Of 16 bits, in a picture so large that a mean over many pixels is 1."""
    monkeypatch.setattr(module, "_AREA", 400)
    color = np.full((400, 400, 3), (45126, 37589, 31992), np.uint16)
    alpha = np.ones((400, 400), np.float32)
    alpha[207, 211] = np.float32(65534 / 65535)
    empty = np.empty

    def poisoned(*args, **more):
        result = empty(*args, **more)
        if result.dtype.kind == "f":
            result[...] = np.nan
        return result

    monkeypatch.setattr(np, "empty", poisoned)
    freed = matting.foreground(color, alpha)
    monkeypatch.undo()
    np.testing.assert_allclose(freed.astype(float), color, atol=2)
