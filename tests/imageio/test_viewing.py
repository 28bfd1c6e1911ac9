"""Pixels that are not square."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

import support.video_clips as clips
from mattekit_imageio import convert_video


@pytest.mark.parametrize("target", [".mov", ".mp4"])
@pytest.mark.parametrize("aspect", [Fraction(16, 11), Fraction(8, 9)])
def test_the_aspect_of_pixels_is_kept(tmp_path, runtime, target, aspect):
    clip = clips.write(
        tmp_path / "in.mov", clips.frames(2), context={"sample_aspect_ratio": aspect}
    )
    report = convert_video(clip, tmp_path / f"out{target}", bg_color="lime")
    assert report.size == (96, 64)
    assert clips.tags(tmp_path / f"out{target}")[1] == aspect
    assert report.notes == ()


@pytest.mark.parametrize("target", [".webm", ".gif"])
def test_elsewhere_pixels_become_square(tmp_path, target):
    clip = clips.write(
        tmp_path / "in.mov", clips.frames(2), context={"sample_aspect_ratio": Fraction(3, 2)}
    )
    report = convert_video(clip, tmp_path / f"out{target}")
    assert report.size == (144, 64)
    assert "144 × 64" in report.notes[0]


def test_the_network_sees_square_pixels(tmp_path, monkeypatch):
    from mattekit import matting

    seen = []
    segment = matting.segment

    def watching(photo, *args, **keywords):
        seen.append(photo.size)
        return segment(photo, *args, **keywords)

    monkeypatch.setattr(matting, "segment", watching)
    clip = clips.write(
        tmp_path / "in.mov", clips.frames(1), context={"sample_aspect_ratio": Fraction(2)}
    )
    convert_video(clip, tmp_path / "out.mov", temporal=0, roi="10px 8px 80px 60px")
    assert seen == [(192, 64)]
    alpha = clips.read(tmp_path / "out.mov")[0][0, ..., 3]
    assert alpha[20, 24] > 250, "the matte lies where the subject is"
    assert alpha[32, 10] < 5
    assert alpha[32, 70] < 5


def test_a_background_is_not_squeezed(tmp_path):
    clip = clips.write(
        tmp_path / "in.mov", clips.frames(1), context={"sample_aspect_ratio": Fraction(2)}
    )
    halves = np.zeros((64, 192, 3), np.uint8)
    halves[:, 176:] = 255  # a twelfth of the width, as shown
    Image.fromarray(halves).save(tmp_path / "back.png")
    convert_video(clip, tmp_path / "out.mov", bg_image=tmp_path / "back.png")
    row = clips.read(tmp_path / "out.mov")[0][0, 4, :, 0]
    assert (row > 128).sum() == 8


def test_impossible_pixels_are_left_aside(tmp_path):
    clip = clips.write(
        tmp_path / "in.mp4", clips.frames(1), context={"sample_aspect_ratio": Fraction(20)}
    )
    report = convert_video(clip, tmp_path / "out.webp")
    assert report.size == (96, 64)
    assert "aspect of 20" in report.notes[0]
