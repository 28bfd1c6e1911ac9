"""Frames of a video: alpha, orientation, colours, all columns."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import support.video_clips as clips
from mattekit.errors import (
    InvalidFileType,
)
from mattekit_imageio import cutout_frames, read_frames, source
from mattekit_imageio.source import probe
from support.helpers import assert_images_close
from support.tiers import tiered

#: Suffix, encoder, pixel format and options of files with alpha.
WITH_ALPHA = {
    "vp9": (".webm", "libvpx-vp9", "yuva420p", {"auto-alt-ref": "0"}),
    "vp8": (".webm", "libvpx", "yuva420p", {"auto-alt-ref": "0"}),
    "prores": (".mov", "prores_ks", "yuva444p10le", {"profile": "4444"}),
    "qtrle": (".mov", "qtrle", "argb", {}),
    "png": (".mov", "png", "rgba", {}),
    "ffv1": (".mkv", "ffv1", "bgra", {}),
    "ffv1 yuv": (".mkv", "ffv1", "yuva420p", {}),
    "huffyuv": (".avi", "huffyuv", "bgra", {}),
    "utvideo": (".avi", "utvideo", "gbrap", {}),
    "cineform": (".mov", "cfhd", "gbrap12le", {}),
}


@pytest.mark.parametrize("kind", WITH_ALPHA)
def test_alpha_of_a_source_is_honoured(tmp_path, kind):
    suffix, codec, pixels, options = WITH_ALPHA[kind]
    clip = clips.write(
        tmp_path / f"in{suffix}",
        clips.frames(2, hole=True),
        codec=codec,
        pixels=pixels,
        options=options,
    )
    pictures = list(read_frames(clip))
    assert len(pictures) == 2
    assert pictures[0].shape == (64, 96, 4)
    assert pictures[0][28:36, 36:44, 3].max() == 0
    assert pictures[0][20, 24, 3] == 255
    subject = next(cutout_frames(pictures))
    assert subject[28:36, 36:44, 3].max() == 0, "a hole of the source stays one"
    assert subject[20, 24, 3] == 255
    assert subject[4, 4, 3] == 0


def test_a_missing_decoder_is_named(tmp_path, monkeypatch):
    suffix, codec, pixels, options = WITH_ALPHA["vp9"]
    clip = clips.write(
        tmp_path / f"in{suffix}",
        clips.frames(1, hole=True),
        codec=codec,
        pixels=pixels,
        options=options,
    )
    monkeypatch.setitem(source.decoding._WITH_ALPHA, "vp9", "libnothing")
    with pytest.raises(InvalidFileType, match=r"VP9 with transparency, which only libnothing"):
        probe(clip)


@pytest.mark.parametrize(
    ("a", "b", "c", "d", "turn"),
    [
        (1, 0, 0, 1, lambda frame: frame),
        (-1, 0, 0, 1, lambda frame: frame[:, ::-1]),
        (-1, 0, 0, -1, lambda frame: frame[::-1, ::-1]),
        (1, 0, 0, -1, lambda frame: frame[::-1]),
        (0, 1, 1, 0, lambda frame: frame.swapaxes(0, 1)),
        (0, 1, -1, 0, lambda frame: np.rot90(frame, -1)),
        (0, -1, -1, 0, lambda frame: np.rot90(frame.swapaxes(0, 1), 2)),
        (0, -1, 1, 0, np.rot90),
    ],
)
def test_every_orientation_is_brought_upright(tmp_path, a, b, c, d, turn):
    clip = clips.write(tmp_path / "in.mp4", clips.frames(1), options={"crf": "1"})
    (plain,) = read_frames(clip)
    unit = 0x10000
    matrix = [a * unit, b * unit, 0, c * unit, d * unit, 0, 0, 0, 0x40000000]
    (upright,) = read_frames(clips.turned(clip, tmp_path / "turned.mp4", matrix))
    assert_images_close(upright, turn(plain))


def test_a_turned_video_turns_its_pixels(tmp_path):
    clip = clips.write(
        tmp_path / "in.mp4", clips.frames(1), context={"sample_aspect_ratio": Fraction(2)}
    )
    matrix = [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000]
    found = probe(clips.turned(clip, tmp_path / "turned.mp4", matrix))
    assert found.layout.size == (64, 96)
    assert found.pixel_aspect == Fraction(1, 2)
    assert found.layout.square_size == (64, 192)


@pytest.mark.parametrize(("matrix", "swscale"), [(1, 1), (6, 5), (9, 9)])
@pytest.mark.parametrize("span", [1, 2])
def test_matrix_and_range_are_read(tmp_path, matrix, swscale, span):
    clip = clips.write(
        tmp_path / "in.mkv",
        clips.frames(1),
        codec="ffv1",
        context={"colorspace": matrix, "color_range": span, "color_primaries": 1, "color_trc": 1},
        matrix=swscale,
    )
    (picture,) = read_frames(clip)
    assert np.abs(picture[30, 40].astype(int) - [220, 50, 40]).max() <= 3
    assert np.abs(picture[4, 4].astype(int) - [30, 80, 170]).max() <= 3


@pytest.mark.parametrize(("size", "swscale"), [((96, 64), 5), ((96, 720), 1)])
def test_an_unstated_matrix_is_that_of_the_size(tmp_path, size, swscale):
    clip = clips.write(tmp_path / "in.mkv", clips.frames(1, size), codec="ffv1", matrix=swscale)
    (picture,) = read_frames(clip)
    assert np.abs(picture[30, 40].astype(int) - [220, 50, 40]).max() <= 3


@pytest.mark.parametrize("pixels", tiered(["yuva420p", "yuv420p", "yuv422p10le"], {"yuv420p"}))
def test_the_last_columns_of_every_width_are_there(tmp_path, pixels):
    for width in range(64, 81):
        picture = np.full((48, width, 4), 255, np.uint8)
        clip = clips.write(tmp_path / "in.mkv", [picture], codec="ffv1", pixels=pixels)
        assert next(read_frames(clip)).min() > 250, width
        assert next(read_frames(clip, deep=True)).min() > 250, width
