"""The ZIP of the remove.bg API through Pillow."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageCms, UnidentifiedImageError

from mattekit import remove_background
from mattekit_pillow import RemoveBackground, register
from support.helpers import assert_images_close


@pytest.fixture
def subject(photo):
    return photo.filter(RemoveBackground())


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, "MATTEZIP", **options)
    return file.getvalue()


def made(**entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("_", "."), data)
    return file.getvalue()


def encoded(image, name):
    file = io.BytesIO()
    image.save(file, name)
    return file.getvalue()


def test_there_and_back(subject, tmp_path):
    path = tmp_path / "x.zip"
    subject.save(path, quality=95)
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == ["alpha.png", "color.jpg"]
    with Image.open(path) as image:
        assert (image.format, image.mode, image.size) == ("MATTEZIP", "RGBA", (64, 48))
        assert Image.MIME[image.format] == "application/zip"
        image.load()
        assert_images_close(np.asarray(image.getchannel("A")), np.asarray(subject.getchannel("A")))
        solid = np.asarray(subject.getchannel("A")) == 255
        difference = np.asarray(image, int)[solid] - np.asarray(subject, int)[solid]
        assert np.abs(difference).mean() < 6


def test_pixels_are_decoded_when_used(subject, monkeypatch):
    from mattekit_pillow import zipimage

    image = Image.open(io.BytesIO(saved(subject)))
    monkeypatch.setattr(zipimage.codecs, "decode", None)
    assert image.size == (64, 48)
    with pytest.raises(TypeError):
        image.load()


def test_a_zip_of_the_core_is_read(photo, tmp_path):
    path = tmp_path / "core.zip"
    cutout = remove_background(photo)
    cutout.save(path)
    with Image.open(path) as image:
        assert_images_close(np.asarray(image)[..., 3], cutout.alpha)
        colors = np.asarray(image)[..., :3]
    seen = cutout.alpha > 0  # around the subject its colours are continued
    assert np.abs(colors.astype(int) - cutout.color)[seen].mean() < 6


def test_metadata_goes_both_ways(subject):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    subject.info.update(icc_profile=profile, dpi=(300.0, 300.0))
    with Image.open(io.BytesIO(saved(subject, exif=exif))) as image:
        image.load()
        assert image.info["icc_profile"] == profile
        assert image.info["dpi"] == (300, 300)
        assert image.getexif()[0x010F] == "Camera"
    with Image.open(io.BytesIO(saved(subject, icc_profile=None))) as image:
        assert "icc_profile" not in image.info


def test_quality_counts(subject):
    noisy = Image.effect_noise((64, 48), 80).convert("RGBA")
    assert len(saved(noisy, quality=30)) < len(saved(noisy, quality=95))
    with pytest.raises(ValueError, match="quality"):
        saved(subject, quality=500)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "CMYK", "YCbCr"])
def test_every_mode_of_eight_bits_is_written(photo, mode):
    with Image.open(io.BytesIO(saved(photo.convert(mode)))) as image:
        assert image.getchannel("A").getextrema() == (255, 255)


@pytest.mark.parametrize("mode", ["I", "F", "I;16"])
def test_deeper_modes_are_refused_as_pillow_does(mode, tmp_path):
    path = tmp_path / "x.zip"
    with pytest.raises(OSError, match=f"cannot write mode {mode} as MATTEZIP"):
        Image.new(mode, (4, 4)).save(path)
    assert not path.exists()


def test_other_zips_are_declined():
    with pytest.raises(UnidentifiedImageError):
        Image.open(io.BytesIO(made(readme_txt=b"hello")))


def test_broken_zips_are_errors(subject):
    data = saved(subject)
    with pytest.raises(OSError, match="truncated"):
        Image.open(io.BytesIO(data[: len(data) // 2]))
    text = b"no picture"
    with pytest.raises(OSError, match="no picture"):
        Image.open(io.BytesIO(made(color_jpg=text, alpha_png=text)))
    red, gray = Image.new("RGB", (4, 4)), Image.new("L", (5, 4))
    image = Image.open(
        io.BytesIO(made(color_jpg=encoded(red, "JPEG"), alpha_png=encoded(gray, "PNG")))
    )
    with pytest.raises(OSError, match=r"4.*5"):
        image.load()
    jpeg = encoded(Image.effect_noise((64, 64), 50), "JPEG")[:900]
    image = Image.open(io.BytesIO(made(color_jpg=jpeg, alpha_png=encoded(gray, "PNG"))))
    with pytest.raises(OSError, match=r"color\.jpg"):
        image.load()


def test_the_file_is_closed(subject, tmp_path):
    path = tmp_path / "x.zip"
    subject.save(path)
    image = Image.open(path)
    image.load()
    path.unlink()  # on Windows only where the file is closed
    assert image.copy().size == (64, 48)


def test_registered_on_import_and_read_on_use():
    code = (
        "import sys, mattekit_pillow\n"
        "from PIL import Image\n"
        "print('MATTEZIP' in Image.OPEN, 'mattekit_pillow.zipimage' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_registering_twice_changes_nothing(subject):
    register()
    register()
    assert Image.ID.count("MATTEZIP") == 1
    assert Image.open(io.BytesIO(saved(subject))).format == "MATTEZIP"
