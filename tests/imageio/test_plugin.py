"""The imageio plug-in, through imageio's own functions."""

from __future__ import annotations

import io

import imageio.v3 as iio
import numpy as np
import pytest
from imageio.config import known_plugins
from imageio.core.v3_plugin_api import PluginV3
from PIL import Image, ImageCms

import mattekit_imageio
from mattekit import remove_background
from mattekit.errors import InvalidFileType, OptionError, UnknownOption, UnreadableImage
from mattekit_imageio import MattekitPlugin
from support import video_clips
from support.helpers import assert_images_close


@pytest.fixture(autouse=True)
def registered():
    mattekit_imageio.register()
    yield
    known_plugins.pop("mattekit")


@pytest.fixture
def deep(truth, tmp_path):
    path = tmp_path / "deep.png"
    remove = truth.image.astype(np.uint16) * 257
    import imagecodecs

    path.write_bytes(imagecodecs.png_encode(remove))
    return path


def test_by_name_and_by_class(jpeg):
    by_name = iio.imread(jpeg, plugin="mattekit")
    by_class = iio.imread(jpeg, plugin=MattekitPlugin)
    assert_images_close(by_name, by_class)
    assert_images_close(by_name, remove_background(jpeg).rgba())
    assert issubclass(MattekitPlugin, PluginV3)


@pytest.mark.parametrize("way", ["path", "str", "bytes", "file"])
def test_every_kind_of_source(jpeg, way):
    data = jpeg.read_bytes()
    source = {"path": jpeg, "str": str(jpeg), "bytes": data, "file": io.BytesIO(data)}[way]
    assert iio.imread(source, plugin="mattekit").shape == (48, 64, 4)


@pytest.mark.parametrize(
    ("mode", "shape", "dtype"),
    [
        (None, (48, 64, 4), None),
        ("RGBA", (48, 64, 4), np.uint8),
        ("RGBA;16", (48, 64, 4), np.uint16),
        ("L", (48, 64), np.uint8),
        ("L;16", (48, 64), np.uint16),
    ],
)
@pytest.mark.parametrize("source", ["jpeg", "deep"])
def test_modes(request, source, mode, shape, dtype):
    path = request.getfixturevalue(source)
    own = np.uint16 if source == "deep" else np.uint8
    result = iio.imread(path, plugin="mattekit", mode=mode)
    assert (result.shape, result.dtype) == (shape, dtype or own)
    properties = iio.improps(path, plugin="mattekit", mode=mode)
    assert (properties.shape, properties.dtype) == (result.shape, result.dtype)
    alpha = result[..., 3] if result.ndim == 3 else result
    assert alpha.max() == np.iinfo(result.dtype).max


def test_sixteen_bits_stay_sixteen(deep, truth):
    result = iio.imread(deep, plugin="mattekit")
    certain = result[..., 3] == 65535
    assert_images_close(result[certain][:, :3], truth.image[certain].astype(np.uint16) * 257)


def test_options_of_a_call_and_of_the_file(jpeg):
    whole = remove_background(jpeg, crop=True, crop_margin="2px")
    result = iio.imread(jpeg, plugin="mattekit", crop=True, crop_margin="2px")
    assert_images_close(result, whole.rgba())
    assert iio.improps(jpeg, plugin="mattekit", crop=True, crop_margin="2px").shape == result.shape
    with iio.imopen(jpeg, "r", plugin="mattekit", crop=True) as file:
        assert file.read(crop_margin="2px").shape == result.shape
        assert file.read(crop=False).shape == (48, 64, 4)
        assert file.read(channels="alpha").ndim == 2


def test_the_network_runs_once_for_the_same_question(jpeg, runtime):
    with iio.imopen(jpeg, "r", plugin="mattekit") as file:
        file.properties()
        assert runtime.session().calls == 0
        file.read()
        calls = runtime.session().calls
        assert calls == 2  # it looks twice
        file.metadata()
        file.read(mode="RGBA")
        assert runtime.session().calls == calls


