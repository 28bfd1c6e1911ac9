"""PSD as it is written, opened by readers that are not ours."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess

import numpy as np
import pytest
from PIL import Image

from mattekit.codecs.coders.psd import write as photoshop
from mattekit.cutout import Cutout
from mattekit.errors import OptionError
from mattekit.picture import Metadata
from support.helpers import assert_images_close
from support.layered import read_png


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


def test_psd_has_its_limits():
    wide = np.zeros((1, 30_001), np.uint8)
    with pytest.raises(OptionError, match="30000 a side") as caught:
        photoshop(Cutout(np.zeros((1, 30_001, 3), np.uint8), wide), Metadata())
    assert caught.value.name == "format"


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


def test_psd_of_each_subject():
    psd_tools = pytest.importorskip("psd_tools")
    color = np.random.default_rng(2).integers(0, 255, (200, 300, 3), np.uint8)
    alpha = np.zeros((200, 300), np.uint8)
    alpha[20:120, 30:90] = 255
    alpha[150:180, 250:290] = 200
    cutout = Cutout(color, alpha)
    layered = cutout.replace(layers=cutout.parts()[::-1])
    psd = psd_tools.PSDImage.open(io.BytesIO(photoshop(layered, Metadata())))
    below, above = psd
    assert (below.name, above.name) == ("Subject 2", "Subject 1")
    # Each shows what lies around its subject, and no more.
    assert (above.left, above.top, above.right, above.bottom) == (14, 4, 106, 136)
    assert (below.left, below.top, below.right, below.bottom) == (234, 134, 300, 196)
    for layer, part in zip(psd, layered.layers, strict=True):
        where = slice(layer.top, layer.bottom), slice(layer.left, layer.right)
        assert layer.has_mask()
        assert_images_close(layer.numpy("color") * 255, color[where], 0.01)
        assert_images_close(layer.numpy("mask")[..., 0] * 255, part.alpha[where], 0.01)
    assert_images_close(psd.numpy()[..., 3] * 255, alpha, 0.01)
