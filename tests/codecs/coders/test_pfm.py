"""PFM: masks as raw developers read them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mattekit import Cutout, codecs
from mattekit.codecs.coders import pfm
from mattekit.errors import ResolutionTooHigh, UnreadableImage
from mattekit.options import Options
from support.decoding import check_contract, stacked
from support.uncompressed import ALPHA, COLOR


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_every_level_comes_back(kind: type[np.unsignedinteger]) -> None:
    most = np.iinfo(kind).max
    alpha = np.arange(0, 65536, dtype=np.uint32).reshape(256, 256)
    alpha = (alpha if most == 65535 else alpha % 256).astype(kind)
    photo = codecs.decode(pfm.write(alpha))
    check_contract(photo)
    expected = alpha.astype(np.uint16) * (257 if most == 255 else 1)
    np.testing.assert_array_equal(photo.color, stacked(expected))
    assert photo.color.dtype == np.uint16


def test_another_reader_sees_the_same_way_up() -> None:
    data = pfm.write(ALPHA)
    read = np.asarray(Image.open(io.BytesIO(data)))
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, ALPHA / np.float32(np.iinfo(ALPHA.dtype).max))


def test_a_result_is_the_alpha_whatever_channels_says() -> None:
    cutout = Cutout(COLOR, ALPHA)
    results = [
        codecs.encode(cutout, Options(format="pfm", channels=channels))
        for channels in ("rgba", "alpha")
    ]
    assert results[0] == results[1]
    assert results[0].data == pfm.write(ALPHA)
    opaque = codecs.encode(cutout.replace(alpha=np.full_like(ALPHA, 255)), Options(format="pfm"))
    assert codecs.decode(opaque.data).color.min() == 65535


def test_both_byte_orders_and_color() -> None:
    rows = np.linspace(0, 1, 18, dtype="<f4").reshape(2, 3, 3)
    expected = np.floor(rows[::-1] * np.float32(65535) + np.float32(0.5)).astype(np.uint16)
    little = codecs.decode(b"PF\n3 2\n-1.0\n" + rows.tobytes())
    big = codecs.decode(b"PF 3 2 1\n" + rows.astype(">f4").tobytes())
    np.testing.assert_array_equal(little.color, expected)
    np.testing.assert_array_equal(big.color, expected)


def test_what_lies_outside_is_clipped() -> None:
    data = b"Pf\n4 1\n-1\n" + np.array([-1, 0.5, 7, np.inf], "<f4").tobytes()
    assert codecs.decode(data).color[0, :, 0].tolist() == [0, 32768, 65535, 65535]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Pf\n2 2\n-1.0\n" + bytes(15), "truncated"),
        (b"Pf\n2 2\n0\n" + bytes(16), "header"),
        (b"Pf\n2 -2\n-1.0\n" + bytes(16), "header"),
        (b"Pf\n1 1\n-1.0\n" + np.float32(np.nan).tobytes(), "no numbers"),
    ],
)
def test_what_is_broken_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableImage, match=message):
        codecs.decode(data)


def test_the_limit_counts_before_anything_is_decoded() -> None:
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(b"Pf\n1000000 1000000\n-1.0\n")
