"""Videos in and out, read back by PyAV and Pillow."""

from __future__ import annotations

import json
from fractions import Fraction

import av
import click.testing
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
    UnreadableImage,
)
from mattekit.runtime import Runtime
from mattekit_imageio import convert_video, cutout_frames, videoformats
from mattekit_imageio.source import probe
from mattekit_imageio.writer import VideoWriter
from support.helpers import assert_images_close

pytestmark = pytest.mark.slow

RATE = 25


def red_frames(count, size=(64, 48)):
    """A red disc that wanders over a blue ground."""
    rows, columns = np.indices(size[::-1])
    for index in range(count):
        inside = np.hypot(columns - 22 - index, rows - 24) < 13
        yield np.where(inside[..., None], np.uint8([220, 50, 40]), np.uint8([30, 80, 170]))


def write_clip(path, frames, *, codec="libx264", pixels="yuv444p", sound=None, options=None):
    """Write a clip, with a tone of `sound` seconds if wanted."""
    frames = list(frames)
    deep = frames[0].dtype == np.uint16
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=RATE, options=options or {})
        video.pix_fmt = pixels
        video.height, video.width = frames[0].shape[:2]
        tone = None
        if sound:
            tone = container.add_stream("aac", rate=44100, layout="mono")
        for index, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb48le" if deep else "rgb24")
            picture.pts, picture.time_base = index, Fraction(1, RATE)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        if tone is not None:
            wave = np.sin(np.arange(int(44100 * sound)) / 20).astype(np.float32)[None]
            for start in range(0, wave.shape[1], 1024):
                piece = np.ascontiguousarray(wave[:, start : start + 1024])
                samples = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
                samples.sample_rate, samples.pts = 44100, start
                samples.time_base = Fraction(1, 44100)
                container.mux(tone.encode(samples))
            container.mux(tone.encode(None))
    return path


def read_clip(path):
    """Return all frames as RGBA; the alpha of VP9 needs the decoder of libvpx."""
    frames = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        decoder = stream.codec_context
        if decoder.name == "vp9":
            decoder = av.CodecContext.create("libvpx-vp9", "r")
        for packet in container.demux(stream):
            # swscale's default leaves the last columns of some widths unwritten.
            frames += [
                frame.reformat(format="rgba", interpolation=0x40002).to_ndarray()
                for frame in decoder.decode(packet)
            ]
    return np.stack(frames)


def audio_of(path):
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return None
        seconds = sum(f.samples / f.sample_rate for f in container.decode(audio=0))
        return container.streams.audio[0].codec_context.name, seconds


@pytest.fixture(scope="module")
def red_clip(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("clip") / "in.mp4", red_frames(11))


