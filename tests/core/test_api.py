"""Every option of the remove.bg API, from the option to the file, row by row of its reference.

The subject is a disc of known place, the network a function, so that everything but the network is
what users get.
"""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

import mattekit
from mattekit import FakeSession, ModelCard, Runtime
from mattekit.codecs import zip_to_png
from mattekit.cutout import Cutout
from mattekit.errors import OptionError, status_of
from mattekit.geometry import Box, Size
from mattekit.models import InputSpec, OutputSpec
from mattekit.options import KINDS
from support.helpers import assert_images_close

WIDTH, HEIGHT = 400, 300
CENTER, RADIUS = (160, 130), 60
DISC = Box(100, 70, 220, 190)


def scene(width=WIDTH, height=HEIGHT):
    """A red disc on a bluish gradient, at any size; off centre."""
    factor = width / WIDTH
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    distance = np.hypot(x - CENTER[0] * factor, y - CENTER[1] * factor)
    inside = np.clip(RADIUS * factor - distance + 0.5, 0, 1)[..., None]
    back = np.stack([40 + 20 * x / width, 80 + 40 * y / height, 160 + 0 * x], -1)
    front = np.stack([200 + 0 * x, 60 + 30 * x / width, 40 + 0 * x], -1)
    return np.floor(inside * front + (1 - inside) * back + 0.5).astype(np.uint8)


def runtime_for(kind="product"):
    index = KINDS.index(kind)

    def network(batch):
        alpha = np.clip((batch[:, 0:1] - batch[:, 2:3]) * 8 + 0.5, 0, 1)
        kinds = np.full((len(batch), len(KINDS)), 0.01, np.float32)
        kinds[:, index] = 0.94
        return alpha, kinds

    card = ModelCard(
        "red",
        input=InputSpec(size=Size(320, 320)),
        output=OutputSpec(kinds="kinds", kind_names=KINDS),
    )
    runtime = Runtime()
    runtime.use("auto", FakeSession(network, card))
    return runtime


@pytest.fixture(scope="module")
def runtimes():
    return {kind: runtime_for(kind) for kind in KINDS}


@pytest.fixture
def cut(runtimes):
    def run(photo=None, kind="product", **options) -> Cutout:
        photo = scene() if photo is None else photo
        options.setdefault("refine", "fast")  # how edges come about is not the matter here
        return mattekit.remove_background(photo, runtime=runtimes[kind], **options)

    return run


def read(cutout, **options):
    encoded = cutout.encode(**options)
    return np.asarray(Image.open(io.BytesIO(encoded.data))), encoded


def near(box, expected, tolerance=2):
    assert all(abs(a - b) <= tolerance for a, b in zip(box, expected, strict=True)), box


# -- size: a maximum, by area, never an upscale ---------------------------------------------------


@pytest.mark.parametrize(
    ("size", "pixels"),
    [
        ("preview", 250_000),
        pytest.param("small", 250_000, marks=pytest.mark.slow),
        pytest.param("regular", 250_000, marks=pytest.mark.slow),
        pytest.param("medium", 1_500_000, marks=pytest.mark.slow),
        pytest.param("hd", 4_000_000, marks=pytest.mark.slow),
    ],
)
def test_size(cut, size, pixels):
    large = scene(2400, 1800)
    result = cut(large, size=size, decontaminate=False)
    assert abs(result.size.area / pixels - 1) < 0.01
    assert result.max_size == Size(2400, 1800)
    assert cut(size=size).size == Size(WIDTH, HEIGHT)


@pytest.mark.parametrize("size", ["full", "4k", "auto", "50MP", "50mp", "original", "FULL"])
def test_sizes_that_keep_this_one(cut, size):
    assert cut(size=size).size == Size(WIDTH, HEIGHT)


# -- type, type_level -----------------------------------------------------------------------------

LEVELS = {
    "none": dict.fromkeys(KINDS, ""),
    "1": {kind: kind for kind in KINDS} | {"transportation": "other", "graphic": "other"},
    "2": {kind: kind for kind in KINDS} | {"graphic": "graphics"},
    "latest": {kind: kind for kind in KINDS} | {"graphic": "graphics"},
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", KINDS)
def test_type_level(cut, kind, level):
    result = cut(kind=kind)
    assert result.kind == kind
    assert result.type_name(level) == LEVELS[level][kind]


# -- roi ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roi", "expected"),
    [
        ("0% 0% 100% 100%", DISC),
        ("0 0 100% 100%", DISC),
        ("160px 0px 400px 300px", Box(160, 70, 220, 190)),
        ("0% 0% 100% 50%", Box(100, 70, 220, 150)),
        ("120px 20% 50% 170px", Box(120, 70, 200, 170)),
    ],
)
def test_roi(cut, roi, expected):
    result = cut(roi=roi)
    assert result.size == Size(WIDTH, HEIGHT)
    near(result.box, expected, 3)
    outside = np.ones(result.alpha.shape, bool)
    region = mattekit.Options(roi=roi).roi.box(result.size)
    outside[region.slices] = False
    assert not result.alpha[outside].any()


