"""Videos in: alpha, times, pixels that are not square, orientation, colours, and what is none."""

from __future__ import annotations

import contextlib
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
from mattekit_imageio import convert_video, cutout_frames, read_frames, source
from mattekit_imageio.source import probe
from support.helpers import assert_images_close

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
SAVED = {".png": {}, ".gif": {"disposal": 2}, ".webp": {"lossless": True}, ".avif": {}}


def animated(path, durations, **options):
    images = [Image.fromarray(frame) for frame in clips.frames(len(durations), hole=True)]
    images[0].save(path, save_all=True, append_images=images[1:], duration=durations, **options)
    return path


# -- alpha -------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("suffix", SAVED)
def test_alpha_of_animated_pictures(tmp_path, suffix):
    if suffix == ".avif":
        pytest.importorskip("PIL._avif", reason="this Pillow reads no AVIF")
    path = animated(tmp_path / f"in{suffix}", [40, 40], **SAVED[suffix])
    convert_video(path, tmp_path / "out.png", temporal=0)
    with Image.open(tmp_path / "out.png") as image:
        alpha = np.asarray(image.convert("RGBA"))[..., 3]
    assert alpha[28:36, 36:44].max() == 0
    assert alpha[20, 24] == 255


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


# -- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [".png", ".gif", ".webp"])
@pytest.mark.parametrize("suffix", [".png", ".gif", ".webp"])
def test_animated_pictures_keep_their_durations(tmp_path, suffix, target):
    path = animated(tmp_path / f"in{suffix}", [40, 120, 70, 300], **SAVED[suffix])
    report = convert_video(path, tmp_path / f"out{target}", temporal=0)
    assert clips.durations(tmp_path / f"out{target}") == [40, 120, 70, 300]
    assert report.rate == pytest.approx(4 / 0.53)


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


def test_an_animation_in_another_space_becomes_srgb(tmp_path):
    from PIL import ImageCms

    # Red and blue exchanged: a profile whose effect cannot be missed.
    space = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = space.index(b"rXYZ"), space.index(b"bXYZ")
    space[red : red + 4], space[blue : blue + 4] = b"bXYZ", b"rXYZ"
    path = animated(tmp_path / "in.webp", [40, 40], lossless=True, icc_profile=bytes(space))
    picture = next(read_frames(path))
    assert np.abs(picture[20, 24, :3].astype(int) - [40, 50, 220]).max() < 6


def test_what_an_edit_list_hides_is_not_missed(tmp_path):
    clip = clips.write(tmp_path / "in.mp4", clips.frames(6), options={"bf": "0"})
    data = bytearray(clip.read_bytes())
    at = data.index(b"elst") + 4
    assert int.from_bytes(data[at + 4 : at + 8], "big") == 1
    data[at + 8 : at + 12] = (160).to_bytes(4, "big")  # four frames long, in milliseconds
    clip.write_bytes(data)
    assert convert_video(clip, tmp_path / "out.webp", temporal=0).frames == 4


# -- pixels that are not square, orientation ---------------------------------------------------


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


def test_impossible_pixels_are_left_aside(tmp_path):
    clip = clips.write(
        tmp_path / "in.mp4", clips.frames(1), context={"sample_aspect_ratio": Fraction(20)}
    )
    report = convert_video(clip, tmp_path / "out.webp")
    assert report.size == (96, 64)
    assert "aspect of 20" in report.notes[0]


# -- colours -----------------------------------------------------------------------------------


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


@pytest.mark.parametrize("pixels", ["yuva420p", "yuv420p", "yuv422p10le"])
def test_the_last_columns_of_every_width_are_there(tmp_path, pixels):
    for width in range(64, 81):
        picture = np.full((48, width, 4), 255, np.uint8)
        clip = clips.write(tmp_path / "in.mkv", [picture], codec="ffv1", pixels=pixels)
        assert next(read_frames(clip)).min() > 250, width
        assert next(read_frames(clip, deep=True)).min() > 250, width


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


# -- what cannot be read or written ------------------------------------------------------------


def test_a_file_without_frames(tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    with pytest.raises(UnreadableImage, match="the file is empty"):
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
    with pytest.raises(InputNotFound, match="is a folder"):
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


@pytest.mark.parametrize("suffix", [".png", ".gif", ".webp"])
def test_an_animation_that_is_cut_short(tmp_path, suffix):
    path = animated(tmp_path / f"in{suffix}", [40] * 6, **SAVED[suffix])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(UnreadableImage):
        convert_video(path, tmp_path / "out.webm")


@pytest.mark.parametrize("suffix", [".png", ".gif", ".webp"])
def test_wherever_an_animation_is_cut(tmp_path, suffix):
    path = animated(tmp_path / f"in{suffix}", [40] * 3, **SAVED[suffix])
    data = path.read_bytes()
    for end in range(16, len(data), 7):
        path.write_bytes(data[:end])
        with contextlib.suppress(UnreadableImage, InvalidFileType):
            assert len(list(read_frames(path))) <= 3


def test_sixteen_bits_of_a_png_are_read(tmp_path):
    import imagecodecs

    deep = np.full((64, 96, 4), 65535, np.uint16)
    deep[..., 0] = np.arange(96) * 16 + 30000
    (tmp_path / "deep.png").write_bytes(imagecodecs.png_encode(deep))
    (picture,) = read_frames(tmp_path / "deep.png", deep=True)
    assert picture.dtype == np.uint16
    assert len(np.unique(picture[..., 0])) == 96


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
