"""Frames in, cut-outs out: streaming, in order, steady."""

from __future__ import annotations

import dataclasses
import random
import threading
import time

import numpy as np
import pytest

from mattekit import remove_background
from mattekit.errors import InvalidFileType, OptionError, UnknownOption
from mattekit.models.card import OutputSpec
from mattekit.runtime import FakeSession
from mattekit_imageio import cutout_frames
from support.helpers import assert_images_close, disc
from support.moving import CARD, scene


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


@pytest.mark.slow
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


@pytest.mark.slow
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
    list(cutout_frames([truth.image]))  # what the core keeps of its own has begun now
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


def test_disc_is_found_in_every_frame():
    frames = [disc(48, 64, radius=0.2 + 0.02 * index, softness=1).image for index in range(5)]
    areas = [(result > 127).sum() for result in cutout_frames(frames, channels="alpha")]
    assert areas == sorted(areas)


def test_the_kind_that_was_asked_for_stays(runtime):
    output = OutputSpec(kinds=1, kind_names=("car", "other"))

    def network(batch):
        return (batch[:, :1] > 0.5).astype(np.float32), np.float32([[0.1, 0.9]])

    runtime.use("auto", FakeSession(network, dataclasses.replace(CARD, output=output)))
    frames = [scene(), scene()]
    cars, others = (
        list(cutout_frames(frames, add_shadow=True, type=kind)) for kind in ("car", "other")
    )
    for car, other in zip(cars, others, strict=True):  # a car's shadow lies on the ground
        assert car[..., 3].sum() > other[..., 3].sum()
