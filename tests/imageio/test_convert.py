"""Videos in and out, read back by PyAV and Pillow."""

from __future__ import annotations

import av
import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from mattekit.errors import (
    InputError,
    InputNotFound,
    InvalidFileType,
    OptionError,
    OutputError,
    UnknownModel,
    UnreadableImage,
)
from mattekit.runtime import Runtime
from mattekit_imageio import convert_video, cutout_frames
from mattekit_imageio.source import probe
from support.helpers import assert_images_close
from support.videos import Interrupted, interrupt_at, read_clip, red_frames, write_clip

pytestmark = pytest.mark.slow


def expected_mattes(path):
    return np.stack(list(cutout_frames(iio.imiter(path, plugin="pyav"), channels="alpha")))


@pytest.mark.parametrize("suffix", [".webm", ".mkv", ".mov"])
def test_transparent_videos(red_clip, tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    report = convert_video(red_clip, target, chunk=4)
    assert (report.frames, report.found, report.resumed) == (11, 11, 0)
    assert (report.size, report.rate, report.audio) == ((64, 48), 25, "none")
    result = read_clip(target)
    assert result.shape == (11, 48, 64, 4)
    assert_images_close(result[..., 3], expected_mattes(red_clip), 90, mean=3)
    with av.open(str(target)) as container:
        tags = {name.lower(): value for name, value in container.streams.video[0].metadata.items()}
        assert suffix == ".mov" or tags["alpha_mode"] == "1"  # what browsers look at
    solid = result[..., 3] > 250
    assert solid.mean() > 0.1
    assert np.abs(result[solid][:, :3].mean(0) - [220, 50, 40]).max() < 6
    assert sorted(path.name for path in tmp_path.iterdir()) == [target.name]


@pytest.mark.parametrize("suffix", [".webp", ".png", ".apng", ".gif"])
def test_animated_pictures(red_clip, tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    report = convert_video(red_clip, target)
    assert report.frames == 11
    mattes = expected_mattes(red_clip)
    with Image.open(target) as image:
        assert image.n_frames == 11
        assert image.info.get("loop") == 0
        for index, matte in enumerate(mattes):
            image.seek(index)
            alpha = np.asarray(image.convert("RGBA"))[..., 3]
            assert image.info["duration"] == 40
            if suffix == ".gif":
                assert ((alpha > 0) == (matte > 127)).all()
            else:
                assert_images_close(alpha, matte, 3)


def test_over_a_colour(red_clip, tmp_path):
    convert_video(red_clip, tmp_path / "out.mp4", bg_color="lime")
    result = read_clip(tmp_path / "out.mp4")
    assert np.abs(result[:, 0, 0, :3].astype(int) - [0, 255, 0]).max() < 12
    convert_video(red_clip, tmp_path / "out.webm", bg_color="lime")
    assert (read_clip(tmp_path / "out.webm")[..., 3] == 255).all()


def test_over_a_picture_and_as_a_matte(red_clip, tmp_path):
    Image.new("RGB", (10, 10), "yellow").save(tmp_path / "back.png")
    convert_video(red_clip, tmp_path / "out.mov", bg_image=tmp_path / "back.png")
    result = read_clip(tmp_path / "out.mov")
    assert np.abs(result[:, 0, 0, :3].astype(int) - [255, 255, 0]).max() < 4
    convert_video(red_clip, tmp_path / "matte.mp4", channels="alpha")
    matte = read_clip(tmp_path / "matte.mp4")
    assert_images_close(matte[..., 0], expected_mattes(red_clip), 110, mean=5)


def test_over_a_second_video_that_is_shorter(red_clip, tmp_path):
    levels = [np.full((20, 30, 3), value, np.uint8) for value in (40, 120, 200, 240)]
    back = write_clip(tmp_path / "back.mp4", levels, options={"crf": "1"})
    convert_video(red_clip, tmp_path / "out.mp4", background=back, chunk=3)
    corner = read_clip(tmp_path / "out.mp4")[:, 0, 0, 0].astype(int)
    assert np.abs(corner - ([40, 120, 200, 240] * 3)[:11]).max() < 12


def test_frames_are_turned_upright(red_clip, tmp_path):
    data = bytearray(red_clip.read_bytes())
    # The display matrix of the track: 40 bytes behind the start of the header's payload.
    at = data.index(b"tkhd") + 4 + 40
    quarter = [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000]
    data[at : at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in quarter)
    (tmp_path / "turned.mp4").write_bytes(data)
    first = next(iter(probe(tmp_path / "turned.mp4").frames())).pixels
    upright = next(iio.imiter(red_clip, plugin="pyav"))
    assert_images_close(first, np.rot90(upright, -1))  # clockwise, as the matrix says
    convert_video(tmp_path / "turned.mp4", tmp_path / "out.webm")
    assert read_clip(tmp_path / "out.webm").shape == (11, 64, 48, 4)


def test_what_was_there_stays_until_the_end(red_clip, tmp_path):
    for name in ("out.webp", "out.webm"):
        (tmp_path / name).write_bytes(b"precious")
        with pytest.raises(Interrupted):
            convert_video(red_clip, tmp_path / name, progress=interrupt_at(5))
        assert (tmp_path / name).read_bytes() == b"precious"
    assert not list(tmp_path.glob(".*"))


def test_a_truncated_video_keeps_its_frames(tmp_path):
    whole = write_clip(tmp_path / "in.mkv", red_frames(40), options={"g": "5", "bf": "0"})
    data = whole.read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(data[: len(data) * 2 // 3])
    for name in ("out.webm", "out.gif"):
        with pytest.raises(UnreadableImage, match=r"breaks off after (\d+) of 40 frames") as told:
            convert_video(cut, tmp_path / name, chunk=6)
        message = str(told.value)
        count = int(message.split("after ")[1].split(maxsplit=1)[0])
        assert 10 < count < 40
        assert f"at {count / 25:.2f} s" in message
        assert f"{count} frames are in" in message
    assert len(read_clip(tmp_path / "out.webm")) == count
    with Image.open(tmp_path / "out.gif") as image:
        assert image.n_frames == count
    assert not (tmp_path / "out.webm.parts").exists()


def test_what_failed_before_a_chunk_leaves_nothing(red_clip, tmp_path):
    with pytest.raises(UnknownModel):
        convert_video(red_clip, tmp_path / "out.webm", model="nope")
    assert [path for path in tmp_path.iterdir() if path != red_clip] == []


def test_a_video_with_a_hole_keeps_what_is_before(tmp_path):
    whole = write_clip(tmp_path / "in.mp4", red_frames(40), options={"g": "1", "bf": "0"})
    data = bytearray(whole.read_bytes())
    end = data.index(b"moov")
    cut = tmp_path / "cut.mp4"
    middle = end // 2
    data[middle : end - 8] = bytes(end - 8 - middle)
    cut.write_bytes(data)
    with pytest.raises(UnreadableImage, match="breaks off after"):
        convert_video(cut, tmp_path / "out.webm")
    assert 10 < len(read_clip(tmp_path / "out.webm")) < 40


@pytest.mark.parametrize("content", [b"", b"hello" * 100])
def test_what_is_no_video(tmp_path, content):
    path = tmp_path / "x.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.mp4"):
        convert_video(path, tmp_path / "out.webm")


def test_videos_without_frames(tmp_path):
    with av.open(str(tmp_path / "sound.m4a"), "w", format="mp4") as container:
        tone = container.add_stream("aac", rate=44100, layout="mono")
        samples = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        samples.sample_rate = 44100
        container.mux(tone.encode(samples))
        container.mux(tone.encode(None))
    with pytest.raises(InvalidFileType, match="without pictures"):
        convert_video(tmp_path / "sound.m4a", tmp_path / "out.webm")
    with pytest.raises(InputNotFound):
        convert_video(tmp_path / "missing.mp4", tmp_path / "out.webm")
    with pytest.raises(InputNotFound):
        convert_video(tmp_path, tmp_path / "out.webm")


def test_calls_that_make_no_sense(red_clip, tmp_path):
    with pytest.raises(OptionError, match=r"no transparency.*bg_color"):
        convert_video(red_clip, tmp_path / "out.mp4")
    with pytest.raises(OptionError, match=r"ends in \.avi.*\.webm"):
        convert_video(red_clip, tmp_path / "out.avi")
    with pytest.raises(OptionError, match="no suffix"):
        convert_video(red_clip, tmp_path / "out")
    for name, value in (("crop", True), ("scale", "50%"), ("position", "center")):
        with pytest.raises(OptionError, match=f"{name}.*shake"):
            convert_video(red_clip, tmp_path / "out.webm", **{name: value})
    with pytest.raises(OptionError, match="chunk"):
        convert_video(red_clip, tmp_path / "out.webm", chunk=0)
    with pytest.raises(OutputError, match="does not exist"):
        convert_video(red_clip, tmp_path / "no" / "out.webm")
    with pytest.raises(OutputError, match="is an input"):
        convert_video(red_clip, red_clip, bg_color="white")
    for name in ("dir.webm", "dir"):
        (tmp_path / name).mkdir()
        with pytest.raises(OutputError, match=r"it is a folder\. Give the path of a file"):
            convert_video(red_clip, tmp_path / name)


def test_a_real_clip_on_the_built_in_network(clips, tmp_path, monkeypatch):
    monkeypatch.setattr(Runtime, "_shared", None)
    clip = write_clip(tmp_path / "in.mp4", clips.clip(6, (160, 106), "cat.jpg"))
    report = convert_video(clip, tmp_path / "out.webm")
    assert report.found == 6
    alpha = read_clip(tmp_path / "out.webm")[..., 3]
    share = (alpha > 127).mean((1, 2))
    assert ((share > 0.15) & (share < 0.95)).all()
    assert np.ptp(share) < 0.2
    Runtime.shared().close()
