"""Mattes that do not waver from frame to frame."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.runtime import FakeSession
from mattekit_imageio import cutout_frames, flicker
from support.helpers import assert_images_close
from support.moving import CARD, scene


def wavering(seed=0):
    """A network that is never quite sure, and of something else in each call."""
    generator = np.random.default_rng(seed)

    def network(batch):
        noise = generator.normal(0, 0.05, (1, 1, 8, 8)).repeat(8, 2).repeat(8, 3)
        return (0.15 + 0.7 * (batch[:, :1] > 0.5) + noise).clip(0.01, 0.99).astype(np.float32)

    return FakeSession(network, CARD)


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (1.3, 0.4), (-3.0, 1.5)])
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


def test_a_dropped_frame_is_bridged(runtime, truth):
    calls = 0

    def blinking(batch):
        nonlocal calls
        calls += 1
        return (batch[:, :1] > (9 if calls == 4 else 0.5)).astype(np.float32)

    runtime.use("auto", FakeSession(blinking, CARD))
    steady = list(cutout_frames([truth.image] * 6, channels="alpha", temporal=1.0))
    assert min(result.max() for result in steady) > 180
    calls = 0
    raw = list(cutout_frames([truth.image] * 6, channels="alpha", temporal=0))
    assert raw[3].max() == 0
