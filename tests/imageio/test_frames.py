"""Frames in, cut-outs out: streaming, in order, steady."""

from __future__ import annotations

import random
import threading
import time

import numpy as np
import pytest

from mattekit import remove_background
from mattekit.errors import InvalidFileType, OptionError, UnknownOption
from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard
from mattekit.runtime import FakeSession
from mattekit_imageio import cutout_frames, flicker
from mattekit_imageio.motion import optical_flow, warp
from support.helpers import assert_images_close, disc

CARD = ModelCard("red", input=InputSpec(size=Size(64, 64)))


def scene(x=0.0, y=0.0, height=60, width=80, seed=0):
    """A red disc, moved, on a structured background that moves with it."""
    rows, columns = np.indices((height, width), np.float32)
    rows, columns = rows - y, columns - x
    grain = 25 * np.sin(columns / 3.1) * np.cos(rows / 4.3) + 20 * np.sin(rows / 7 + columns / 9)
    inside = np.clip(16 - np.hypot(columns - width / 2, rows - height / 2), 0, 1)[..., None]
    texture = np.stack([grain + 60, grain + 110, 160 - grain], -1)
    subject = np.stack([225 + grain / 4, 60 + grain, 60 + grain], -1)
    noise = np.random.default_rng(seed).normal(0, 3, (height, width, 3))
    return np.clip(texture + inside * (subject - texture) + noise, 0, 255).astype(np.uint8)


def test_as_many_frames_in_the_same_order(truth):
    frames = [np.roll(truth.image, 3 * index, axis=1) for index in range(7)]
    results = list(cutout_frames(iter(frames), temporal=0))
    assert len(results) == 7
    for frame, result in zip(frames, results, strict=True):
        assert_images_close(result, remove_background(frame).rgba())


def test_the_order_is_kept_whatever_the_threads_do(runtime):
    def slow(batch):
        time.sleep(random.random() / 100)
        return (batch[:, :1] > 0.5).astype(np.float32)

    runtime.use("auto", FakeSession(slow, CARD))
    frames = [scene(x=index) for index in range(-10, 11)]
    results = list(cutout_frames(frames, workers=4, temporal=0))
    centres = [np.average(np.indices(r.shape[:2])[1], weights=r[..., 3]) for r in results]
    assert centres == sorted(centres)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_every_dtype(truth, dtype):
    frame = (truth.image / 255 * (65535 if dtype == np.uint16 else 1)).astype(dtype)
    (result,) = cutout_frames([frame])
    assert result.dtype == dtype
    assert result[..., 3].max() == (65535 if dtype == np.uint16 else 1)
    (matte,) = cutout_frames([frame], channels="alpha")
    assert matte.shape == frame.shape[:2]


def test_nothing_in_nothing_out():
    assert list(cutout_frames([])) == []


def test_only_a_few_frames_are_on_their_way(truth):
    taken = 0

    def frames():
        nonlocal taken
        for _ in range(60):
            taken += 1
            yield truth.image

    ahead = 0
    for number, _ in enumerate(cutout_frames(frames(), workers=2), 1):
        ahead = max(ahead, taken - number)
    assert taken == 60
    assert ahead <= 2 + 3


def test_decoding_inference_and_encoding_overlap(runtime, truth):
    at_work, together = set(), set()

    def work(name):
        at_work.add(name)
        time.sleep(0.06)
        together.add(frozenset(at_work))
        at_work.discard(name)

    def network(batch):
        work("network")
        return (batch[:, :1] > 0.5).astype(np.float32)

    def frames():
        for _ in range(15):
            work("decoding")
            yield truth.image

    runtime.use("auto", FakeSession(network, CARD))
    for _ in cutout_frames(frames(), temporal=0):
        work("encoding")
    assert frozenset({"decoding", "network", "encoding"}) in together


def test_progress_is_told(truth):
    told = []
    list(cutout_frames([truth.image] * 4, progress=told.append))
    assert told == [1, 2, 3, 4]


def test_errors_of_the_source_come_in_their_turn(truth):
    def frames():
        yield truth.image
        yield truth.image
        raise ConnectionError("the camera is gone")

    stream = cutout_frames(frames())
    assert next(stream).shape == (48, 64, 4)
    assert next(stream).shape == (48, 64, 4)
    with pytest.raises(ConnectionError, match="camera"):
        next(stream)


