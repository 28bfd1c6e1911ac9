"""What a file may make a decoder do is bounded by its picture: work is counted, not timed."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from isal import isal_zlib

import support.codecs as make
from mattekit import codecs
from mattekit.codecs import pngheader
from mattekit.errors import InputError


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


@pytest.mark.slow
def test_png_that_inflates_beyond_its_picture(inflated: Any, handed: list[bytes]) -> None:
    size = 200 * (1 + 300 * 3)
    assert codecs.decode(bomb(300, 200, 100 << 20)).size == (300, 200)
    assert inflated.out <= 2 * (size + 1)  # once to count, once to keep
    assert len(handed[0]) < size + 1000


def test_broken_bombs_are_refused() -> None:
    data = bytearray(bomb(300, 200, 1 << 22))
    data[data.index(b"IDAT") + 30] ^= 255
    with pytest.raises(InputError):
        codecs.decode(bytes(data))
