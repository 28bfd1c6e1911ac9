"""`image.filter(...)` on real Pillow: every mode with every option that matters."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFilter, ImageOps

from mattekit import remove_background
from mattekit.errors import (
    ForegroundNotFound,
    InvalidFileType,
    MattekitError,
    OptionError,
    UnknownOption,
)
from mattekit.runtime import FakeSession
from mattekit_pillow import (
    CropToSubject,
    DropShadow,
    OverBackground,
    RefineMask,
    RemoveBackground,
)
from support.helpers import assert_images_close, srgb
from support.red_network import CARD, red
from support.tiers import spread, tiered

#: Those of Pillow's own tests of filters and all others of 8 bits.
COLOR_MODES = ["RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "P"]
GRAY_MODES = ["L", "LA", "La", "PA", "1"]
DEEP_MODES = ["I", "F", "I;16", "I;16L", "I;16B", "I;16N"]

OPTIONS = [
    {},
    {"channels": "alpha"},
    {"crop": True},
    {"crop": True, "crop_margin": "10% 3px"},
    {"scale": "50%", "position": "center"},
    {"size": "preview"},
    {"roi": "10% 0% 90% 100%"},
    {"bg_color": "white"},
    {"bg_color": "ff000080"},
    {"bg_blur": "5%"},
    {"shadow_type": "drop"},
    {"refine": "fast", "decontaminate": False},
    {"semitransparency": False},
    {"keep_color": True},
    {"keep_metadata": False},
    {"crop": True, "channels": "alpha", "size": "medium"},
]


def in_mode(photo, mode):
    """Return the photo in a mode to which Pillow may have no direct way."""
    if mode == "LAB":
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        return ImageCms.profileToProfile(photo, *profiles, outputMode="LAB")
    for step in {"La": ["LA"], "PA": ["P"], "RGBa": ["RGBA"]}.get(mode, []):
        photo = photo.convert(step)
    if mode.startswith("I;16"):
        return Image.fromarray(np.asarray(photo.convert("L"), np.uint16) * 257).convert(mode)
    return photo.convert(mode)


@pytest.mark.parametrize("options", spread(OPTIONS, 8), ids=str)
@pytest.mark.parametrize("mode", COLOR_MODES + GRAY_MODES)
def test_every_mode_with_every_option(photo, mode, options):
    if mode in GRAY_MODES:
        # There is no red in grey, but the network only looks at the first channel.
        photo = photo.getchannel("R").point(lambda value: 255 * (value > 118))
    image = in_mode(photo, mode)
    before = image.copy()
    filter_ = RemoveBackground(**options)
    result = image.filter(filter_)
    assert (image.mode, image.tobytes()) == (before.mode, before.tobytes())
    alpha = options.get("channels") == "alpha"
    assert result.mode == ("L" if alpha else "RGBA")
    expected = remove_background(image, **options)
    assert result.size == tuple(expected.size)
    assert (result.size != image.size) == bool(options.get("crop"))
    matte = np.asarray(result if alpha else result.getchannel("A"))
    assert_images_close(matte, expected.alpha)
    assert matte.max() == 255
    if not alpha and not options.get("keep_color"):
        assert_images_close(np.asarray(result), expected.rgba())
    again = filter_.apply(image)
    assert (again.mode, again.size, again.tobytes()) == (
        result.mode,
        result.size,
        result.tobytes(),
    )


def test_the_alpha_is_that_of_the_subject(photo, truth):
    result = photo.filter(RemoveBackground())
    alpha = np.asarray(result.getchannel("A"), np.float32) / 255
    assert np.abs(alpha - truth.alpha).mean() < 0.02
    certain = alpha == 1
    assert certain.mean() > 0.15
    assert_images_close(np.asarray(result)[certain][:, :3], np.asarray(photo)[certain])


def test_the_class_itself_is_a_filter(photo):
    assert photo.filter(RemoveBackground).tobytes() == photo.filter(RemoveBackground()).tobytes()


def test_it_is_called_once_for_all_bands(photo, runtime):
    photo.filter(RemoveBackground(zoom=False))
    assert runtime.session().calls == 1
    assert issubclass(RemoveBackground, ImageFilter.MultibandFilter)


@pytest.mark.parametrize("mode", DEEP_MODES)
@pytest.mark.parametrize("way", ["filter", "apply"])
def test_more_than_eight_bits_are_refused_with_the_way_out(photo, mode, way):
    image = in_mode(photo, mode)
    with pytest.raises(InvalidFileType, match=rf"(?s)mode {mode};.*imageio") as caught:
        image.filter(RemoveBackground()) if way == "filter" else RemoveBackground().apply(image)
    assert "mattekit" in str(caught.value)


def test_info_is_kept(photo):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif[0x0112] = 6
    photo.info.update(icc_profile=profile, dpi=(300, 300), exif=exif.tobytes(), comment="hello")
    result = photo.filter(RemoveBackground(crop=True))
    assert result.info == photo.info
    assert result.getexif()[0x0112] == 6, "the pixels are not turned, so the tag must stay"
    applied = RemoveBackground().apply(photo)
    assert applied.size == (48, 64), "the pixels are turned"
    assert applied.getexif().get(0x0112, 1) == 1
    assert applied.getexif()[0x010F] == "Camera"
    assert applied.info["icc_profile"] == profile
    assert applied.info["dpi"] == (300, 300)
    assert RemoveBackground(keep_metadata=False).apply(photo).info == {}
    assert RemoveBackground(channels="alpha").apply(photo).info == {"dpi": (300, 300)}


def oriented(orientation):
    """An EXIF block."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


