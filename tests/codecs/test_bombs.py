"""What a file may make a decoder do is bounded by its picture: work is counted, not timed."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import imagecodecs
import numpy as np
import pytest
from isal import isal_zlib
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.codecs import facts, pngheader
from mattekit.errors import InputError, UnreadableImage

NOISE = Image.fromarray(np.random.default_rng(5).integers(0, 256, (60, 90, 3), np.uint8))


class Counted:
    """Stands before isal's inflating object and counts what comes out."""

    out = 0

    def __init__(self) -> None:
        self._real = REAL()

    def decompress(self, data: Any, limit: int) -> bytes:
        piece: bytes = self._real.decompress(data, limit)
        Counted.out += len(piece)
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


REAL = isal_zlib.decompressobj


@pytest.fixture
def inflated(monkeypatch: pytest.MonkeyPatch) -> type[Counted]:
    Counted.out = 0
    monkeypatch.setattr(isal_zlib, "decompressobj", Counted)
    return Counted


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What libpng is given."""
    given: list[bytes] = []
    real = imagecodecs.png_decode
    monkeypatch.setattr(imagecodecs, "png_decode", lambda data: given.append(data) or real(data))
    return given


def bomb(width: int, height: int, size: int) -> bytes:
    """A PNG of a small picture whose pixels inflate to `size` bytes."""
    packer = zlib.compressobj(9)
    piece = bytes(1 << 20)
    packed = b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()
    return (
        pngheader.SIGNATURE
        + make.chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + b"".join(
            make.chunk(b"IDAT", packed[at : at + 8192]) for at in range(0, len(packed), 8192)
        )
        + make.chunk(b"IEND", b"")
    )


def test_png_that_inflates_beyond_its_picture(inflated: Any, handed: list[bytes]) -> None:
    size = 200 * (1 + 300 * 3)
    assert codecs.decode(bomb(300, 200, 100 << 20)).size == (300, 200)
    assert inflated.out <= 2 * (size + 1)  # once to count, once to keep
    assert len(handed[0]) < size + 1000


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


def test_png_of_endless_chunks() -> None:
    data = make.png(make.ramp(9, 9))
    at = data.index(b"IDAT") - 4
    with pytest.raises(UnreadableImage, match="chunks"):
        codecs.decode(data[:at] + make.chunk(b"zzzZ", b"") * 400_000 + data[at:])


def test_jpeg_segments_and_scans_are_counted() -> None:
    data = make.saved(NOISE, "JPEG", progressive=True)
    tables = data[data.index(b"\xff\xc4") :][:40]
    length = int.from_bytes(tables[2:4], "big") + 2
    at = data.index(b"\xff\xda")
    flood = data[:at] + data[data.index(b"\xff\xc4") :][:length] * 6000 + data[at:]
    with pytest.raises(UnreadableImage, match="segments"):
        codecs.decode(flood)
    scan = data[data.rindex(b"\xff\xda") : -2]
    with pytest.raises(UnreadableImage, match="scans"):
        codecs.decode(data[:-2] + scan * 200 + b"\xff\xd9")


def test_jpeg_notes_never_reach_the_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    import simplejpeg

    given: list[bytes] = []
    real = simplejpeg.decode_jpeg
    monkeypatch.setattr(
        simplejpeg, "decode_jpeg", lambda data, *a, **k: given.append(data) or real(data, *a, **k)
    )
    data = make.saved(NOISE, "JPEG")
    note = b"\xff\xed" + struct.pack(">H", 60_002) + bytes(60_000)
    photo = codecs.decode(data[:2] + note * 300 + data[2:] + bytes(1 << 20))
    assert photo.size == (90, 60)
    assert len(given[0]) <= len(data)


def test_broken_bombs_are_refused() -> None:
    data = bytearray(bomb(300, 200, 1 << 22))
    data[data.index(b"IDAT") + 30] ^= 255
    with pytest.raises(InputError):
        codecs.decode(bytes(data))
