from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="training needs the packages of the `train` extra")

from training.clicks import Click
from training.data import Store, Writer, save_meta
from training.kinds import KINDS
from training.prompts import KEEP, LAST, REMOVE, add_click, asked_again, first_hints
from training.scenes import Scenes, Shares, parts

from support.tiers import spread

RED, BLUE = (200, 30, 30), (30, 30, 200)


def _picture(color, boxes, size=(240, 320)):
    rgb = np.full((*size, 3), 90, np.uint8)
    matte = np.zeros(size, np.uint8)
    for y0, x0, y1, x1 in boxes:
        rgb[y0:y1, x0:x1] = color
        matte[y0:y1, x0:x1] = 255
    return rgb, matte


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    pictures = {
        "duts_a": _picture(RED, [(40, 60, 200, 140)]),
        "ccp_b": _picture(BLUE, [(60, 100, 220, 180)]),
        "duts_two": _picture(RED, [(40, 30, 200, 110), (40, 170, 200, 260)]),
        "people_9": _picture(BLUE, [(30, 80, 240, 200)]),
    }
    writer = Writer(folder / "pixels.u8", len(pictures))
    for name, (rgb, matte) in pictures.items():
        writer.add(name, rgb, matte, KINDS.index("person"))
    writer.flush()
    save_meta(writer.entries, folder)
    return Store(folder)


def test_parts_are_those_that_stand_apart_and_are_large():
    matte = _picture(RED, [(40, 30, 200, 110), (40, 170, 200, 260), (2, 2, 6, 6)])[1]

    found = parts(matte)

    assert len(found) == 2
    assert sum(int(p.sum()) for p in found) == int(matte.sum()) - 16 * 255


def test_one_subject_is_one_part():
    matte = _picture(RED, [(40, 30, 200, 110)])[1]

    (only,) = parts(matte)

    assert only is matte


@pytest.mark.parametrize(
    "shares", spread([Shares(several=1, parts=0), Shares(several=0, parts=1), Shares()], 3)
)
def test_a_scene_shows_its_wanted_subject(store, shares):
    scenes = Scenes(store, None, np.arange(len(store)), shares)

    for i in range(40):
        scene = scenes.draw(64, np.random.default_rng(i))
        assert scene.rgb.shape == (64, 64, 3)
        assert scene.wanted.shape == scene.others.shape == (64, 64)
        assert scene.wanted.min() >= 0
        assert scene.wanted.max() <= 1
        assert scene.wanted.mean() > 0.004
        assert ((scene.wanted > 0.9) & (scene.others > 0.9)).sum() == 0


@pytest.mark.slow
def test_what_is_wanted_has_its_subject_s_colours(store):
    # Red and blue rectangles, before and behind each other: inside is never the grey of the ground.
    scenes = Scenes(store, None, np.arange(len(store)), Shares(several=1, parts=0))

    for i in range(40):
        scene = scenes.draw(96, np.random.default_rng(i))
        inside = scene.rgb[scene.wanted > 0.99].astype(int)
        assert (np.abs(inside[:, 0] - inside[:, 2]) > 60).mean() > 0.97


def test_scenes_of_the_same_seed_are_the_same(store):
    scenes = Scenes(store, None, np.arange(len(store)), Shares())

    one, two = (scenes.draw(64, np.random.default_rng(5)) for _ in range(2))

    assert (one.rgb == two.rgb).all()
    assert (one.wanted == two.wanted).all()


@pytest.mark.slow
def test_hints_always_say_what_is_wanted(store):
    scenes = Scenes(store, None, np.arange(len(store)), Shares())

    for i in range(120):
        rng = np.random.default_rng(i)
        scene = scenes.draw(64, rng)
        hints = first_hints(scene, rng)
        assert hints.shape == (3, 64, 64)
        assert set(np.unique(hints[KEEP:])) <= {0, 1}
        assert not (hints[KEEP] * hints[REMOVE]).any()
        last = hints[LAST] > 0.5
        known = (last & (scene.wanted > 0.5)).sum() >= 0.8 * (last | (scene.wanted > 0.5)).sum()
        assert known or hints[KEEP:].any()


def test_a_later_mark_wins_over_an_earlier_one():
    hints = np.zeros((3, 64, 64), np.float32)

    add_click(hints, Click(20, 20, True))
    add_click(hints, Click(20, 21, False))

    assert hints[REMOVE, 20, 21] == 1
    assert not (hints[KEEP] * hints[REMOVE]).any()


def test_the_answer_becomes_the_last_matte_and_is_corrected():
    wanted = np.zeros((64, 64), np.float32)
    wanted[10:40, 10:40] = 1
    answer = np.zeros_like(wanted)
    answer[10:40, 10:60] = 1
    before = np.zeros((3, 64, 64), np.float32)

    after = asked_again(before, wanted, answer, np.random.default_rng(0))

    assert (after[LAST] == answer).all()
    xs = np.nonzero(after[REMOVE])[1]
    assert xs.min() > 38
    assert not after[KEEP].any()
    assert not before.any()


def test_windows_along_an_edge_show_both_sides_of_it(store):
    scenes = Scenes(store, None, np.arange(4), Shares(detail=1))
    for seed in range(8):
        scene = scenes.draw(64, np.random.default_rng(seed))
        assert scene.detail
        assert 0.03 < scene.wanted.mean() < 0.97
    assert not Scenes(store, None, np.arange(4), Shares()).draw(64, np.random.default_rng(0)).detail