@pytest.mark.parametrize("orientation", tiered(range(1, 9), {1, 6}))
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "1", "La", "PA", "CMYK"])
def test_the_network_sees_an_image_upright_and_its_pixels_stay_turned(mode, orientation, runtime):
    scene = np.zeros((48, 64, 3), np.uint8)
    scene[10:30, 8:40] = 255, 40, 40  # a subject that is neither centred nor symmetric
    scene[10:14, 8:12] = 0
    turned = in_mode(Image.fromarray(scene).convert("L" if mode in GRAY_MODES else "RGB"), mode)
    turned.info["exif"] = oriented(orientation)
    seen = []
    runtime.use("auto", FakeSession(lambda batch: seen.append(batch) or red(batch), CARD))
    options = {"crop": True, "crop_margin": "1px 2px 3px 4px", "shadow_type": "drop"}
    result = turned.filter(RemoveBackground(**options))
    applied = RemoveBackground(**options).apply(turned)
    looks = len(seen) // 2
    assert looks in {1, 2}
    for first, again in zip(seen[:looks], seen[looks:], strict=True):
        assert_images_close(first, again)
    assert result.info == turned.info
    assert ImageOps.exif_transpose(result).tobytes() == applied.tobytes()
    again = result.filter(CropToSubject("3px", position="0% 100%"))
    expected = CropToSubject("3px", position="0% 100%").apply(applied)
    assert ImageOps.exif_transpose(again).tobytes() == expected.tobytes()


def test_the_network_sees_an_image_in_srgb(photo):
    profile = srgb(r="g", g="r")
    red_, green, blue = photo.split()
    swapped = Image.merge("RGB", (green, red_, blue))
    swapped.info["icc_profile"] = profile
    result = swapped.filter(RemoveBackground(bg_color="#102030"))
    assert result.info["icc_profile"] == profile
    assert result.getpixel((0, 0)) == (0x20, 0x10, 0x30, 255)
    assert result.getpixel((32, 24)) == (*swapped.getpixel((32, 24)), 255)
    assert result.tobytes() == RemoveBackground(bg_color="#102030").apply(swapped).tobytes()


def test_a_filter_that_pillow_does_not_call_sees_pixels(photo):
    assert (
        RemoveBackground().filter(photo.im).getbbox() == photo.filter(RemoveBackground()).getbbox()
    )


def test_a_transparent_palette_is_seen_by_apply(photo):
    image = photo.quantize(8)
    image.info["transparency"] = image.getpixel((32, 24))
    assert image.filter(RemoveBackground()).getpixel((32, 24))[3] == 255
    assert RemoveBackground().apply(image).getpixel((32, 24))[3] == 0


def test_existing_transparency_is_kept(photo):
    photo.putalpha(Image.new("L", photo.size, 220))
    result = photo.filter(RemoveBackground())
    assert result.getchannel("A").getextrema() == (0, 220)


def test_nothing_found_is_a_transparent_image(photo):
    gray = Image.new("RGB", (40, 30), "gray")
    result = gray.filter(RemoveBackground(crop=True))
    assert (result.mode, result.size, result.getbbox()) == ("RGBA", (40, 30), None)
    with pytest.raises(ForegroundNotFound):
        gray.filter(RemoveBackground(require_found=True))


def test_wrong_options_are_refused_at_once():
    with pytest.raises(UnknownOption, match="crop_margin"):
        RemoveBackground(crop_margins="5%")
    with pytest.raises(OptionError, match="scale"):
        RemoveBackground(scale="5%")
    with pytest.raises(OptionError, match="bg_image"):
        OverBackground()
    with pytest.raises(OptionError, match="at most one"):
        OverBackground("white", bg_image="x.png")
    with pytest.raises(OptionError, match="shadow_opacity"):
        DropShadow(101)
    with pytest.raises(OptionError, match="crop_margin"):
        CropToSubject("a lot")


def test_empty_images_are_errors_of_ours():
    with pytest.raises(MattekitError, match="0 × 5"):
        Image.new("RGB", (0, 5)).filter(RemoveBackground())


def test_filters_say_what_they_are():
    assert repr(RemoveBackground(crop=True)) == "RemoveBackground(crop=True)"
    assert RemoveBackground().name == "RemoveBackground"
    copy = pickle.loads(pickle.dumps(CropToSubject("5%")))
    assert copy.options == CropToSubject("5%").options


# -- the siblings ------------------------------------------------------------------------------