@pytest.mark.parametrize(
    ("roi", "code"),
    [
        ("0 0 401px 300px", "roi_exceeds_bounds"),
        ("50% 0 50% 100%", "roi_region_empty"),
        ("10 10 90 90", "invalid_roi"),
        ("0% 0% 100%", "invalid_roi"),
    ],
)
def test_wrong_roi(cut, roi, code):
    with pytest.raises(OptionError) as caught:
        cut(roi=roi)
    assert status_of(caught.value).code == code


# -- crop, crop_margin, scale, position -----------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "size", "box"),
    [
        ({"crop": True}, (120, 120), (0, 0, 120, 120)),
        ({"crop": True, "crop_margin": "30px"}, (180, 180), (30, 30, 150, 150)),
        ({"crop": True, "crop_margin": "10%"}, (144, 144), (12, 12, 132, 132)),
        ({"crop": True, "crop_margin": "10% 20px"}, (160, 144), (20, 12, 140, 132)),
        ({"crop": True, "crop_margin": "1px 2px 3px 4px"}, (126, 124), (4, 1, 124, 121)),
        ({"crop_margin": "30px"}, (400, 300), DISC),
        ({"scale": "original"}, (400, 300), DISC),
        ({"scale": "50%"}, (400, 300), (125, 75, 275, 225)),
        ({"scale": "100%"}, (400, 300), (50, 0, 350, 300)),
        ({"scale": "10%"}, (400, 300), (185, 135, 215, 165)),
        ({"scale": "50%", "position": "original"}, (400, 300), (125, 75, 275, 225)),
        ({"scale": "50%", "position": "0% 100%"}, (400, 300), (0, 150, 150, 300)),
        ({"position": "original"}, (400, 300), DISC),
        ({"position": "center"}, (400, 300), (140, 90, 260, 210)),
        ({"position": "0%"}, (400, 300), (0, 0, 120, 120)),
        ({"position": "100% 50%"}, (400, 300), (280, 90, 400, 210)),
        (
            {"crop": True, "crop_margin": "40px", "scale": "50%", "position": "0%"},
            (200, 200),
            (0, 0, 100, 100),
        ),
        ({"crop": True, "crop_margin": "40px", "position": "100%"}, (200, 200), (80, 80, 200, 200)),
    ],
)
def test_frame(cut, options, size, box):
    result = cut(**options)
    near(result.size, size)
    near(result.box, box, 3)
    visible = np.argwhere(result.alpha > 127)
    top, left = visible.min(0)
    bottom, right = visible.max(0) + 1
    near((left, top, right, bottom), box, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("crop_margin", "51%"),
        ("crop_margin", "501px"),
        ("crop_margin", "-1px"),
        ("crop_margin", "1px 2px 3px"),
        ("scale", "9%"),
        ("scale", "101%"),
        ("position", "101%"),
        ("position", "left"),
        ("size", "huge"),
        ("format", "gif"),
        ("channels", "rgb"),
        ("bg_color", "12345"),
        ("semitransparency", "maybe"),
        ("type", "person,car"),
        ("type_level", "3"),
        ("shadow_type", "long"),
        ("shadow_opacity", "101"),
        ("add_shadow", "perhaps"),
    ],
)
def test_wrong_values_have_the_code_of_their_option(name, value):
    with pytest.raises(OptionError) as caught:
        mattekit.Options(**{name: value})
    status = status_of(caught.value)
    assert (status.http, status.code) == (400, f"invalid_{name}")


def test_at_most_one_background():
    for pair in (
        {"bg_color": "red", "bg_blur": 3},
        {"bg_image": "a.jpg", "bg_color": "00f"},
        {"bg_image": np.zeros((2, 2, 3), np.uint8), "bg_blur": 1},
    ):
        with pytest.raises(OptionError) as caught:
            mattekit.Options(**pair)
        assert status_of(caught.value).code == "multiple_bg_sources"
    mattekit.Options(bg_image=np.zeros((2, 2, 3), np.uint8), bg_color="00000000", bg_blur=0)


