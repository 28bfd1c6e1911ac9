"""What pieces of TIFF claim of their size is read before a decoder believes it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.codecs.segments import stated_size
from mattekit.errors import UnreadableImage

Encoder = Callable[[np.ndarray], bytes]


def by_pillow(format_: str, **how: Any) -> Encoder:
    return lambda samples: make.saved(Image.fromarray(samples), format_, **how)


def boxed(encode: Encoder) -> Encoder:
    """JPEG XL in its container, cut into parts."""

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(content), kind) + content

    return lambda samples: (
        box(b"JXL ", b"\r\n\x87\n")
        + box(b"ftyp", b"jxl \0\0\0\0jxl ")
        + box(b"jxlp", b"\x80\0\0\0" + encode(samples))
    )


def jpegxl(samples: np.ndarray) -> bytes:
    return bytes(imagecodecs.jpegxl_encode(samples))


#: name: (encoder, TIFF's number of the compression)
KINDS: dict[str, tuple[Encoder, int]] = {
    "jpeg": (by_pillow("JPEG"), 7),
    "jpeg, progressive": (by_pillow("JPEG", progressive=True), 7),
    "png": (by_pillow("PNG"), 34933),
    "webp": (by_pillow("WEBP"), 50001),
    "webp, lossless": (by_pillow("WEBP", lossless=True), 50001),
    "webp, extended": (by_pillow("WEBP", exif=b"Exif\0\0" + make.exif_block()), 50001),
    "jpeg 2000": (by_pillow("JPEG2000"), 34712),
    "jpeg 2000, bare": (by_pillow("JPEG2000", no_jp2=True), 34712),
    "jpeg xl": (jpegxl, 50002),
    "jpeg xl, boxed": (boxed(jpegxl), 50002),
    "jpeg xr": (lambda samples: bytes(imagecodecs.jpegxr_encode(samples)), 22610),
}
SIZES = [
    (16, 16),
    (33, 20),
    (20, 33),
    (256, 256),
    (300, 400),
    (48, 64),
    (1, 7),
    (600, 500),
    (90, 160),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_stated_size_is_the_size(kind: str, height: int, width: int) -> None:
    encode, _ = KINDS[kind]
    assert stated_size(encode(np.zeros((height, width, 3), np.uint8))) == (width, height)


@pytest.mark.parametrize("kind", KINDS)
def test_a_head_that_is_cut_short_states_a_size_or_nothing(kind: str) -> None:
    data = KINDS[kind][0](np.zeros((33, 20, 3), np.uint8))
    for end in range(min(len(data), 300)):
        stated = stated_size(data[:end])
        assert stated is None or len(stated) == 2


def strip_of(piece: bytes, compression: int, side: int) -> bytes:
    """A TIFF of side × side pixels in RGB whose one strip is an encoded picture."""
    marks = struct.pack(">I", 0xDEADBEE)
    data = make.packed_tiff(
        np.zeros((side, side, 3), np.uint8),
        8,
        2,
        (259, 3, struct.pack(">H", compression)),
        (273, 4, marks),
        (279, 4, struct.pack(">I", len(piece))),
    )
    return data.replace(marks, struct.pack(">I", len(data))) + piece


@pytest.mark.parametrize("kind", KINDS)
def test_a_piece_that_claims_more_than_its_place_is_not_decoded(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode, compression = KINDS[kind]
    side = 32
    fitting = strip_of(encode(make.ramp(side, side)), compression, side)
    assert codecs.decode(fitting).size == (side, side)
    larger = strip_of(encode(np.zeros((800, 32, 3), np.uint8)), compression, side)
    monkeypatch.setattr("tifffile.TiffPage.asarray", lambda *_, **__: pytest.fail("decoded"))
    with pytest.raises(UnreadableImage, match="32 × 800 where 32 × 32 belong"):
        codecs.decode(larger)


def test_a_piece_of_no_known_kind_is_not_decoded() -> None:
    with pytest.raises(UnreadableImage, match="do not say"):
        codecs.decode(strip_of(bytes(500), 50002, 32))
