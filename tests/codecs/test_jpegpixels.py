"""A JPEG is read when every pixel is there, and refused when one is not."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from mattekit import codecs
from mattekit.errors import UnreadableImage
from support.complete import JPEGS, same


@pytest.mark.parametrize("name", sorted(JPEGS))
@pytest.mark.parametrize(
    "tail",
    [
        b"",
        bytes(4096),
        b"\0\0\x01\x0aImage_UTC_Data1700000000000" + bytes(300) + b"SEFT",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(range(256)) * 8,
        JPEGS["baseline"],
        b"\xff\xff\xff\xff\xff\xd9",
        b"\xff\xd9" + JPEGS["restarts"],
    ],
    ids=["nothing", "zeros", "phone", "film", "second picture", "fill bytes", "closed"],
)
def test_jpeg_without_its_end_marker(name: str, tail: bytes) -> None:
    data = JPEGS[name]
    assert data.endswith(b"\xff\xd9")
    assert same(codecs.decode(data[:-2] + tail), codecs.decode(data))


def test_jpeg_without_one_restart_interval() -> None:
    data = JPEGS["restarts"]
    ends = [at for at in range(len(data) - 1) if data[at] == 0xFF and 0xD0 <= data[at + 1] <= 0xD7]
    for first, second in ((1, 2), (3, 5), (len(ends) - 2, len(ends) - 1)):
        with pytest.raises(UnreadableImage, match="missing or damaged"):
            codecs.decode(data[: ends[first]] + data[ends[second] :])
    with pytest.raises(UnreadableImage):  # eight are a whole round of their numbers
        codecs.decode(data[: ends[2]] + data[ends[10] :])


def test_jpeg_without_some_of_its_scans() -> None:
    data = JPEGS["progressive"]
    scans = [at for at in range(len(data) - 1) if data[at : at + 2] == b"\xff\xda"]
    for last in range(1, len(scans)):
        cut = data[: data.rindex(b"\xff\xc4", 0, scans[last])]
        for tail in (b"", b"\xff\xd9"):
            with pytest.raises(UnreadableImage, match="scans"):
                codecs.decode(cut + tail)


def test_jpeg_with_rows_overwritten() -> None:
    data = JPEGS["baseline"]
    at = data.index(b"\xff\xda") + 14
    random = np.random.default_rng(8)
    refused = 0
    for start in range(at, len(data) - 1000, 97):
        junk = random.integers(0, 255, 900, np.uint8).tobytes()
        try:
            codecs.decode(data[:start] + junk + data[start + 900 :])
        except UnreadableImage:
            refused += 1
    # Damage that happens to be a stream of just as many blocks cannot be told from pixels.
    assert refused >= 0.9 * len(range(at, len(data) - 1000, 97))


def test_jpeg_of_unusual_sampling() -> None:
    # Three blocks of luma to one of each chroma, which few decoders know. Each block is a change of
    # its mean by -7 to 7 in the usual Huffman codes, and its end.
    random = np.random.default_rng(3)
    bits = "".join(
        head + f"{random.integers(0, 8):03b}" + end
        for _ in range(40)
        for head, end in [("100", "1010")] * 3 + [("110", "00")] * 2
    )
    bits += "1" * (-len(bits) % 8)
    coded = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    data = JPEGS["full"]
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda") + 14
    head = bytearray(data[:scan])
    head[frame + 11] = 0x31
    struct.pack_into(">HH", head, frame + 5, 8 * 10, 24 * 4)
    whole = codecs.decode(bytes(head) + coded + b"\xff\xd9")
    assert whole.size == (96, 80)
    assert same(codecs.decode(bytes(head) + coded), whole)
    for lost in (2, 3, 9, len(coded) // 2):
        with pytest.raises(UnreadableImage, match="missing"):
            codecs.decode(bytes(head) + coded[:-lost] + b"\xff\xd9")