# -- channels, format -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "kind", "mode"),
    [
        ({}, "image/png", "RGBA"),
        ({"bg_color": "ffff00ff"}, "image/jpeg", "RGB"),
        ({"bg_color": "81d4fa77"}, "image/png", "RGBA"),
        ({"bg_color": "c57f4980"}, "image/png", "RGBA"),
        ({"bg_color": "00000000"}, "image/png", "RGBA"),
        ({"channels": "alpha"}, "image/jpeg", "L"),
        ({"channels": "alpha", "bg_color": "00000000"}, "image/jpeg", "L"),
        ({"channels": "alpha", "format": "png"}, "image/png", "L"),
        ({"format": "png"}, "image/png", "RGBA"),
        ({"format": "jpg"}, "image/jpeg", "RGB"),
        ({"format": "jpg", "bg_color": "81d4fa"}, "image/jpeg", "RGB"),
        ({"format": "webp"}, "image/webp", "RGBA"),
        ({"format": "tiff"}, "image/tiff", "RGBA"),
        ({"bg_blur": 3}, "image/jpeg", "RGB"),
        ({"bg_image": np.full((30, 40, 3), 9, np.uint8)}, "image/jpeg", "RGB"),
        ({"shadow_type": "drop"}, "image/png", "RGBA"),
    ],
)
def test_format(cut, options, kind, mode):
    result = cut(**options)
    encoding = {name: value for name, value in options.items() if name in {"format", "channels"}}
    encoded = result.encode(**encoding)
    image = Image.open(io.BytesIO(encoded.data))
    assert encoded.media_type == kind
    assert (image.mode, image.size) == (mode, result.size)


def test_png_is_black_where_it_is_empty_and_the_photo_where_it_is_not(cut):
    pixels, _ = read(cut(), format="png")
    assert not pixels[pixels[..., 3] == 0].any()
    opaque = pixels[..., 3] == 255
    assert opaque.sum() > 8000
    assert_images_close(pixels[opaque][:, :3], scene()[opaque], 1)


def test_jpeg_without_a_background_is_on_white(cut):
    pixels, _ = read(cut(), format="jpg")
    assert pixels[:40].min() >= 250


def test_zip_as_recorded(cut):
    result = cut()
    with zipfile.ZipFile(io.BytesIO(result.encode(format="zip").data)) as archive:
        names = [(info.filename, info.compress_type) for info in archive.infolist()]
        color, alpha = (Image.open(io.BytesIO(archive.read(name))) for name, _ in names)
        assert names == [("color.jpg", zipfile.ZIP_STORED), ("alpha.png", zipfile.ZIP_STORED)]
        assert (color.format, color.mode, color.size) == ("JPEG", "RGB", result.size)
        assert (alpha.format, alpha.mode, alpha.size) == ("PNG", "L", result.size)
        assert not alpha.info
        assert np.array_equal(np.asarray(alpha), result.alpha)
        far = np.ones(result.alpha.shape, bool)  # the photo's own colours, not blanked
        far[DISC.padded(48, 48, 48, 48).slices] = False
        assert_images_close(np.asarray(color)[far], scene()[far], 12, mean=2)


@pytest.mark.parametrize(
    ("options", "worst"),
    [
        ({}, 64),
        pytest.param({"crop": True, "crop_margin": "15% 5px"}, 64, marks=pytest.mark.slow),
        ({"size": "preview"}, 64),
        # A reduced rim is narrower than JPEG's blocks of colour.
        ({"scale": 70, "position": "20% 90%"}, 96),
        # Edges that are seen from both sides are softened by JPEG as in any other JPEG.
        ({"shadow_type": "drop"}, 96),
        pytest.param({"shadow_type": "3D", "crop": True}, 96, marks=pytest.mark.slow),
        ({"bg_color": "81d4fa77"}, 96),
        pytest.param({"bg_color": "white"}, 96, marks=pytest.mark.slow),
        ({"bg_blur": 4}, 96),
    ],
    ids=str,
)
def test_zip_equals_png(cut, options, worst):
    """The two forms of one result differ by what JPEG loses, and in alpha not at all."""
    result = cut(scene(800, 600), **options)
    png, _ = read(result, format="png")
    joined = np.asarray(Image.open(io.BytesIO(zip_to_png(result.encode(format="zip").data))))
    assert joined.shape == png.shape
    if png.shape[-1] == 4:
        assert np.array_equal(joined[..., 3], png[..., 3])
        png, joined = png[png[..., 3] > 0][:, :3], joined[joined[..., 3] > 0][:, :3]
    assert_images_close(joined, png, worst, mean=2)
    lost = np.abs(joined.astype(int) - png.astype(int)).max(-1)
    assert np.quantile(lost, 0.95) <= 10


