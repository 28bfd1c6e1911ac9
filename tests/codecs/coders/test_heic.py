"""HEIC, with its decoder and without."""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np
import pytest

import support.codecs as make
from mattekit import codecs
from mattekit.codecs import coders
from mattekit.errors import InvalidFileType, ResolutionTooHigh
from mattekit.geometry import Size
from support.decoding import check_contract
from support.deep import part

HEIC = [
    b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + compatible + bytes(400)
    for brand, compatible in (
        (b"heic", b"heic"),
        (b"heix", b"heix"),
        (b"heis", b"heic"),
        (b"mif1", b"heic"),
        (b"msf1", b"hevc"),
    )
]


@pytest.mark.parametrize("data", HEIC)
def test_heic_without_its_decoder(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(InvalidFileType, match=r"HEIC picture.*mattekit\[heif\]"):
        codecs.decode(data)
    with pytest.raises(InvalidFileType):
        coders.size(data, "heic", "image")


def test_heic_with_its_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    class File:
        size = (60, 40)
        info = {"exif": make.exif_block(6), "icc_profile": make.SRGB}  # noqa: RUF012

        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            samples = part(3)
            samples.flags.writeable = False  # the decoder's own memory
            return samples

    asked = {}
    module = types.SimpleNamespace(open_heif=lambda file, **how: asked.update(how) or File())
    monkeypatch.setitem(sys.modules, "pillow_heif", module)
    photo = codecs.decode(HEIC[0])
    check_contract(photo)
    np.testing.assert_array_equal(photo.color, part(3))  # it comes upright
    assert photo.metadata.icc_profile == make.SRGB
    assert asked == {"convert_hdr_to_8bit": False}
    assert coders.size(HEIC[0], "heic", "image") == Size(60, 40)
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(HEIC[0], limits=codecs.Limits(max_pixels=2399))