def test_a_bad_frame_comes_in_its_turn(truth):
    stream = cutout_frames([truth.image, truth.image.clip(1, 250) * 1.0])
    next(stream)
    with pytest.raises(InvalidFileType, match=r"frame 1.*divide by 255"):
        next(stream)


def test_wrong_options_are_refused_at_once(truth):
    with pytest.raises(UnknownOption):
        cutout_frames([truth.image], cropped=True)
    with pytest.raises(OptionError, match="temporal"):
        cutout_frames([truth.image], temporal=2)
    with pytest.raises(OptionError, match="workers"):
        cutout_frames([truth.image], workers=0)
    with pytest.raises(OptionError, match="background"):
        cutout_frames([truth.image], bg_color="red", background=[truth.image])
    with pytest.raises(OptionError, match="bg_blur"):
        cutout_frames([truth.image], bg_blur=5, background=[truth.image])


def test_closing_ends_the_threads(truth):
    before = threading.active_count()
    stream = cutout_frames(truth.image for _ in range(1000))
    next(stream)
    assert threading.active_count() > before
    stream.close()
    assert threading.active_count() == before


def test_backgrounds_frame_by_frame(truth):
    colors = [np.full((5, 5, 3), value, np.uint8) for value in (10, 90)]
    results = list(cutout_frames([truth.image] * 3, background=iter(colors)))
    assert [int(result[0, 0, 0]) for result in results] == [10, 90, 90]
    assert all((result[..., 3] == 255).all() for result in results)
    with pytest.raises(InvalidFileType, match="no frame"):
        list(cutout_frames([truth.image], background=[]))


def test_a_background_picture_is_read_once(truth, tmp_path, monkeypatch):
    from PIL import Image

    from mattekit_imageio import frames as module

    path = tmp_path / "back.png"
    Image.new("RGB", (8, 8), "lime").save(path)
    read = []
    decode = module.codecs.decode

    def counting(source, **kwargs):
        read.append(isinstance(source, type(path)))
        return decode(source, **kwargs)

    monkeypatch.setattr(module.codecs, "decode", counting)
    results = list(cutout_frames([truth.image] * 4, bg_image=path))
    assert sum(read) == 1
    assert results[3][0, 0].tolist() == [0, 255, 0, 255]


def test_a_frame_without_subject_keeps_size_and_background(truth):
    gray = np.full_like(truth.image, 127)
    results = list(cutout_frames([gray, truth.image], bg_color="white", temporal=0))
    assert (results[0] == 255).all()
    assert results[1].shape == results[0].shape
    (empty,) = cutout_frames([gray])
    assert not empty.any()


# -- steadiness --------------------------------------------------------------------------------


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


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (2, 0), (0, -3), (4.5, 2.5)])
def test_motion_is_found(dx, dy):
    before, now = scene(seed=1), scene(dx, dy, seed=2)
    flow = optical_flow(before, now)
    inner = flow[:, 12:-12, 12:-12]
    assert np.median(inner[0]) == pytest.approx(-dx, abs=0.35)
    assert np.median(inner[1]) == pytest.approx(-dy, abs=0.35)
    planes = before.transpose(2, 0, 1).astype(np.float32)
    moved = warp(planes, flow).transpose(1, 2, 0)
    inside = (slice(12, -12), slice(12, -12))
    assert np.abs(moved - now)[inside].mean() < 8


def test_flicker_of_steady_and_of_wavering_mattes():
    frames = [scene(index, seed=index) for index in range(6)]
    rows, columns = np.indices((60, 80))
    distances = [np.hypot(columns - 40 - index, rows - 30) for index in range(6)]
    mattes = [(255 * np.clip(16 - distance, 0, 1)).astype(np.uint8) for distance in distances]
    assert flicker(mattes, frames) < 0.05
    blinking = [matte * (index % 2) for index, matte in enumerate(mattes)]
    assert flicker(blinking, frames) > 0.8
    assert flicker(mattes[:1], frames[:1]) == 0
    assert flicker([m * 0 for m in mattes], frames) == 0


def test_disc_is_found_in_every_frame():
    frames = [disc(48, 64, radius=0.2 + 0.02 * index, softness=1).image for index in range(5)]
    areas = [(result > 127).sum() for result in cutout_frames(frames, channels="alpha")]
    assert areas == sorted(areas)