@pytest.fixture(scope="module")
def sounding(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "sound.mp4"
    return write_clip(path, red_frames(11), sound=1.0)


def expected_mattes(path):
    return np.stack(list(cutout_frames(iio.imiter(path, plugin="pyav"), channels="alpha")))


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


# -- formats -----------------------------------------------------------------------------------


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


def test_the_edges_of_a_lossy_video_are_not_darkened(red_clip, tmp_path):
    convert_video(red_clip, tmp_path / "out.webm", quality=70)
    result = read_clip(tmp_path / "out.webm")
    edge = (result[..., 3] > 60) & (result[..., 3] < 200)
    assert edge.any()
    assert np.abs(np.median(result[edge][:, :3], 0) - [220, 50, 40]).max() < 25


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


def test_webp_of_full_quality_is_lossless(red_clip, tmp_path):
    convert_video(red_clip, tmp_path / "out.webp", quality=100, temporal=0)
    frame = next(iio.imiter(red_clip, plugin="pyav"))
    (expected,) = cutout_frames([frame])
    with Image.open(tmp_path / "out.webp") as image:
        solid = expected[..., 3] == 255
        assert_images_close(np.asarray(image.convert("RGBA"))[solid], expected[solid])


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


# -- sound -------------------------------------------------------------------------------------


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


# -- interruption ------------------------------------------------------------------------------


class Interrupted(Exception):
    pass


def interrupt_at(number):
    def progress(done, total):
        assert total == 11
        if done == number:
            raise Interrupted

    return progress


def test_an_interrupted_call_is_resumed(red_clip, tmp_path, runtime):
    target = tmp_path / "out.mov"
    with pytest.raises(Interrupted):
        convert_video(red_clip, target, chunk=3, progress=interrupt_at(8))
    assert not target.exists()
    assert sorted(path.name for path in (tmp_path / "out.mov.parts").glob("0*[0-9].mov")) == [
        "000000.mov",
        "000001.mov",
    ]
    report = convert_video(red_clip, target, chunk=3)
    assert (report.frames, report.resumed, report.found) == (11, 6, 5)
    assert not (tmp_path / "out.mov.parts").exists()
    convert_video(red_clip, tmp_path / "whole.mov", chunk=3)
    for again, once in zip(read_clip(target), read_clip(tmp_path / "whole.mov"), strict=True):
        assert_images_close(again, once, 4)


def test_another_call_does_not_take_the_chunks(red_clip, tmp_path):
    target = tmp_path / "out.mov"
    with pytest.raises(Interrupted):
        convert_video(red_clip, target, chunk=3, progress=interrupt_at(8))
    report = convert_video(red_clip, target, chunk=3, bg_color="white")
    assert (report.frames, report.resumed) == (11, 0)


def test_interrupted_after_the_last_chunk(red_clip, tmp_path, monkeypatch):
    from mattekit_imageio import convert

    def broken(*_, **__):
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(convert, "join", broken)
        with pytest.raises(Interrupted):
            convert_video(red_clip, tmp_path / "out.mov", chunk=3)
    report = convert_video(red_clip, tmp_path / "out.mov", chunk=3)
    assert report.frames == 11
    assert len(read_clip(tmp_path / "out.mov")) == 11


def test_what_was_there_stays_until_the_end(red_clip, tmp_path):
    for name in ("out.webp", "out.webm"):
        (tmp_path / name).write_bytes(b"precious")
        with pytest.raises(Interrupted):
            convert_video(red_clip, tmp_path / name, progress=interrupt_at(5))
        assert (tmp_path / name).read_bytes() == b"precious"
    assert not list(tmp_path.glob(".*"))


# -- bad input ---------------------------------------------------------------------------------


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
    (tmp_path / "dir.webm").mkdir()
    with pytest.raises(OutputError, match="folder"):
        convert_video(red_clip, tmp_path / "dir.webm")


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


# -- the real network and the command ----------------------------------------------------------


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


def command(*arguments):
    from mattekit_cli.app import cli
    from mattekit_imageio.video_command import video

    if "video" not in cli.commands:
        cli.add_command(video)
    return click.testing.CliRunner().invoke(cli, [str(a) for a in arguments], prog_name="mattekit")


def test_the_command(red_clip, tmp_path, monkeypatch):
    from mattekit_cli.app import Root
    from mattekit_imageio.video_command import video

    monkeypatch.setattr(Root, "_from_plugins", lambda self, ctx: {"video": video})
    done = command("video", red_clip, tmp_path / "out.webm", "--refine", "fast")
    assert done.exit_code == 0, done.output
    assert f"{tmp_path / 'out.webm'}  11 frames  64×48  25 fps" in done.output
    done = command("video", red_clip, tmp_path / "out.mp4", "--bg-video", red_clip, "--json")
    assert json.loads(done.output)["frames"] == 11
    done = command("video", red_clip, tmp_path / "out.mp4")
    assert done.exit_code == 2
    assert "no transparency" in done.output
    done = command("video", tmp_path / "missing.mp4", tmp_path / "out.webm")
    assert done.exit_code == 1
    assert "no such file" in done.output
    done = command("video", "--help")
    assert "--bg-video" in done.output
    assert "--chunk" in done.output


# -- frames of uneven length -------------------------------------------------------------------


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