# -- shadows and backgrounds ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options", "shadow"),
    [
        ("car", {"add_shadow": True}, True),
        ("person", {"add_shadow": True}, False),
        ("car", {"add_shadow": False}, False),
        ("product", {"shadow_type": "auto"}, True),
        ("product", {"shadow_type": "none"}, False),
        ("person", {"shadow_type": "car=car"}, False),
        ("car", {"shadow_type": "car=car"}, True),
        ("animal", {"shadow_type": "drop", "shadow_opacity": 0}, False),
        ("graphic", {"shadow_type": "3D"}, True),
    ],
)
def test_shadow(cut, kind, options, shadow):
    result, plain = cut(kind=kind, **options), cut(kind=kind)
    assert result.size == plain.size
    assert result.box == plain.box
    darker = (result.alpha > plain.alpha).any()
    assert darker == shadow


@pytest.mark.parametrize(("kind", "most"), [("car", 0.9), ("product", 0.5), ("person", 0.5)])
def test_shadow_opacity_auto(cut, kind, most):
    result, plain = cut(kind=kind, shadow_type="car"), cut(kind=kind)
    dark = result.alpha[plain.alpha == 0].max() / 255
    assert most * 0.6 < dark <= most + 0.01


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("81d4fa77", (129, 212, 250, 119)),
        ("c57f4980", (197, 127, 73, 128)),
        ("#81d4fa", (129, 212, 250, 255)),
        ("0f8", (0, 255, 136, 255)),
        ("green", (0, 128, 0, 255)),
    ],
)
def test_bg_color(cut, text, value):
    result = cut(bg_color=text)
    plain = cut()
    empty = plain.alpha == 0
    assert empty.sum() > 50_000
    assert (result.rgba()[empty] == value).all()
    a = plain.alpha[..., None] / 255
    b = value[3] / 255
    alpha = a + b * (1 - a)
    mixed = (a * plain.color + (1 - a) * b * np.array(value[:3])) / alpha
    assert_images_close(result.color, np.where(plain.alpha[..., None] > 0, mixed, value[:3]), 0.51)
    assert_images_close(result.alpha, alpha[..., 0] * 255, 0.51)


def test_bg_image_fills_the_canvas(cut):
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[:, 50:] = 200  # square: its top and bottom are cut off to cover 4:3
    result = cut(bg_image=picture)
    assert (result.alpha == 255).all()
    assert (result.color[:40, :190] == 0).all()
    assert (result.color[:40, 210:] == 200).all()


def test_semitransparency(cut):
    """A pane in the disc: partly transparent by default, opaque on request."""
    photo = scene()
    front, back = np.array([200, 70, 40]), np.array([50, 100, 160])
    pane = np.s_[105:155, 130:190]
    photo[pane] = (0.41 * front + 0.59 * back).astype(np.uint8)
    kept = cut(photo)
    hard = cut(photo, semitransparency=False)
    inner = np.s_[112:148, 137:183]
    assert 30 < kept.alpha[inner].mean() < 225
    assert (hard.alpha[inner] == 255).all()
    edge = np.ones(hard.alpha.shape, bool)
    edge[95:165, 120:200] = False
    assert np.array_equal(hard.alpha[edge], kept.alpha[edge])


# -- what answers say -----------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"crop": True, "crop_margin": "9px"}, {"scale": 40}])
def test_the_box_is_in_the_frame_of_the_result(cut, options):
    result = cut(**options)
    visible = np.argwhere(result.alpha > 127)
    (top, left), (bottom, right) = visible.min(0), visible.max(0) + 1
    near(result.box, (left, top, right, bottom), 2)


def test_sixteen_bits_go_the_whole_way(cut):
    deep = scene().astype(np.uint16) * 257 + 3
    picture = np.full((30, 40, 3), 90, np.uint8)
    for options in ({"crop": True}, {"scale": 60, "shadow_type": "drop"}, {"bg_image": picture}):
        result = cut(deep, **options)
        assert result.color.dtype == result.alpha.dtype == np.uint16
    result = cut(deep, shadow_type="auto", bg_color="red")
    assert (result.color[0, 0] == (65535, 0, 0)).all()
