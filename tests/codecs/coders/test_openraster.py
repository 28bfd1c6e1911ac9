"""OpenRaster, opened by readers that are not ours."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.codecs import archive
from mattekit.codecs.coders.openraster import write as openraster
from mattekit.cutout import Cutout
from mattekit.errors import InvalidFileType
from mattekit.picture import Metadata
from support.deep import part
from support.layered import read_png


def test_krita_files_are_open_raster_enough() -> None:
    picture = make.saved(Image.fromarray(part(4, 8)), "PNG")
    data = archive.pack({"mimetype": b"application/x-krita", "mergedimage.png": picture})
    np.testing.assert_array_equal(codecs.decode(data).color, part(4, 8)[..., :3])
    without = archive.pack({"mimetype": b"image/openraster", "stack.xml": b"<image/>"})
    with pytest.raises(InvalidFileType, match="mergedimage"):
        codecs.decode(without)


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


def test_openraster_of_each_subject():
    color = np.random.default_rng(2).integers(1, 255, (200, 300, 3), np.uint8)
    alpha = np.zeros((200, 300), np.uint8)
    alpha[20:120, 30:90] = 255
    alpha[150:180, 250:290] = 200
    cutout = Cutout(color, alpha)
    layered = cutout.replace(layers=cutout.parts()[::-1])
    with zipfile.ZipFile(io.BytesIO(openraster(layered, Metadata()))) as archive:
        layers = ElementTree.fromstring(archive.read("stack.xml")).findall("stack/layer")
        pictures = [read_png(archive.read(layer.get("src")))[0] for layer in layers]
    names = [layer.get("name") for layer in layers]
    assert names == ["Subject 1", "Subject 2", "Matte", "Picture"]
    for picture, subject in zip(pictures, cutout.parts(), strict=False):
        assert np.array_equal(picture[..., 3], subject.alpha)
        seen = subject.alpha > 0
        assert np.array_equal(picture[seen][:, :3], color[seen])
    assert np.array_equal(pictures[2], np.dstack([alpha] * 3))
    assert np.array_equal(pictures[3], color)
