"""JPEG 2000: its boxes and tiles."""

from __future__ import annotations

import struct

import pytest

from mattekit import codecs
from mattekit.errors import UnreadableImage
from support.deep import ENCODERS, part


def test_jpeg_2000_of_very_many_tiles_or_layers() -> None:
    data = bytearray(ENCODERS["jp2"](part(3), 16))
    at = data.index(b"\xff\x4f\xff\x51")
    tiles = bytearray(data)
    struct.pack_into(">II", tiles, at + 24, 1, 1)
    struct.pack_into(">II", tiles, at + 8, 600, 400)
    with pytest.raises(UnreadableImage, match="pieces"):
        codecs.decode(bytes(tiles))
    style = data.index(b"\xff\x52", at)
    struct.pack_into(">H", data, style + 6, 60_000)
    with pytest.raises(UnreadableImage, match="layers"):
        codecs.decode(bytes(data))
