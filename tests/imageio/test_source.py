"""Videos in: alpha, times, pixels that are not square, orientation, colours, and what is none."""

from __future__ import annotations

import itertools
import os
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

import support.video_clips as clips
from mattekit.codecs import Limits
from mattekit.errors import (
    InputNotFound,
    InvalidFileType,
    OutputError,
    ResolutionTooHigh,
    UnreadableImage,
)
from mattekit_imageio import convert_video, read_frames, source
from mattekit_imageio.source import probe


@pytest.mark.parametrize("target", [".webm", ".mkv", ".mov", ".mp4"])
def test_frames_of_variable_rate_keep_their_times(tmp_path, target):
    times = [0, 40, 80, 200, 240, 700, 710]
    clip = clips.write(tmp_path / "in.mkv", clips.frames(7), times=times, options={"bf": "0"})
    report = convert_video(clip, tmp_path / f"out{target}", chunk=3, bg_color="white")
    assert report.frames == 7
    found = clips.read(tmp_path / f"out{target}")[1]
    assert [round(1000 * time) for time in found] == times


def test_a_background_of_another_rate_is_shown_in_time(tmp_path):
    levels = [np.full((64, 96, 3), value, np.uint8) for value in (40, 120, 200)]
    back = clips.write(
        tmp_path / "back.mkv", levels, times=[0, 100, 200], options={"crf": "1", "bf": "0"}
    )
    clip = clips.write(tmp_path / "in.mp4", clips.frames(10))  # 0.4 s; the background is 0.201 s
    convert_video(clip, tmp_path / "out.mov", background=back, temporal=0)
    corner = clips.read(tmp_path / "out.mov")[0][:, 0, 0, 0].astype(int)
    assert np.abs(corner - [40, 40, 40, 120, 120, 200, 40, 40, 120, 120]).max() < 12


def test_what_an_edit_list_hides_is_not_missed(tmp_path):
    clip = clips.write(tmp_path / "in.mp4", clips.frames(6), options={"bf": "0"})
    data = bytearray(clip.read_bytes())
    at = data.index(b"elst") + 4
    assert int.from_bytes(data[at + 4 : at + 8], "big") == 1
    data[at + 8 : at + 12] = (160).to_bytes(4, "big")  # four frames long, in milliseconds
    clip.write_bytes(data)
    assert convert_video(clip, tmp_path / "out.webp", temporal=0).frames == 4


HDR = {"color_primaries": 9, "colorspace": 9, "color_range": 1}


def hdr_clip(path, transfer, level):
    gray = np.full((64, 96, 3), round(level * 65535), np.uint16)
    gray[16:48, 20:60] = (55000, 9000, 8000)
    return clips.write(
        path,
        [gray] * 2,
        codec="ffv1",
        pixels="yuv420p10le",
        context=HDR | {"color_trc": transfer},
        matrix=9,
    )


@pytest.mark.parametrize(("transfer", "white"), [(18, 0.75), (16, 0.5807)])
def test_hdr_becomes_sdr_where_it_cannot_be_kept(tmp_path, transfer, white):
    clip = hdr_clip(tmp_path / "in.mkv", transfer, white)
    (picture, _) = read_frames(clip)
    assert picture.dtype == np.uint8
    assert picture[4, 4].min() > 225, "a white page is nearly white"
    report = convert_video(clip, tmp_path / "out.mp4", channels="alpha")
    assert "HDR" in report.notes[0]
    convert_video(clip, tmp_path / "out.webm", bg_blur="10%", temporal=0)
    assert clips.tags(tmp_path / "out.webm")[0] == (1, 1, 1)
    assert clips.read(tmp_path / "out.webm")[0][0, 4, 4, 0] > 220


@pytest.mark.parametrize("transfer", [18, 16])
def test_hdr_is_kept_with_its_tags_where_it_can_be(tmp_path, transfer):
    clip = hdr_clip(tmp_path / "in.mkv", transfer, 0.4)
    report = convert_video(clip, tmp_path / "out.mov", temporal=0)
    assert report.notes == ()
    assert report.found == 2, "the network sees the red"
    assert clips.tags(tmp_path / "out.mov")[0] == (9, transfer, 9)
    with av.open(str(tmp_path / "out.mov")) as container:
        frame = next(container.decode(video=0))
    samples = frame.reformat(
        format="rgba64le", src_colorspace=9, interpolation=clips.EXACT
    ).to_ndarray()
    assert np.abs(samples[32, 40, :3].astype(int) - [55000, 9000, 8000]).max() < 500
    assert samples[32, 40, 3] > 65000
    assert samples[4, 4, 3] == 0


def test_what_is_behind_the_subject_makes_it_sdr(tmp_path):
    clip = hdr_clip(tmp_path / "in.mkv", 16, 0.4)
    convert_video(clip, tmp_path / "out.mov", bg_color="white", temporal=0)
    assert clips.tags(tmp_path / "out.mov")[0] == (1, 1, 1)
    assert clips.read(tmp_path / "out.mov")[0][0, 4, 4].min() > 250


