"""Sizes from headers alone."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from mattekit import Cutout, codecs
from mattekit.codecs import formats
from mattekit.codecs.decoding import reading
from mattekit.codecs.signatures import HEAD, sniff
from mattekit.errors import UnreadableImage
from mattekit.formats import WRITTEN
from mattekit.options import Options
from support.uncompressed import ALPHA, COLOR


def saved(format_: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(COLOR).save(file, format_)
    return file.getvalue()


FILES = {
    **{
        name: codecs.encode(Cutout(COLOR, ALPHA), Options(format=name)).data
        for name in WRITTEN
        if name not in {"zip", "ora"}  # of which nobody asks the size
    },
    "gif": saved("GIF"),
    "bmp": saved("BMP"),
    "avif": saved("AVIF"),
    "ppm": saved("PPM"),
    "plain ppm": b"P3\n2 1\n255\n1 2 3\n4 5 6\n",
}


@pytest.mark.parametrize("name", FILES)
def test_the_size_in_the_header_is_that_of_the_picture(name: str) -> None:
    data = FILES[name]
    kind = sniff(data[:HEAD])
    assert formats.size(data, kind, "given") == codecs.decode(data).size


@pytest.mark.parametrize("name", ["png", "jpg", "tiff", "gif", "ppm"])
def test_of_a_file_cut_off_in_its_header_there_is_none(name: str) -> None:
    data = FILES[name]
    with pytest.raises(UnreadableImage), reading("given"):
        formats.size(data[:11], sniff(data[:HEAD]), "given")
