"""Alpha from a trimap."""

from __future__ import annotations

import dataclasses
import importlib

import numpy as np
import pytest

from mattekit import matting
from mattekit.errors import OptionError
from mattekit.geometry import Size
from mattekit.matting.color_model import Small, evaluate
from support.helpers import disc
from support.trimaps import trimap_of

# The package has a function of the same name.
solver = importlib.import_module("mattekit.matting._solve")


@pytest.mark.parametrize("quality", ["balanced", "best"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("area", [10**9, 6000])
def test_known_truth(quality, dtype, area, monkeypatch):
    effort = dataclasses.replace(solver.EFFORTS[quality], area=area)
    monkeypatch.setitem(solver.EFFORTS, quality, effort)
    truth = disc(120, 160, softness=10)
    color = truth.image if dtype == np.uint8 else truth.image.astype(np.uint16) * 257
    trimap = trimap_of(truth.alpha)
    alpha = matting.solve(color, trimap, quality=quality)
    assert (alpha[trimap == 255] == 1).all()
    assert (alpha[trimap == 0] == 0).all()
    assert np.abs(alpha - truth.alpha).max() < 0.1
    assert np.abs(alpha - truth.alpha)[trimap == 128].mean() < 0.025


def test_cells_narrower_than_pixels_fill_their_tiles_as_whole_rows() -> None:
    rng = np.random.default_rng(5)
    cell_side, width, height = 400, 10, 60
    color = rng.integers(0, 255, (height, width, 3), dtype=np.uint8)
    trimap = np.tile(np.array([0, 128, 255, 128], np.uint8), (40, cell_side // 4))
    model = rng.random((4, 40, cell_side), np.float32)
    small = Small(np.full(trimap.shape, 0.5, np.float32), model, Size(width, height).box)
    plain, tiled = np.zeros((2, height, width), np.float32)
    evaluate(small, small.box, color, trimap, plain)
    known = solver.Known(trimap=trimap, hard=np.zeros(trimap.shape, np.bool_), rise=8)
    solver.tile_refiner(color, small, tiled, 192, 0, known)(small.box)
    np.testing.assert_allclose(tiled, plain, atol=1e-6)


def test_trimaps_without_a_question():
    color = disc().image
    for value in (0, 255):
        trimap = np.full(color.shape[:2], value, np.uint8)
        np.testing.assert_array_equal(matting.solve(color, trimap), value / 255)


def test_trimaps_in_any_order_of_memory():
    color = np.full((40, 24, 3), 200, np.uint8)
    color[:16] = 20
    trimap = np.full((40, 24), 128, np.uint8)
    trimap[:6], trimap[-6:] = 0, 255
    expected = matting.solve(color, trimap)
    np.testing.assert_array_equal(matting.solve(color, np.asfortranarray(trimap)), expected)


@pytest.mark.parametrize("known", [0, 128, 255])
def test_trimaps_without_an_answer(known):
    trimap = np.full((20, 30), 128, np.uint8)
    trimap[:5] = known
    with pytest.raises(OptionError, match="is known"):
        matting.solve(np.zeros((20, 30, 3), np.uint8), trimap)


@pytest.mark.parametrize("trimap", [np.zeros((3, 4), np.uint8), np.zeros((20, 30), np.float32)])
def test_trimaps_of_another_shape_or_type(trimap):
    with pytest.raises(OptionError, match="trimap"):
        matting.solve(np.zeros((20, 30, 3), np.uint8), trimap)


def test_single_known_pixels_are_enough():
    color = disc(96, 128).image
    trimap = np.full((96, 128), 128, np.uint8)
    trimap[48, 64], trimap[0, 0] = 255, 0
    alpha = matting.solve(color, trimap)
    assert alpha[46:50, 62:66].min() > 0.8
    assert alpha[:5, :5].max() < 0.2


@pytest.mark.parametrize("shape", [(1, 3), (2, 2), (3, 1), (3, 3)])
def test_tiny_pictures(shape):
    color = np.linspace(0, 255, shape[0] * shape[1] * 3).reshape(*shape, 3).astype(np.uint8)
    trimap = np.full(shape, 128, np.uint8)
    trimap.flat[0], trimap.flat[-1] = 0, 255
    alpha = matting.solve(color, trimap)
    assert (alpha.flat[0], alpha.flat[-1]) == (0, 1)
    assert np.isfinite(alpha).all()
