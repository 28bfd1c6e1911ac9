"""A PNG is read when every pixel is there, and unpacked no further than its picture."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

import support.codecs as make
from mattekit import codecs
from mattekit.errors import UnreadableImage
from support.complete import PNGS, same


@pytest.mark.parametrize("name", sorted(PNGS))
def test_png_without_its_last_chunks(name: str) -> None:
    data = PNGS[name]
    whole = codecs.decode(data)
    end = len(data) - 12
    # Without: IEND; the checksum of IDAT; the checksum of the pixels; a text cut in the middle
    for cut in (data[:end], data[: end - 4], data[: end - 8], data[:end] + b"\0\0\1\0tEXtCom"):
        assert same(codecs.decode(cut), whole)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("rows", [1, 3])
def test_png_of_too_few_rows(rows: int, interlaced: bool) -> None:
    data = make.png(make.ramp(16, 20, 3), interlaced=interlaced)
    head = data.index(b"IHDR") + 4
    taller = bytearray(data)
    struct.pack_into(">I", taller, head + 4, 16 + rows)
    struct.pack_into(">I", taller, head + 13, zlib.crc32(taller[head - 4 : head + 13]))
    with pytest.raises(UnreadableImage, match="missing"):
        codecs.decode(bytes(taller))


def test_png_of_too_many_rows_is_cut() -> None:
    picture = make.ramp(16, 20, 3)
    data = make.png(picture)
    head = data.index(b"IHDR") + 4
    lower = bytearray(data)
    struct.pack_into(">I", lower, head + 4, 11)
    struct.pack_into(">I", lower, head + 13, zlib.crc32(lower[head - 4 : head + 13]))
    np.testing.assert_array_equal(codecs.decode(bytes(lower)).color, picture[:11])
    at = lower.index(b"IDAT") + 9
    lower[at] ^= 4  # and its checksum is looked at
    with pytest.raises(UnreadableImage, match="damaged"):
        codecs.decode(bytes(lower))
