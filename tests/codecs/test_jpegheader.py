"""What stands before the pixels of a JPEG is counted, and left out."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.errors import UnreadableImage

NOISE = Image.fromarray(np.random.default_rng(5).integers(0, 256, (60, 90, 3), np.uint8))


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
