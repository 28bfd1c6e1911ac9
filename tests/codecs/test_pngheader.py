"""What stands before the pixels of a PNG is counted, and left out."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

import support.codecs as make
from mattekit import codecs
from mattekit.codecs import facts, pngheader
from mattekit.errors import UnreadableImage


def test_png_texts_and_other_chunks_never_reach_the_decoder(handed: list[bytes]) -> None:
    text = (b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(bytes(1 << 20)))
    picture = make.ramp(9, 9)
    whole = make.png(picture, *[text] * 2000, (b"sPLT", bytes(9000)), (b"eXIf", bytes(9000)))
    np.testing.assert_array_equal(codecs.decode(whole).color, picture)
    assert len(handed[0]) < 1000


def test_png_texts_that_matter_are_unpacked_once_and_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unpacked: list[int] = []
    real = facts.unpack
    monkeypatch.setattr(pngheader, "unpack", lambda packed: unpacked.append(1) or real(packed))
    long = zlib.compress(bytes(64 << 20), 9)
    texts = [
        *[(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + long)] * 500,
        *[(b"zTXt", b"Raw profile type exif\0\0" + long)] * 500,
    ]
    codecs.decode(make.png(make.ramp(9, 9), *texts))
    assert len(unpacked) == 2
    assert real(long) == b""


@pytest.mark.slow
def test_png_of_endless_chunks() -> None:
    data = make.png(make.ramp(9, 9))
    at = data.index(b"IDAT") - 4
    with pytest.raises(UnreadableImage, match="chunks"):
        codecs.decode(data[:at] + make.chunk(b"zzzZ", b"") * 400_000 + data[at:])
