"""Videos as they are written."""

from __future__ import annotations

import errno
from fractions import Fraction

import av
import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from mattekit.errors import (
    OutputError,
)
from mattekit_imageio import convert_video, cutout_frames, videoformats
from mattekit_imageio.source import probe
from mattekit_imageio.writer import VideoWriter, not_written
from support.helpers import assert_images_close
from support.videos import read_clip, red_frames, write_clip

pytestmark = pytest.mark.slow


def test_the_edges_of_a_lossy_video_are_not_darkened(red_clip, tmp_path):
    convert_video(red_clip, tmp_path / "out.webm", quality=70)
    result = read_clip(tmp_path / "out.webm")
    edge = (result[..., 3] > 60) & (result[..., 3] < 200)
    assert edge.any()
    assert np.abs(np.median(result[edge][:, :3], 0) - [220, 50, 40]).max() < 25


def test_webp_of_full_quality_is_lossless(red_clip, tmp_path):
    convert_video(red_clip, tmp_path / "out.webp", quality=100, temporal=0)
    frame = next(iio.imiter(red_clip, plugin="pyav"))
    (expected,) = cutout_frames([frame])
    with Image.open(tmp_path / "out.webp") as image:
        solid = expected[..., 3] == 255
        assert_images_close(np.asarray(image.convert("RGBA"))[solid], expected[solid])


def test_odd_sizes(tmp_path):
    clip = write_clip(tmp_path / "in.mp4", red_frames(3, (65, 49)))
    convert_video(clip, tmp_path / "out.webm")
    assert read_clip(tmp_path / "out.webm").shape[1:3] == (49, 65)
    report = convert_video(clip, tmp_path / "out.mp4", bg_color="white", quality=100)
    assert report.size == (66, 50)
    assert "last row or column of 65 × 49 is repeated" in report.notes[0]
    result = read_clip(tmp_path / "out.mp4")
    assert result.shape[1:3] == (50, 66), "H.264 needs even sides: nothing is lost"
    assert_images_close(result[:, :, -1], result[:, :, -2], 8)


def test_ten_bits_stay_ten_in_prores(tmp_path):
    ramp = np.zeros((48, 256, 3), np.uint16)
    ramp[..., 0] = 50000 + np.arange(256) * 16  # steps of a quarter of 8 bits
    ramp[:10] = [3000, 9000, 40000]
    clip = write_clip(tmp_path / "in.mov", [ramp] * 2, codec="prores_ks", pixels="yuv444p10le")
    assert probe(clip).deep
    convert_video(clip, tmp_path / "out.mov", temporal=0)
    with av.open(str(tmp_path / "out.mov")) as container:
        frame = next(container.decode(video=0)).to_ndarray(format="rgb48le")
    assert len(np.unique(frame[40, :, 0])) > 30  # 16 of them in 8 bits


def test_an_encoder_that_is_missing(red_clip, tmp_path, monkeypatch):
    odd = videoformats.FORMATS[0]._replace(codec="libnothing")
    monkeypatch.setattr(videoformats, "FORMATS", (odd,))
    with pytest.raises(OutputError, match=r"cannot write libnothing.*another suffix"):
        convert_video(red_clip, tmp_path / "out.webm")
    assert not (tmp_path / "out.webm").exists()


def test_frames_of_another_size_are_refused(tmp_path):
    format = videoformats.format_of("x.webm")
    with VideoWriter(
        tmp_path / "x.webm", format, Fraction(25), quality=90, transparent=True
    ) as out:
        out.write(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint8))
        with pytest.raises(OutputError, match="frame 1 is"):
            out.write(np.zeros((8, 9, 3), np.uint8), np.zeros((8, 9), np.uint8))


def test_a_full_disk_is_said_as_of_every_file(tmp_path):
    path = tmp_path / "out.webm"
    full = av.error.OSError(errno.ENOSPC, "No space left on device", str(path))
    assert str(not_written(path, full, "the video cannot be ended")) == (
        f"{path}: cannot be written: the disk of {tmp_path} is full. Free some room and try again."
    )
    other = av.error.InvalidDataError(1, "Invalid data")
    assert "the video cannot be ended (" in str(
        not_written(path, other, "the video cannot be ended")
    )
