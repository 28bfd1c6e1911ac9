"""Alpha at full size: in range, true to edges, without seams, whatever the quality."""

from __future__ import annotations

import dataclasses
import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mattekit import matting
from mattekit.geometry import Box, Size
from mattekit.imaging.resize import downsample, resize_plane
from mattekit.matting._foreground import quantize
from mattekit.matting.matte import Matte
from mattekit.matting.sampling import nearest
from mattekit.photo import Photo
from support.helpers import assert_images_close, disc

# The package has functions of the same names.
module = importlib.import_module("mattekit.matting._refine")
solver = importlib.import_module("mattekit.matting._solve")

QUALITIES = ["fast", "balanced", "best"]


def coarse(photo, alpha, side=48, roi=None):
    """What a network of `side` pixels would make of a photo whose alpha is known."""
    size = Size(side, max(1, round(side * photo.size.height / photo.size.width)))
    whole = photo.size.box
    small = np.asarray(Image.fromarray(alpha).resize(size, Image.Resampling.BOX))
    small = np.clip(small, 0, 1)
    return Matte(small, whole, roi or whole, downsample(photo.color, whole, size))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("quality", QUALITIES)
def test_better_than_a_plain_resize(quality, dtype):
    truth = disc(240, 320)
    color = truth.image if dtype == np.uint8 else truth.image.astype(np.uint16) * 257
    photo = Photo(color)
    matte = coarse(photo, truth.alpha)
    alpha = matting.refine(photo, matte, quality=quality)
    assert alpha.dtype == np.float32
    assert alpha.shape == truth.alpha.shape
    plain = np.clip(resize_plane(matte.alpha, photo.size), 0, 1)
    allowed = {"fast": 0.5, "balanced": 0.1, "best": 0.1}[quality]
    error = np.square(alpha - truth.alpha).mean()
    assert error < allowed * np.square(plain - truth.alpha).mean()
    assert (alpha[:10] == 0).all()
    assert (alpha[110:130, 150:170] == 1).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("area", [6000, 10**9])
@pytest.mark.parametrize("quality", QUALITIES)
def test_in_the_depth_of_the_picture_it_is_the_same_rounded(quality, area, dtype, monkeypatch):
    for name, effort in list(module._EFFORTS.items()):
        monkeypatch.setitem(module._EFFORTS, name, dataclasses.replace(effort, area=area))
    truth = disc(240, 320)
    photo = Photo(truth.image.astype(dtype) * dtype(np.iinfo(dtype).max // 255))
    matte = coarse(photo, truth.alpha)
    levels = matting.refine(photo, matte, quality=quality, dtype=dtype)
    expected = quantize(matting.refine(photo, matte, quality=quality), dtype)
    assert levels.dtype == dtype
    np.testing.assert_array_equal(levels, expected)


@pytest.mark.parametrize("shape", [(3000, 10), (10, 3000)])
def test_a_picture_narrower_than_its_matte(shape):
    seen = np.zeros((128, 128), np.float32)
    seen[:, np.arange(128) % 10 < 5] = 1  # more stripes than the picture has columns
    if shape[1] > shape[0]:
        seen = np.ascontiguousarray(seen.T)
    photo = Photo(np.full((*shape, 3), 90, np.uint8))
    whole, guide = photo.size.box, np.full((128, 128, 3), 90, np.uint8)
    alpha = matting.refine(photo, Matte(seen, whole, whole, guide), quality="fast")
    assert alpha.shape == shape
    assert alpha.min() >= 0
    assert alpha.max() <= 1


@pytest.mark.parametrize("quality", ["balanced", "best"])
def test_a_subject_that_was_seen_larger_than_it_is_is_doubted_in_pixels_of_what_was_seen(quality):
    color = np.full((96, 96, 3), 40, np.uint8)
    y, x = np.mgrid[:96, :96] + 0.5
    far = np.hypot(x - 48, y - 48)
    color[far < 15] = 210  # what is beside the subject is as bright, for three pixels
    photo, box = Photo(color), Box(16, 16, 80, 80)
    v, u = np.mgrid[:512, :512] / 8 + 16 + 1 / 16
    soft = np.clip((12 - np.hypot(u - 48, v - 48)) / 0.75 + 0.5, 0, 1).astype(np.float32)
    guide = downsample(photo.color, box, Size(512, 512))
    alpha = matting.refine(photo, Matte(soft, box, photo.size.box, guide), quality=quality)
    assert (alpha[far < 10] == 1).all()
    assert alpha[far > 14.5].max() == 0


@pytest.mark.parametrize("quality", QUALITIES)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_any_picture_and_matte_give_alpha_between_0_and_1(quality, data):
    width, height = data.draw(st.integers(1, 70)), data.draw(st.integers(1, 70))
    w, h = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 20))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    photo = Photo(rng.integers(0, 256, (height, width, 3), np.uint8))
    levels = data.draw(st.sampled_from([2, 3, 256]))
    alpha = (rng.integers(0, levels, (h, w)) / (levels - 1)).astype(np.float32)
    guide = rng.integers(0, 256, (h, w, 3), np.uint8)
    whole = photo.size.box
    result = matting.refine(photo, Matte(alpha, whole, whole, guide), quality=quality)
    assert result.shape == (height, width)
    assert np.isfinite(result).all()
    assert result.min() >= 0
    assert result.max() <= 1