def test_a_file_without_frames(tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    with pytest.raises(UnreadableImage, match=r"the video cannot be read .*the file is empty"):
        probe(tmp_path / "empty.mp4")
    (tmp_path / "text.mp4").write_text("hello")
    with pytest.raises(InvalidFileType, match="this is text, not a video"):
        probe(tmp_path / "text.mp4")
    (tmp_path / "cut.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(40))
    with pytest.raises(InvalidFileType, match="a video that lacks its index or its end"):
        probe(tmp_path / "cut.mp4")
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.mp4", "JPEG")
    with pytest.raises(InvalidFileType, match="`mattekit remove` cuts out pictures"):
        probe(tmp_path / "photo.mp4")
    with pytest.raises(InputNotFound, match=r"^https://example.org/a.mp4: this is a web address"):
        probe("https://example.org/a.mp4")
    with pytest.raises(InputNotFound, match=r"this is a folder\. Give the path of a video"):
        probe(tmp_path)


def test_sound_with_a_cover_is_no_video(tmp_path):
    with av.open(str(tmp_path / "x.m4a"), "w", format="mp4") as out:
        tone = out.add_stream("aac", rate=48000, layout="mono")
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = int(av.stream.Disposition.attached_pic)
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
        out.mux(cover.encode(frame) + cover.encode(None))
        clips._beep(out, tone, 0.1, 0)
    with pytest.raises(InvalidFileType, match="a cover, without moving pictures"):
        probe(tmp_path / "x.m4a")


def test_frames_that_are_too_large_are_not_decoded(tmp_path, monkeypatch):
    clip = clips.write(tmp_path / "in.mp4", clips.frames(1))
    monkeypatch.setattr(source, "DEFAULT_LIMITS", Limits(max_pixels=1000))
    monkeypatch.setattr(source.decoding, "decoded", None)
    with pytest.raises(ResolutionTooHigh, match="96 × 64"):
        probe(clip)


def test_a_time_that_repeats_moves_no_other(tmp_path):
    """As where milliseconds, or a clock of ten steps a second, are too coarse for two frames."""
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        track = out.add_stream("ffv1", rate=10)
        track.width, track.height, track.pix_fmt = 64, 48, "bgra"
        for index, time in enumerate((0, 100, 300, 300, 300, 1200)):
            picture = np.full((48, 64, 3), 40 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="bgra")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            for packet in track.encode(frame):
                packet.pts = packet.dts = time
                packet.time_base = Fraction(1, 1000)
                out.mux(packet)
    found = [float(frame.time) for frame in probe(path).frames()]
    assert found == pytest.approx([0, 0.1, 0.3, 0.3, 0.3, 1.2], abs=0.003)
    assert found == sorted(set(found))


def test_times_that_go_back_do_not(tmp_path):
    # Two recordings of a camera, one put behind the other.
    for name in ("a", "b"):
        clips.write(tmp_path / f"{name}.ts", clips.frames(6), codec="mpeg2video", pixels="yuv420p")
    whole = (tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes()
    (tmp_path / "in.ts").write_bytes(whole)
    times = [frame.time for frame in probe(tmp_path / "in.ts").frames()]
    assert len(times) >= 10
    assert all(later > earlier for earlier, later in itertools.pairwise(times))


@pytest.fixture
def closed():
    """A folder for anyone, and in it one that may not be entered, one that may not be written."""
    if os.name != "posix":
        pytest.skip("permissions are not those of POSIX")
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for folder, mode in ((root / "closed", 0o000), (root / "fixed", 0o555)):
            folder.mkdir()
            clips.write(folder / "in.mp4", clips.frames(1))
            folder.chmod(mode)
        secret = root / "secret.mp4"
        secret.write_bytes((root / "fixed" / "in.mp4").read_bytes())
        secret.chmod(0o000)
        root.chmod(0o777)
        yield root
        for folder in ("closed", "fixed"):
            (root / folder).chmod(0o755)


@pytest.fixture
def powerless(closed):
    """Be a user for whom permissions count."""
    list(read_frames(closed / "fixed" / "in.mp4"))  # what it needs is imported as the other user
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


def test_no_permission_is_one_sentence(closed, powerless):
    good = closed / "fixed" / "in.mp4"
    for path in (closed / "secret.mp4", closed / "closed" / "in.mp4"):
        with pytest.raises(InputNotFound, match="Permission denied"):
            convert_video(path, closed / "out.webm")
    for folder in ("fixed", "closed"):
        for suffix in (".webm", ".gif"):
            target = closed / folder / f"out{suffix}"
            with pytest.raises(OutputError, match=r"out\.\w+: cannot be written"):
                convert_video(good, target)
