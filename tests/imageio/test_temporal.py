"""Mattes that do not waver from frame to frame."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.geometry import Box, Size
from mattekit.imaging.resize import downsample
from mattekit.matting import Matte
from mattekit.runtime import FakeSession
from mattekit_imageio import cutout_frames, flicker
from mattekit_imageio.temporal import TemporalFilter
from support.helpers import assert_images_close
from support.moving import CARD, scene
from support.tiers import tiered

WHOLE = Size(320, 240).box
SIZE = Size(64, 48)


def wavering(seed=0):
    """A network that is never quite sure, and of something else in each call."""
    generator = np.random.default_rng(seed)

    def network(batch):
        noise = generator.normal(0, 0.05, (1, 1, 8, 8)).repeat(8, 2).repeat(8, 3)
        return (0.15 + 0.7 * (batch[:, :1] > 0.5) + noise).clip(0.01, 0.99).astype(np.float32)

    return FakeSession(network, CARD)


@pytest.mark.parametrize(("dx", "dy"), tiered([(0, 0), (1.3, 0.4), (-3.0, 1.5)], {1.3}))
def test_the_temporal_step_takes_flicker_away(runtime, dx, dy):
    frames = [scene(dx * index, dy * index, seed=index) for index in range(16)]
    wavers, errors = {}, {}
    rows, columns = np.indices((60, 80))
    for temporal in (0.0, 0.8):
        runtime.use("auto", wavering())
        mattes = list(cutout_frames(frames, channels="alpha", temporal=temporal, refine="fast"))
        wavers[temporal] = flicker(mattes[3:], frames[3:])
        distances = [np.hypot(columns - 40 - dx * i, rows - 30 - dy * i) for i in range(16)]
        truths = 0.15 + 0.7 * np.clip(16 - np.stack(distances), 0, 1)
        inside = np.stack(distances) < 14  # the structure of which moves
        error = np.abs(np.stack(mattes) / 255 - truths)
        errors[temporal] = error[3:][inside[3:]].mean()
    assert wavers[0.0] > 0.03
    assert wavers[0.8] < 0.6 * wavers[0.0]
    assert errors[0.8] < 0.58 * errors[0.0]


def test_nothing_trails_behind_a_moving_subject():
    still = np.full((60, 80, 3), (40, 90, 160), np.uint8)
    frames, truths = [], []
    for index in range(12):
        rows, columns = np.indices((60, 80))
        inside = np.hypot(columns - 10 - 5 * index, rows - 30) < 10
        frames.append(np.where(inside[..., None], np.uint8([230, 40, 40]), still))
        truths.append(inside)
    for result, inside in zip(cutout_frames(frames), truths, strict=True):
        opaque = result[..., 3] > 127
        assert (opaque & inside).sum() / (opaque | inside).sum() > 0.85


def test_a_cut_forgets_the_scene_before(truth):
    first = [truth.image] * 4
    other = np.roll(truth.image[:, ::-1, ::-1], 20, axis=1)  # the blue turns red
    expected = next(cutout_frames([other], channels="alpha"))
    results = list(cutout_frames([*first, other], channels="alpha"))
    assert_images_close(results[-1], expected, 80, mean=3)


@pytest.mark.parametrize("zoom", [False, True])
def test_a_dropped_frame_is_bridged(runtime, truth, zoom):
    calls = 0
    dropped = 1 + 3 * (2 if zoom else 1)

    def blinking(batch):
        nonlocal calls
        calls += 1
        return (batch[:, :1] > (9 if calls == dropped else 0.5)).astype(np.float32)

    runtime.use("auto", FakeSession(blinking, CARD))
    frames = [truth.image] * 6
    steady = list(cutout_frames(frames, channels="alpha", temporal=1.0, zoom=zoom))
    assert min(result.max() for result in steady) > 180
    calls = 0
    raw = list(cutout_frames(frames, channels="alpha", temporal=0, zoom=zoom))
    assert raw[3].max() == 0


# -- mattes of other parts of the picture ----


def ground():
    y, x = np.mgrid[0:240, 0:320].astype(np.float32)
    plane = 120 + 50 * np.sin(x / 17) * np.cos(y / 13) + 40 * np.sin(x / 31 + y / 23)
    return np.dstack([plane, 255 - plane, plane / 2]).astype(np.uint8)


def matte(box, level, color=None, size=SIZE):
    """A matte of one level inside a middle part of the picture, 0 elsewhere."""
    left, top, right, bottom = box
    x = left + (np.arange(size.width) + 0.5) * (right - left) / size.width
    y = top + (np.arange(size.height) + 0.5) * (bottom - top) / size.height
    inside = ((x > 120) & (x < 200))[None] & ((y > 80) & (y < 160))[:, None]
    alpha = (inside * level).astype(np.float32)
    guide = downsample(ground() if color is None else color, box, size)
    return Matte(alpha, box, WHOLE, guide)


def inner(result):
    """Values well inside the middle part."""
    box, (height, width) = result.box, result.alpha.shape
    x = slice(*(int((v - box.left) * width / box.width) for v in (140, 180)))
    y = slice(*(int((v - box.top) * height / box.height) for v in (100, 140)))
    return result.alpha[y, x]


BOXES = [WHOLE, Box(100, 60, 220, 180), Box(110, 70, 260, 200)]


@pytest.mark.parametrize("before", BOXES)
@pytest.mark.parametrize("now", BOXES)
@pytest.mark.parametrize("size", [Size(64, 48), Size(50, 50)])
def test_the_last_matte_counts_whatever_part_it_covered(before, now, size):
    steady = TemporalFilter(0.8)
    steady(matte(before, 0.9))
    result = steady(matte(now, 0.5, size=size))
    assert result.box == now
    assert result.alpha.shape == (size.height, size.width)
    # 68 % of the last matte where the picture is as expected.
    assert inner(result).mean() == pytest.approx(0.5 + 0.68 * 0.4, abs=0.04)


def test_where_the_last_matte_said_nothing_the_new_one_counts_alone():
    steady = TemporalFilter(0.8)
    steady(matte(Box(100, 60, 220, 180), 0.9))
    new = matte(WHOLE, 0.5)
    new.alpha[:8] = 1  # far above what was shown before
    result = steady(new)
    assert result.alpha[:7].min() > 0.99


def test_apart_they_have_nothing_to_say_to_each_other():
    steady = TemporalFilter(0.8)
    steady(matte(Box(0, 0, 60, 60), 0.9))
    new = matte(Box(100, 60, 220, 180), 0.5)
    assert steady(new) is new


def test_another_picture_is_not_as_expected():
    steady = TemporalFilter(0.8)
    steady(matte(BOXES[1], 0.9))
    result = steady(matte(BOXES[2], 0.5, color=255 - ground()))
    assert inner(result).mean() == pytest.approx(0.5, abs=0.03)