def test_metadata(photo, tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Camera", 6
    photo.save(tmp_path / "x.jpg", icc_profile=profile, dpi=(300, 300), exif=exif)
    known = iio.immeta(tmp_path / "x.jpg", plugin="mattekit")
    assert known["format"] == "jpg"
    assert known["found"] is True
    assert known["kind"] == "other"
    assert known["source_size"] == (48, 64)
    assert len(known["box"]) == 4
    assert known["icc_profile"] == profile
    assert known["dpi"] == (300, 300)
    assert b"Camera" in known["exif"]
    with iio.imopen(tmp_path / "x.jpg", "r", plugin="mattekit") as file:
        assert "found" not in file.metadata(index=None)


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tiff"])
def test_files_of_several_pictures(photo, tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    other = photo.rotate(180).resize((64, 48))
    kwargs = {"lossless": True} if suffix == ".webp" else {}
    photo.save(path, save_all=True, append_images=[other, photo.transpose(0)], **kwargs)
    frames = list(iio.imiter(path, plugin="mattekit"))
    assert [frame.shape for frame in frames] == [(48, 64, 4)] * 3
    assert iio.imread(path, plugin="mattekit", index=...).shape == (3, 48, 64, 4)
    assert iio.improps(path, plugin="mattekit", index=...).n_images == 3
    assert_images_close(iio.imread(path, plugin="mattekit", index=-1), frames[2])
    with pytest.raises(ValueError, match="no picture 3"):
        iio.imread(path, plugin="mattekit", index=3)


def test_previews_and_masks_of_a_tiff_are_no_pictures_of_their_own(photo, tmp_path):
    import tifffile

    path = tmp_path / "x.tiff"
    full = np.asarray(photo, np.uint16) * 257
    with tifffile.TiffWriter(path) as writer:
        writer.write(np.asarray(photo)[::8, ::8], photometric="rgb", subfiletype=1, metadata=None)
        writer.write(full, photometric="rgb", metadata=None)
        mask = np.ones(full.shape[:2], bool)
        writer.write(mask, photometric="mask", subfiletype=4, metadata=None)
        writer.write(full[::-1], photometric="rgb", metadata=None)
    frames = list(iio.imiter(path, plugin="mattekit"))
    assert [(frame.shape, frame.dtype) for frame in frames] == [((48, 64, 4), np.uint16)] * 2


def test_camera_raw_is_refused_by_name(tmp_path):
    path = tmp_path / "x.cr2"
    path.write_bytes(b"II*\0\x10\0\0\0CR\2\0" + bytes(600))
    with pytest.raises(OSError, match="can not handle") as caught:
        iio.imread(path, plugin="mattekit")
    assert "camera raw file (CR2)" in str(caught.value.__cause__)


def test_frames_of_a_video(tmp_path):
    clip = video_clips.write(
        tmp_path / "clip.webm",
        video_clips.frames(4, hole=True),
        codec="libvpx-vp9",
        pixels="yuva420p",
        options={"auto-alt-ref": "0"},
    )
    frames = list(iio.imiter(clip, plugin="mattekit"))
    assert [frame.shape for frame in frames] == [(64, 96, 4)] * 4
    assert frames[0][28:36, 38:44, 3].max() == 0, "the hole that the video has"
    assert frames[0][20, 24, 3] == 255
    assert iio.imread(clip, plugin="mattekit", index=2, mode="L").shape == (64, 96)
    assert iio.improps(clip, plugin="mattekit").shape == (64, 96, 4)
    known = iio.immeta(clip, plugin="mattekit")
    assert (known["n_images"], known["fps"]) == (4, 25)
    with pytest.raises(ValueError, match="no picture 4"):
        iio.imread(clip.read_bytes(), plugin="mattekit", index=4)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg", ".tiff", ".zip", ".psd", ".ora"])
def test_writing_makes_the_cut_out(truth, tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    assert iio.imwrite(path, truth.image, plugin="mattekit", crop=True) is None
    expected = remove_background(truth.image, crop=True)
    assert path.read_bytes() == expected.encode(format=suffix[1:]).data


def test_writing_keeps_the_depth(truth, tmp_path):
    iio.imwrite(tmp_path / "x.png", truth.image / 255, plugin="mattekit")
    with Image.open(tmp_path / "x.png") as image:
        assert image.size == (64, 48)
    assert (tmp_path / "x.png").read_bytes()[24] == 16
    iio.imwrite(tmp_path / "m.png", truth.image, plugin="mattekit", mode="L")
    with Image.open(tmp_path / "m.png") as image:
        assert image.mode == "L"


def test_writing_to_bytes(truth):
    data = iio.imwrite("<bytes>", truth.image, plugin="mattekit", extension=".webp")
    assert data == remove_background(truth.image).encode(format="webp").data


def test_writing_a_batch_of_one_and_of_two(truth, tmp_path):
    iio.imwrite(tmp_path / "x.png", [truth.image], plugin="mattekit")
    with pytest.raises(InvalidFileType, match=r"2 pictures.*one"):
        iio.imwrite(tmp_path / "x.png", np.stack([truth.image] * 2), plugin="mattekit")


def test_what_is_no_picture_is_declined(tmp_path):
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(OSError, match="can not handle"):
        iio.imread(tmp_path / "x.txt", plugin="mattekit")
    with pytest.raises(OSError, match="can not handle"):
        iio.imwrite(tmp_path / "x.xyz", np.zeros((4, 4), np.uint8), plugin="mattekit")
    with pytest.raises(FileNotFoundError):
        iio.imread(tmp_path / "missing.jpg", plugin="mattekit")


def test_bad_input_is_told_in_our_words(jpeg, tmp_path, truth):
    (tmp_path / "cut.jpg").write_bytes(jpeg.read_bytes()[:200])
    with pytest.raises(UnreadableImage, match=r"cut\.jpg"):
        iio.imread(tmp_path / "cut.jpg", plugin="mattekit")
    with pytest.raises(OptionError, match="mode='CMYK'"):
        iio.imread(jpeg, plugin="mattekit", mode="CMYK")
    with pytest.raises(UnknownOption, match="crop_margin"):
        iio.imread(jpeg, plugin="mattekit", crop_margins=1)
    with pytest.raises(InvalidFileType, match="divide by 255"):
        iio.imwrite(tmp_path / "x.png", truth.image.astype(float), plugin="mattekit")
    with pytest.raises(OptionError, match="format='webp'"):
        iio.imwrite(tmp_path / "x.png", truth.image, plugin="mattekit", format="webp")


def test_nothing_found_is_transparent(tmp_path):
    Image.new("RGB", (20, 10), "gray").save(tmp_path / "grey.png")
    assert not iio.imread(tmp_path / "grey.png", plugin="mattekit").any()
    assert iio.immeta(tmp_path / "grey.png", plugin="mattekit")["found"] is False


def test_an_animation_is_counted_wherever_it_is_cut():
    images = [Image.fromarray(frame) for frame in video_clips.frames(3)]
    file = io.BytesIO()
    images[0].save(file, "GIF", save_all=True, append_images=images[1:], duration=40)
    whole = file.getvalue()
    for end in range(len(whole) // 4, len(whole)):
        with iio.imopen(whole[:end], "r", plugin="mattekit", extension=".gif") as cut:
            assert 1 <= cut._n_images() <= 3
