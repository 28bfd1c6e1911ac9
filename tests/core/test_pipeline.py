"""The whole way of a picture, with a network whose answer is known."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import mattekit
from mattekit import FakeSession, ModelCard, Runtime, codecs, cropping, matting, pipeline
from mattekit.errors import ForegroundNotFound, OptionError, UnknownOption
from mattekit.geometry import Size, fit_area
from mattekit.matting import extraction
from mattekit.models import InputSpec, OutputSpec
from mattekit.options import Options
from mattekit.photo import Photo
from support.helpers import assert_images_close, disc
from support.tiers import spread, tiered

CARD = ModelCard("reddish", input=InputSpec(size=Size(96, 96)))


def reddish(batch):
    """What is redder than blue is subject, softly."""
    return np.clip((batch[:, 0:1] - batch[:, 2:3]) * 4 + 0.5, 0, 1)


@pytest.fixture
def runtime():
    runtime = Runtime()
    runtime.use("auto", FakeSession(reddish, CARD))
    return runtime


@pytest.fixture
def blind():
    runtime = Runtime()
    runtime.use("auto", FakeSession(lambda batch: np.zeros((1, 1, 96, 96), np.float32), CARD))
    return runtime


def test_subject_is_found_and_its_certain_pixels_are_untouched(runtime):
    truth = disc(192, 256)
    cutout = mattekit.remove_background(truth.image, runtime=runtime)
    assert cutout.found
    assert cutout.color.dtype == np.uint8
    assert_images_close(cutout.alpha / 255, truth.alpha, 0.5, mean=0.02)
    certain = cutout.alpha == 255
    assert certain.sum() > 10_000
    assert_images_close(cutout.color[certain], truth.image[certain])


@pytest.mark.parametrize("options", [{}, {"bg_blur": 10}])
def test_a_photo_that_was_given_is_never_written_to(runtime, options):
    truth = disc(192, 256, softness=8)
    photo = Photo(truth.image.copy())
    result = mattekit.remove_background(photo, runtime=runtime, **options)
    np.testing.assert_array_equal(photo.color, truth.image)
    # Of an array a photo is made that is nobody else's, and whose memory the result may take.
    alike = mattekit.remove_background(truth.image, runtime=runtime, **options)
    np.testing.assert_array_equal(alike.color, result.color)
    np.testing.assert_array_equal(alike.alpha, result.alpha)


def test_large_parts_are_decided_before_anybody_corrects_them():
    """What a correction starts from is what people see: half a subject is no half-there one."""

    def half(batch):
        alpha = np.zeros((1, 1, 96, 96), np.float32)
        alpha[..., 20:50, 20:76] = 1
        alpha[..., 50:80, 20:76] = 0.6
        return alpha

    runtime = Runtime()
    output = OutputSpec(partial="uncertainty")
    card = ModelCard("half", input=InputSpec(size=Size(96, 96)), output=output)
    runtime.use("auto", FakeSession(half, card))
    color = np.full((96, 96, 3), (40, 40, 200), np.uint8)
    color[20:80, 20:76] = 200, 40, 40
    matte = pipeline.segment(Photo(color), Options(zoom=False), runtime)
    assert (matte.alpha[50:70, 30:66] == 1).all()


def test_sixteen_bits_stay_sixteen_bits(runtime):
    truth = disc(192, 256)
    deep = truth.image.astype(np.uint16) * 257
    deep[..., 1] += np.arange(256, dtype=np.uint16)  # below what eight bits can hold
    cutout = mattekit.remove_background(deep, runtime=runtime)
    assert cutout.color.dtype == cutout.alpha.dtype == np.uint16
    certain = cutout.alpha == 65535
    assert certain.sum() > 10_000
    assert_images_close(cutout.color[certain], deep[certain])


def test_edges_are_freed_of_the_old_background(runtime):
    truth = disc(192, 256, softness=6)
    clean = mattekit.remove_background(truth.image, runtime=runtime)
    dirty = mattekit.remove_background(truth.image, runtime=runtime, decontaminate=False)
    edge = (clean.alpha > 40) & (clean.alpha < 230)
    assert edge.sum() > 200
    wanted = truth.foreground[edge] * 255
    error, before = (np.abs(c.color[edge] - wanted).mean() for c in (clean, dirty))
    assert error < 0.5 * before
    assert_images_close(dirty.color, truth.image)


def test_nothing_found_is_a_result(blind):
    cutout = mattekit.remove_background(disc().image, runtime=blind, crop=True, bg_color="red")
    assert not cutout.found
    assert cutout.box is None
    assert not cutout.alpha.any()
    with pytest.raises(ForegroundNotFound):
        cutout.require_found()


def test_bytes_files_and_images_mean_the_same(runtime, tmp_path):
    image = Image.fromarray(disc().image)
    path = tmp_path / "disc.png"
    image.save(path)
    data = path.read_bytes()
    first = mattekit.remove_background(path, runtime=runtime)
    for source in (str(path), data, io.BytesIO(data), image, np.asarray(image)):
        again = mattekit.remove_background(source, runtime=runtime)
        assert_images_close(again.rgba(), first.rgba())


def test_transparency_of_the_photo_is_kept(runtime):
    truth = disc(192, 256)
    own = np.full(truth.alpha.shape, 255, np.uint8)
    own[:, :128] = 0
    cutout = mattekit.remove_background(np.dstack([truth.image, own]), runtime=runtime)
    assert not cutout.alpha[:, :128].any()
    assert cutout.alpha[96, 160] == 255


def pictures_in(data, name):
    """Return all that can be seen in a file, whatever its alpha says."""
    if name not in ("zip", "ora"):
        return [np.asarray(Image.open(io.BytesIO(data)))]
    archive = zipfile.ZipFile(io.BytesIO(data))
    names = [each for each in archive.namelist() if each.endswith((".png", ".jpg"))]
    return [np.asarray(Image.open(archive.open(each))) for each in names]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        *((name, {"keep_color": True}) for name in ("png", "tiff")),
        ("tiff", {"keep_color": True, "decontaminate": False}),
        ("zip", {}),
        ("ora", {}),
    ],
)
def test_what_a_photo_hid_itself_never_comes_out(runtime, name, values):
    """Not even where what it showed does."""
    truth = disc(192, 256)
    alpha = np.full(truth.alpha.shape, 255, np.uint8)
    alpha[:64], alpha[64:72] = 0, 100
    given = np.dstack([truth.image, alpha])
    photo = given.copy()
    cutout = mattekit.remove_background(photo, runtime=runtime, **values)
    assert np.array_equal(photo, given)
    assert not cutout.color[:64].any()
    assert np.array_equal(
        cutout.color[80:90, :20], given[80:90, :20, :3]
    )  # background that it showed
    seen = pictures_in(cutout.encode(format=name, **values).data, name)
    for picture in [each for each in seen if each.shape[:2] == alpha.shape]:
        assert not picture[:8].any()


def test_refining_a_mask_asks_for_one(runtime):
    with pytest.raises(OptionError, match=r"mask=None is not valid \(there is none\)"):
        mattekit.refine_mask(np.zeros((8, 8, 3), np.uint8), None, runtime=runtime)


def test_bad_options_are_told_before_anything_is_read():
    with pytest.raises(OptionError, match="scale"):
        mattekit.remove_background("does not exist.jpg", scale="5%")
    with pytest.raises(UnknownOption, match="'crop'"):
        mattekit.remove_background("does not exist.jpg", crpo=True)


def test_save_names_the_format(runtime, tmp_path):
    cutout = mattekit.remove_background(disc().image, runtime=runtime)
    for suffix, form in ((".png", "PNG"), (".webp", "WEBP"), (".tif", "TIFF"), (".jpg", "JPEG")):
        path = tmp_path / f"subject{suffix}"
        cutout.save(path)
        with Image.open(path) as image:
            assert image.format == form
            assert image.size == (128, 96)


def test_pillow_image(runtime):
    cutout = mattekit.remove_background(disc().image, runtime=runtime)
    image = cutout.to_pil()
    assert (image.mode, image.size) == ("RGBA", (128, 96))
    assert_images_close(np.asarray(image), cutout.rgba())


# -- photos that are larger than the result ---------------------------------------------------


def both_ways(photo, runtime, **values):
    """The result as it is made, and as it would be if every photo were refined at full size."""
    options = mattekit.Options(**values)
    whole = codecs.decode(photo)
    matte = pipeline.segment(whole, options, runtime)
    slow = pipeline.compose(matting.extract(whole, matte, options), whole, options)
    return mattekit.remove_background(photo, options, runtime=runtime), slow


@pytest.mark.parametrize("dtype", tiered([np.uint8, np.uint16], [np.uint8]))
@pytest.mark.parametrize(
    "values",
    spread(
        [
            {"size": "preview"},
            {"size": "preview", "format": "jpg", "bg_color": "white"},
            {"size": "preview", "bg_blur": 5, "shadow_type": "drop"},
            {"size": "small", "format": "png", "channels": "alpha"},
            {"size": "medium", "format": "zip"},
            {"size": "preview", "edge_shift": "-40px", "edge_soften": "2%"},
        ],
        3,
    ),
)
def test_a_preview_is_refined_at_its_own_size_and_is_the_same(runtime, values, dtype):
    photo = disc(1200, 1900, softness=6).image.astype(dtype) * (257 if dtype is np.uint16 else 1)
    quick, slow = both_ways(photo, runtime, **values)
    assert (quick.size, quick.max_size, quick.kind) == (slow.size, slow.max_size, slow.kind)
    assert quick.placement == slow.placement
    assert quick.alpha.dtype == quick.color.dtype == dtype
    assert_images_close(quick.box, slow.box, 3)
    full = np.iinfo(dtype).max
    assert_images_close(quick.alpha / full, slow.alpha / full, 0.5, mean=0.005)
    certain = (quick.alpha == full) & (slow.alpha == full)
    assert certain.mean() > 0.1
    assert_images_close(quick.color[certain] / full, slow.color[certain] / full, 0.1, mean=2e-4)


@pytest.fixture
def refined_sizes(monkeypatch):
    """The sizes at which edges are looked for, one for each picture."""
    sizes = []
    refine = extraction.refine
    monkeypatch.setattr(
        extraction,
        "refine",
        lambda photo, *args, **kw: sizes.append(photo.size) or refine(photo, *args, **kw),
    )
    return sizes


@pytest.mark.slow
def test_what_is_refined_is_the_result_and_no_more(runtime, refined_sizes):
    for values in (
        {"size": "preview"},
        {},
        {"size": "full"},
        {"size": "preview", "crop": True},
        {"size": "preview", "scale": 50},
        {"size": "preview", "position": "0%"},
        {"size": "preview", "roi": "10% 0% 100% 100%"},
    ):
        mattekit.remove_background(disc(800, 1000).image, runtime=runtime, **values)
    assert refined_sizes == [Size(559, 447), *[Size(1000, 800)] * 6]
    refined_sizes.clear()
    mattekit.remove_background(disc(550, 600).image, runtime=runtime, size="preview")
    assert refined_sizes == [Size(600, 550)]  # hardly larger


@pytest.mark.slow
def test_what_a_format_limits_is_refined_at_that_size(runtime, refined_sizes, monkeypatch):
    """The limit of PNG holds for `format=auto` too, before anything is known to be transparent."""
    monkeypatch.setattr(cropping, "max_area", {"png": 250_000, "jpg": None}.get)
    for values in ({}, {"bg_color": "81d4fa77"}, {"format": "png"}, {"bg_color": "81d4fa"}):
        cutout = mattekit.remove_background(
            disc(800, 1000).image, runtime=runtime, size="auto", **values
        )
        assert cutout.size == refined_sizes[-1]
    assert refined_sizes == [*[Size(559, 447)] * 3, Size(1000, 800)]


def test_a_photo_without_a_subject_stays_as_it_is(blind):
    cutout = mattekit.remove_background(disc(800, 1000).image, runtime=blind, size="preview")
    assert (cutout.found, cutout.size) == (False, Size(1000, 800))


@settings(max_examples=200)
@given(
    st.integers(1, 9000),
    st.integers(1, 9000),
    st.sampled_from(["preview", "medium", "hd", "full", "auto", "50MP", "original"]),
    st.sampled_from(["auto", "png", "jpg", "zip"]),
)
def test_a_prescaled_photo_has_the_size_of_the_result(width, height, size, name):
    """Whatever it is scaled to, framing finds nothing more to scale."""
    photo = Photo(np.broadcast_to(np.zeros(3, np.uint8), (height, width, 3)))
    options = mattekit.Options(size=size, format=name)
    made = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "mattekit.resampling.resample",
            lambda color, alpha, placement: (made.append(placement) or color, alpha),
        )
        cropping.prescale(photo, options)
    for placement in made:
        limit, _ = cropping.area_limit(options)
        assert fit_area(placement.size, limit) == placement.size
        assert fit_area(photo.size, limit) == placement.size