@pytest.mark.parametrize("quality", QUALITIES)
def test_tiles_leave_no_seam(quality, monkeypatch):
    truth = disc(300, 380, softness=12)
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 4, truth.image.shape)
    photo = Photo(np.clip(truth.image + noise, 0, 255).astype(np.uint8))
    matte = coarse(photo, truth.alpha)
    # A small picture solved at a smaller size still, so that every stage is tiled.
    for name, effort in solver.EFFORTS.items():
        values = dataclasses.replace(effort, area=30_000)
        monkeypatch.setitem(solver.EFFORTS, name, values)
    results = []
    for side in (1024, 40):
        monkeypatch.setattr(module, "_TILE", side)
        monkeypatch.setattr(solver, "_TILE", side)
        results.append(matting.refine(photo, matte, quality=quality))
    assert_images_close(results[1], results[0], 1 / 255)


@pytest.mark.parametrize("quality", QUALITIES)
def test_a_thin_line_survives(quality):
    image = np.full((240, 320, 3), 40, np.uint8)
    alpha = np.zeros((240, 320), np.float32)
    for y in (60, 120, 180):
        alpha[y : y + 3, 20:300] = 1
    alpha[40:200, 20:80] = 1
    image[alpha == 1] = (220, 180, 150)
    photo = Photo(image)
    result = matting.refine(photo, coarse(photo, alpha, 160), quality=quality)
    assert result[121, 100:290].min() > 0.5
    assert result[150, 100:290].max() < 0.3


@pytest.mark.parametrize("size", [(150, 200), (500, 640)])
@pytest.mark.parametrize("quality", QUALITIES)
def test_a_hard_edge_is_crossed_once(quality, size):
    truth = disc(*size, softness=1)
    noise = np.random.default_rng(3).normal(0, 60, truth.image.shape)
    photo = Photo(np.clip(truth.image + noise, 0, 255).astype(np.uint8))
    matte = coarse(photo, truth.alpha, 100)
    matte = dataclasses.replace(matte, alpha=(matte.alpha >= 0.5).astype(np.float32))
    alpha = matting.refine(photo, matte, quality=quality)
    inside = alpha >= 0.5
    for side, rising in ((inside, 1), (~inside, -1)):
        steps = nearest(~side)[0].reshape(size)
        for axis, way in ((0, 1), (0, -1), (1, 1), (1, -1)):
            before = np.roll(alpha, way, axis)
            nearer = (np.roll(steps, way, axis) == steps - 1) & (steps > 1) & (steps <= 8)
            # Two tiles round differently where they meet.
            assert (rising * (alpha - before))[nearer].min() >= -1e-5