@pytest.fixture
def subject(photo):
    return photo.filter(RemoveBackground())


def test_crop_to_subject(subject):
    visible = subject.getchannel("A").point(lambda value: 255 * (value >= 13))
    left, top, right, bottom = visible.getbbox()
    cropped = subject.filter(CropToSubject())
    assert cropped.size == (right - left, bottom - top)
    padded = subject.filter(CropToSubject("3px"))
    assert padded.size == (cropped.width + 6, cropped.height + 6)
    assert padded.crop((3, 3, padded.width - 3, padded.height - 3)).tobytes() == cropped.tobytes()
    small = subject.filter(CropToSubject("3px", scale="50%", position="0% 0%"))
    assert small.size == padded.size
    assert small.getbbox()[2] == pytest.approx(padded.width / 2, abs=2)


def test_crop_of_nothing_changes_nothing():
    empty = Image.new("RGBA", (5, 4))
    assert empty.filter(CropToSubject("50%")).size == (5, 4)


def test_crop_after_removal_is_removal_with_crop(photo, subject):
    assert (
        subject.filter(CropToSubject("10%")).tobytes()
        == photo.filter(RemoveBackground(crop=True, crop_margin="10%")).tobytes()
    )


def test_over_a_colour(subject, photo):
    result = subject.filter(OverBackground("#102030"))
    assert (result.mode, result.getpixel((0, 0))) == ("RGBA", (16, 32, 48, 255))
    assert result.tobytes() == photo.filter(RemoveBackground(bg_color="102030")).tobytes()


def test_over_a_picture(subject):
    back = Image.new("RGB", (10, 10), "lime")
    result = subject.filter(OverBackground(bg_image=back))
    assert result.getpixel((0, 0)) == (0, 255, 0, 255)
    assert result.getpixel((32, 24)) == subject.getpixel((32, 24))


def test_a_shadow_behind_the_subject(subject):
    roomy = subject.filter(CropToSubject("30%"))
    result = roomy.filter(DropShadow(80))
    before, after = (np.asarray(x.getchannel("A"), int) for x in (roomy, result))
    assert (after >= before).all()
    assert ((after > 40) & (before == 0)).any()
    assert result.filter(OverBackground("white")).getchannel("A").getextrema() == (255, 255)


@pytest.mark.parametrize("filter_", [CropToSubject(), OverBackground("red"), DropShadow()])
@pytest.mark.parametrize("mode", ["LA", "La", "PA", "RGBa", "RGBA"])
def test_siblings_take_every_mode_with_alpha(subject, filter_, mode):
    image = in_mode(subject, mode)
    result = image.filter(filter_)
    assert result.mode == "RGBA"
    assert result.tobytes() == filter_.apply(image).tobytes()


@pytest.mark.parametrize("filter_", [CropToSubject(), OverBackground("red"), DropShadow()])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "CMYK", "I;16", "F"])
def test_siblings_refuse_what_has_no_subject(photo, filter_, mode):
    with pytest.raises(InvalidFileType, match=f"mode {mode};.*RemoveBackground"):
        in_mode(photo, mode).filter(filter_)


def test_importing_costs_no_network():
    code = (
        "import sys, mattekit_pillow\n"
        "heavy = {'onnxruntime', 'skimage', 'imagecodecs', 'imageio', 'scipy', 'click'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_result_can_be_saved(subject):
    file = io.BytesIO()
    subject.save(file, "PNG")
    with Image.open(file) as again:
        assert again.tobytes() == subject.tobytes()


FILTERS = [
    RemoveBackground(),
    RemoveBackground(crop=True, crop_margin="5%"),
    RemoveBackground(require_found=True),
    RemoveBackground(bg_image="wall.jpg"),
    CropToSubject(),
    CropToSubject("5%", scale=80, position="center"),
    OverBackground("ivory"),
    OverBackground(bg_image="wall.jpg"),
    DropShadow(),
    DropShadow(30, shadow_type="3D"),
    DropShadow(30, shadow_type={"car": "car"}),
]


@pytest.mark.parametrize("one", FILTERS, ids=repr)
def test_a_filter_reads_as_the_call_that_makes_it(one):
    names = {each.__name__: each for each in map(type, FILTERS)}
    again = eval(repr(one), names)
    assert again == one
    assert hash(again) == hash(one)
    assert [other for other in FILTERS if other == one] == [one]


def test_filters_with_pictures_are_equal_if_the_picture_is_the_same_object():
    one, two = np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 3), np.uint8)
    assert OverBackground(bg_image=one) == OverBackground(bg_image=one)
    assert OverBackground(bg_image=one) != OverBackground(bg_image=two)


def test_a_filter_equals_no_filter_of_another_kind():
    assert RemoveBackground() != ImageFilter.SHARPEN()
    assert RemoveBackground() != CropToSubject()


def test_refining_a_mask_asks_for_one():
    with pytest.raises(OptionError, match=r"mask=None is not valid \(there is none\)"):
        RefineMask(None)
