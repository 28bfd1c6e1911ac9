"""OpenRaster and PSD, opened by readers that are not ours, GIMP among them where it is there."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from mattekit.codecs.formats.openraster import write as openraster
from mattekit.codecs.formats.psd import write as photoshop
from mattekit.compositing import composite, over, plan_shadow
from mattekit.cutout import Cutout
from mattekit.errors import OptionError
from mattekit.geometry import Box
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.picture import Metadata
from support.helpers import assert_images_close

DTYPES = [np.uint8, np.uint16]
PNG = pytest.importorskip("png", reason="pypng reads 16-bit PNG independently")


@pytest.fixture(params=DTYPES, ids=["8", "16"])
def picture(request):
    rng = np.random.default_rng(2)
    most = np.iinfo(request.param).max
    color = rng.integers(0, most, (37, 50, 3), dtype=request.param, endpoint=True)
    alpha = rng.integers(0, most, (37, 50), dtype=request.param, endpoint=True)
    color[5:20] = most // 3  # runs
    alpha[:10], alpha[20:] = 0, most
    return color, alpha


def read_png(data):
    width, height, rows, info = PNG.Reader(bytes=data).read()
    samples = np.array([list(row) for row in rows])
    assert info["bitdepth"] in {8, 16}
    return samples.reshape(height, width, -1), info["bitdepth"]


def test_psd_holds_the_picture_and_the_matte_as_its_mask(picture):
    psd_tools = pytest.importorskip("psd_tools")
    color, alpha = picture
    most = np.iinfo(color.dtype).max
    psd = psd_tools.PSDImage.open(
        io.BytesIO(photoshop(Cutout(color, alpha), Metadata(dpi=(300, 200))))
    )
    assert psd.depth == 8 * color.itemsize
    (layer,) = psd
    assert (layer.name, layer.visible, layer.size) == ("Cut-out", True, (50, 37))
    assert layer.has_mask()
    assert_images_close(layer.numpy("color") * most, color, 0.01)
    assert_images_close(layer.numpy("mask")[..., 0] * most, alpha, 0.01)
    merged = psd.numpy()
    assert_images_close(merged[..., 3] * most, alpha, 0.01)
    seen = alpha > most // 2  # psd-tools takes the white out again, which costs precision
    assert_images_close(merged[seen][:, :3] * most, color[seen], 1.01)


def test_readers_without_layers_see_the_cut_out():
    color = np.full((37, 50, 3), 90, np.uint8)
    alpha = np.tile(np.arange(50, dtype=np.uint8) * 5, (37, 1))
    image = Image.open(io.BytesIO(photoshop(Cutout(color, alpha), Metadata())))
    assert image.mode == "RGBA"
    assert np.array_equal(np.asarray(image)[..., 3], alpha)
    on_white = 255 - (255 - 90) * (alpha / 255)
    assert_images_close(np.asarray(image)[..., 0], on_white, 0.51)


def test_psd_carries_metadata():
    psd_tools = pytest.importorskip("psd_tools")
    numbers = pytest.importorskip("psd_tools.constants").Resource
    color, alpha = np.zeros((3, 5, 3), np.uint8), np.zeros((3, 5), np.uint8)
    metadata = Metadata(icc_profile=b"a profile", dpi=(300, 150), exif=b"MM\0*")
    resources = psd_tools.PSDImage.open(
        io.BytesIO(photoshop(Cutout(color, alpha), metadata))
    ).image_resources
    assert resources.get_data(numbers.ICC_PROFILE) == b"a profile"
    assert resources.get_data(numbers.EXIF_DATA_1) == b"MM\0*"
    resolution = resources.get_data(numbers.RESOLUTION_INFO)
    assert (resolution.horizontal / 65536, resolution.vertical / 65536) == (300, 150)


def test_psd_of_a_resolution_that_it_cannot_say():
    """As large as a BMP may claim, and as this number is read from one."""
    cutout = Cutout(np.zeros((2, 3, 3), np.uint8), np.zeros((2, 3), np.uint8))
    data = photoshop(cutout, Metadata(dpi=(1e6, 300.0)))
    at = data.index(b"8BIM" + struct.pack(">HHI", 1005, 0, 16)) + 12
    assert struct.unpack_from(">I", data, at) == (65535 << 16,)
    assert struct.unpack_from(">I", data, at + 8) == (300 << 16,)


def test_srgb_is_named():
    """Krita takes untagged 16-bit pictures for linear light."""
    color, alpha = np.zeros((3, 5, 3), np.uint16), np.zeros((3, 5), np.uint16)
    assert b"acsp" in photoshop(Cutout(color, alpha), Metadata())
    with zipfile.ZipFile(io.BytesIO(openraster(Cutout(color, alpha), Metadata()))) as archive:
        for name in ("cutout", "matte", "picture"):
            assert b"iCCP" in archive.read(f"data/{name}.png")


def test_psd_has_its_limits():
    wide = np.zeros((1, 30_001), np.uint8)
    with pytest.raises(OptionError, match="30000 a side") as caught:
        photoshop(Cutout(np.zeros((1, 30_001, 3), np.uint8), wide), Metadata())
    assert caught.value.name == "format"


def test_openraster_is_what_its_specification_wants(picture):
    color, alpha = picture
    file = openraster(Cutout(color, alpha), Metadata(dpi=(300, 300)))
    assert file[30:38] == b"mimetype"  # first, stored, without extra fields
    assert file[38:54] == b"image/openraster"
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        stack = ElementTree.fromstring(archive.read("stack.xml"))
        assert (stack.get("w"), stack.get("h"), stack.get("xres")) == ("50", "37", "300")
        layers = stack.findall("stack/layer")
        pictures = [read_png(archive.read(layer.get("src")))[0] for layer in layers]
        depths = {read_png(archive.read(layer.get("src")))[1] for layer in layers}
        merged = read_png(archive.read("mergedimage.png"))[0]
        thumbnail = Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png")))
    assert [layer.get("name") for layer in layers] == ["Cut-out", "Matte", "Picture"]
    assert [layer.get("visibility") for layer in layers] == ["visible", "hidden", "hidden"]
    assert depths == {8 * color.itemsize}
    assert np.array_equal(pictures[0], np.dstack([color, alpha]))  # hidden colours are kept
    assert np.array_equal(pictures[1], np.dstack([alpha] * 3))
    assert np.array_equal(pictures[2], color)
    assert np.array_equal(merged, np.dstack([color * (alpha > 0)[..., None], alpha]))
    assert max(thumbnail.size) <= 256
    assert thumbnail.format == "PNG"


@pytest.fixture(params=DTYPES, ids=["8", "16"])
def composed(request):
    """A subject with a shadow on a half-transparent colour, for a format with layers."""
    most = np.iinfo(request.param).max
    color = np.full((60, 80, 3), most // 3, request.param)
    alpha = np.zeros((60, 80), request.param)
    alpha[15:45, 20:60] = most
    alpha[10:15, 20:60] = most // 2
    cutout = Cutout(color, alpha, box=Box(20, 10, 60, 45))
    options = Options(format="psd", shadow_type="drop", bg_color="81d4fa77")
    return cutout, composite(cutout, Photo(color), plan_shadow(cutout, options), options)


def test_what_lies_behind_is_a_layer_of_its_own(composed):
    cutout, result = composed
    backdrop, subject = result.layers
    assert subject is cutout
    most = cutout.opaque
    assert backdrop.alpha[0, 0] == 119 * (most // 255)
    assert backdrop.alpha[44, 40] > backdrop.alpha[0, 0]  # the shadow, the subject left out
    again = over(subject, backdrop.color, backdrop.alpha)
    assert_images_close(again.alpha, result.alpha, most // 255)
    assert_images_close(again.color, result.color, 2 * (most // 255))
    assert not result.replace(alpha=result.alpha).layers  # new pixels, other layers
    assert result.replace(kind="car").layers
    plain = composite(cutout, Photo(cutout.color), None, Options(bg_color="81d4fa77"))
    assert not plain.layers


def test_psd_of_a_dressed_subject(composed):
    psd_tools = pytest.importorskip("psd_tools")
    cutout, result = composed
    most = cutout.opaque
    psd = psd_tools.PSDImage.open(io.BytesIO(photoshop(result, Metadata())))
    back, front = psd
    assert (back.name, front.name) == ("Background", "Cut-out")
    assert front.has_mask()
    assert not back.has_mask()
    assert_images_close(front.numpy("mask")[..., 0] * most, cutout.alpha, 0.01)
    assert_images_close(front.numpy("color") * most, cutout.color, 0.01)
    assert_images_close(back.numpy("shape")[..., 0] * most, result.layers[0].alpha, 0.01)
    assert_images_close(psd.numpy()[..., 3] * most, result.alpha, 0.01)


def test_openraster_of_a_dressed_subject(composed):
    cutout, result = composed
    with zipfile.ZipFile(io.BytesIO(openraster(result, Metadata()))) as archive:
        layers = ElementTree.fromstring(archive.read("stack.xml")).findall("stack/layer")
        assert [each.get("name") for each in layers] == [
            "Cut-out", "Matte", "Picture", "Background",
        ]  # fmt: skip
        background = read_png(archive.read(layers[-1].get("src")))[0]
        front = read_png(archive.read(layers[0].get("src")))[0]
    assert np.array_equal(background[..., 3], result.layers[0].alpha)
    assert np.array_equal(front[..., 3], cutout.alpha)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gimp") is None, reason="no GIMP on this machine")
def test_gimp_opens_psd_with_its_mask(picture, tmp_path):
    color, alpha = picture
    path, out = tmp_path / "picture.psd", tmp_path / "seen.png"
    path.write_bytes(photoshop(Cutout(color, alpha), Metadata(dpi=(300, 300))))
    script = f"""(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{path}" "{path}")))
        (layer (vector-ref (cadr (gimp-image-get-layers image)) 0)))
      (if (= -1 (car (gimp-layer-get-mask layer))) (error "no mask"))
      (gimp-layer-remove-mask layer MASK-APPLY)
      (file-png-save RUN-NONINTERACTIVE image layer "{out}" "{out}" 0 1 0 0 0 0 0))"""
    subprocess.run(
        ["gimp", "-i", "-d", "-f", "-b", script, "-b", "(gimp-quit 0)"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    seen, depth = read_png(out.read_bytes())
    assert depth == 8 * color.itemsize
    assert np.array_equal(seen[..., 3], alpha)
    visible = alpha > 0
    assert np.array_equal(seen[visible][:, :3], color[visible])


@pytest.mark.parametrize("name", ["ora", "psd"])
def test_both_are_formats_like_others(name, tmp_path):
    color = np.full((20, 30, 3), 77, np.uint8)
    alpha = np.full((20, 30), 128, np.uint8)
    cutout = Cutout(color, alpha)
    encoded = cutout.encode(format=name)
    assert encoded.extension == f".{name}"
    assert encoded.media_type.startswith("image/")
    assert encoded.data == (openraster if name == "ora" else photoshop)(cutout, Metadata())
    cutout.save(tmp_path / f"a.{name}")
    assert (tmp_path / f"a.{name}").read_bytes() == encoded.data
    assert cutout.encode(format=name, channels="alpha").data != encoded.data
