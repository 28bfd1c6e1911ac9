"""Chunks put end to end: sound and times of the original."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from mattekit_imageio import convert_video
from support.videos import read_clip, red_frames, write_clip

pytestmark = pytest.mark.slow


def audio_of(path):
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return None
        seconds = sum(f.samples / f.sample_rate for f in container.decode(audio=0))
        return container.streams.audio[0].codec_context.name, seconds


@pytest.fixture(scope="module")
def sounding(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "sound.mp4"
    return write_clip(path, red_frames(11), sound=1.0)


def write_uneven_clip(path, times, *, size=(64, 48)):
    """Write a clip whose frames begin at `times` (ms): the disc is where it is at that time."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=1000)
        video.pix_fmt, (video.width, video.height) = "yuv444p", size
        video.time_base = video.codec_context.time_base = Fraction(1, 1000)
        discs = list(red_frames(31, size))
        for time in times:
            picture = av.VideoFrame.from_ndarray(discs[time // 40], format="rgb24")
            picture.pts, picture.time_base = time, Fraction(1, 1000)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
    return path


@pytest.mark.parametrize(
    ("suffix", "codec", "how"),
    [(".mov", "aac", "copied"), (".mp4", "aac", "copied"), (".webm", "opus", "encoded")],
)
def test_sound_is_kept(sounding, tmp_path, suffix, codec, how):
    report = convert_video(sounding, tmp_path / f"out{suffix}", bg_color="white", chunk=4)
    assert report.audio == how
    name, seconds = audio_of(tmp_path / f"out{suffix}")
    assert name in {codec, f"lib{codec}"}
    assert seconds == pytest.approx(11 / 25, abs=0.1), "it ends with the picture"


def test_sound_may_be_left_out(sounding, tmp_path):
    report = convert_video(sounding, tmp_path / "out.webm", audio=False)
    assert (report.audio, audio_of(tmp_path / "out.webm")) == ("none", None)
    assert convert_video(sounding, tmp_path / "out.webp").audio == "none"


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_frames_of_uneven_length_keep_their_time(tmp_path, suffix):
    # As a phone or a screen recorder films: now dense, now sparse, one second in all.
    times = [0, 40, 80, 120, 160, 200, 320, 440, 560, 720, 880, 920, 960]
    clip = write_uneven_clip(tmp_path / f"uneven{suffix}", times)
    report = convert_video(clip, tmp_path / "out.webm", temporal=0)
    with av.open(str(tmp_path / "out.webm")) as container:
        seconds = [float(frame.time) for frame in container.decode(video=0)]
    alpha = read_clip(tmp_path / "out.webm")[..., 3] > 127
    assert len(alpha) == len(seconds) == report.frames
    assert seconds[-1] == pytest.approx(0.96, abs=1.5 / report.rate)
    columns = np.arange(alpha.shape[2])
    for second, matte in zip(seconds, alpha, strict=True):
        center = (matte.sum(0) * columns).sum() / matte.sum()
        # Every frame shows what the last of the clip's frames before that moment showed; a frame
        # may be one period of the new rate late.
        shown = [t / 40 + 22 for t in times if abs(t / 1000 - second) <= 0.16 + 1 / report.rate]
        assert min(shown) - 1.5 <= center <= max(shown) + 1.5, second
