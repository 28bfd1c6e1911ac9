"""Animated pictures, as pictures that stand still are."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from PIL import Image

import support.video_clips as clips
from mattekit.errors import (
    InvalidFileType,
    UnreadableImage,
)
from mattekit_imageio import convert_video, read_frames
from support.tiers import tiered

SAVED = {".png": {}, ".gif": {"disposal": 2}, ".webp": {"lossless": True}, ".avif": {}}


def animated(path, durations, **options):
    images = [Image.fromarray(frame) for frame in clips.frames(len(durations), hole=True)]
    images[0].save(path, save_all=True, append_images=images[1:], duration=durations, **options)
    return path


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


@pytest.mark.parametrize("target", [".png", ".gif", ".webp"])
@pytest.mark.parametrize("suffix", [".png", ".gif", ".webp"])
def test_animated_pictures_keep_their_durations(tmp_path, suffix, target):
    path = animated(tmp_path / f"in{suffix}", [40, 120, 70, 300], **SAVED[suffix])
    report = convert_video(path, tmp_path / f"out{target}", temporal=0)
    assert clips.durations(tmp_path / f"out{target}") == [40, 120, 70, 300]
    assert report.rate == pytest.approx(4 / 0.53)


def test_an_animation_in_another_space_becomes_srgb(tmp_path):
    from PIL import ImageCms

    # Red and blue exchanged: a profile whose effect cannot be missed.
    space = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = space.index(b"rXYZ"), space.index(b"bXYZ")
    space[red : red + 4], space[blue : blue + 4] = b"bXYZ", b"rXYZ"
    path = animated(tmp_path / "in.webp", [40, 40], lossless=True, icc_profile=bytes(space))
    picture = next(read_frames(path))
    assert np.abs(picture[20, 24, :3].astype(int) - [40, 50, 220]).max() < 6


@pytest.mark.parametrize("suffix", [".png", ".gif", ".webp"])
def test_an_animation_that_is_cut_short(tmp_path, suffix):
    path = animated(tmp_path / f"in{suffix}", [40] * 6, **SAVED[suffix])
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(UnreadableImage):
        convert_video(path, tmp_path / "out.webm")


@pytest.mark.parametrize("suffix", tiered([".png", ".gif", ".webp"], {".gif"}))
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
