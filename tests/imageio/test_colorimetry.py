"""Colours of video as those of a plain screen."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit_imageio.colorimetry import BT709, Colorimetry, to_srgb

PQ = Colorimetry(9, 16, 9)
HLG = Colorimetry(9, 18, 9)


def gray(level, dtype=np.uint16):
    return np.full((2, 2, 3), round(level * np.iinfo(dtype).max), dtype)


@pytest.mark.parametrize(("colors", "white"), [(PQ, 0.5807), (HLG, 0.75)])
def test_white_is_nearly_white_and_grays_stay_gray(colors, white):
    levels = [to_srgb(gray(level), colors)[0, 0] for level in np.linspace(0, 1, 50)]
    for level in levels:
        assert np.ptp(level.astype(int)) < 100
    means = [float(level.mean()) for level in levels]
    assert means == sorted(means), "what is lighter stays lighter"
    assert means[0] == 0
    assert means[-1] == pytest.approx(65535, abs=40)
    assert 0.88 < to_srgb(gray(white), colors)[0, 0, 0] / 65535 < 0.95


def test_hues_survive_tone_mapping():
    red = np.uint16([[[50000, 20000, 20000]]])
    mapped = to_srgb(red, PQ._replace(primaries=1))[0, 0].astype(int)
    assert mapped[0] > mapped[1]
    assert abs(mapped[1] - mapped[2]) < 50


def test_bt2020_without_hdr_changes_the_gamut_alone():
    wide = Colorimetry(9, 14, 9)
    assert np.ptp(to_srgb(gray(0.5), wide)) < 50
    green = to_srgb(np.uint16([[[20000, 50000, 20000]]]), wide)[0, 0]
    assert green[1] > 50000, "the green of BT.2020 is purer"


def test_alpha_and_depth():
    pixels = np.dstack([gray(0.4), np.full((2, 2), 12345, np.uint16)])
    assert (to_srgb(pixels, HLG)[..., 3] == 12345).all()
    eight = to_srgb(pixels, HLG, np.uint8)
    assert eight.dtype == np.uint8
    assert (eight[..., 3] == 48).all()


def test_what_is_not_stated_is_guessed_as_players_do():
    assert Colorimetry().yuv_matrix(720, 576) == 6
    assert Colorimetry().yuv_matrix(1280, 720) == 1
    assert PQ._replace(matrix=2).yuv_matrix(640, 360) == 9
    assert not BT709.wide
    assert PQ.hdr
    assert HLG.name == "HDR (HLG)"