@pytest.mark.parametrize("quality", ["balanced", "best"])
def test_sky_between_leaves_is_found_where_the_network_only_wavers(quality):
    side, leaf, sky = 288, (40, 120, 30), (120, 170, 230)
    y, x = np.mgrid[:side, :side]
    far = np.hypot(y - 144, x - 144)
    crown = far < 110
    holes = (y % 24 < 8) & (x % 24 < 8) & (far > 75) & (far < 90)
    truth = (crown & ~holes).astype(np.float32)
    photo = Photo(np.where(truth[..., None] > 0, leaf, sky).astype(np.uint8))
    matte = coarse(photo, crown.astype(np.float32), 96)
    wavering = resize_plane(holes.astype(np.float32), Size(96, 96))
    doubt = matte.alpha - np.float32(0.3) * np.clip(wavering, 0, 1)
    matte = dataclasses.replace(matte, alpha=doubt, partial="uncertainty")
    alpha = matting.refine(photo, matte, quality=quality)
    assert alpha[holes].mean() < 0.2
    assert alpha[(truth > 0) & (far < 100)].mean() > 0.97


@pytest.mark.parametrize("quality", QUALITIES)
def test_nothing_outside_the_roi(quality):
    truth = disc(120, 160)
    photo = Photo(truth.image)
    roi = Box(80, 10, 150, 70)
    alpha = matting.refine(photo, coarse(photo, truth.alpha, roi=roi), quality=quality)
    inside = alpha[roi.slices].copy()
    alpha[roi.slices] = 0
    assert not alpha.any()
    assert inside.max() == 1


def test_unknown_quality():
    truth = disc()
    photo = Photo(truth.image)
    with pytest.raises(KeyError):
        matting.refine(photo, coarse(photo, truth.alpha), quality="superb")


@pytest.mark.parametrize("quality", ["balanced", "best"])
def test_colors_of_the_subject_beside_a_hard_one_are_no_proof(quality):
    # A white van before a wall, and a white stone behind it, of which the network is nearly sure.
    color = np.full((320, 320, 3), (60, 90, 60), np.uint8)
    color[80:240, 80:240] = 235
    color[150:180, 240:256] = 235
    alpha = np.zeros((160, 160), np.float32)
    alpha[40:120, 40:120] = 1
    alpha[75:90, 120:128] = 0.06
    photo = Photo(color)
    whole = photo.size.box
    guide = downsample(color, whole, Size(160, 160))
    van = Matte(
        alpha, whole, whole, guide, kind_scores={"transportation": 1.0}, partial="uncertainty"
    )
    found = matting.refine(photo, van, quality=quality)
    assert found[155:175, 244:252].max() < 0.4
    assert found[155:175, 225:238].min() > 0.9
    animal = dataclasses.replace(van, kind_scores={"animal": 1.0})
    assert matting.refine(photo, animal, quality=quality)[155:175, 244:252].min() > 0.9


def test_a_matte_with_the_pixels_of_its_picture_counts_more_than_a_coarse_one(monkeypatch):
    # A white cat before a wall, and a white stone behind it, of which the network is nearly sure.
    color = np.full((320, 320, 3), (60, 90, 60), np.uint8)
    color[80:240, 80:240] = 235
    color[150:180, 240:256] = 235
    whole = Size(320, 320).box
    guide = downsample(color, whole, Size(160, 160))
    seen = np.zeros((160, 160), np.float32)
    seen[40:120, 40:120] = 1
    seen[75:90, 120:128] = 0.06

    def stone(side):
        photo = Photo(downsample(color, whole, Size(side, side)))
        box = photo.size.box
        cat = Matte(seen, box, box, guide, kind_scores={"animal": 1.0}, partial="uncertainty")
        found = matting.refine(photo, cat, quality="balanced")
        inside = Box.covering(49 * side / 64, 31 * side / 64, 50 * side / 64, 35 * side / 64)
        return float(found[inside.slices].mean())

    small, middle, large = (stone(side) for side in (160, 200, 320))
    assert small < middle < large
    monkeypatch.setattr(module, "fineness", lambda matte: 0.0)
    assert stone(160) > small + 0.1
    assert stone(320) == large
