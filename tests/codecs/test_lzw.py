"""LZW in TIFF: the same samples as ever, and nothing hostile reaches a decoder that believes it."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
import pytest

import support.codecs as samples
from mattekit import codecs
from mattekit.codecs import lzw
from mattekit.errors import UnreadableImage


def cmyk(stream: bytes) -> bytes:
    """A TIFF of 7 x 5 CMYK pixels in one strip of these bytes."""
    tags = [
        (256, 3, 1, 7), (257, 3, 1, 5), (258, 3, 4, 0), (259, 3, 1, 5), (262, 3, 1, 5),
        (273, 4, 1, 8), (277, 3, 1, 4), (278, 3, 1, 5), (279, 4, 1, len(stream)), (284, 3, 1, 1),
    ]  # fmt: skip
    at = 8 + len(stream) + len(stream) % 2
    depths = at + 2 + 12 * len(tags) + 4
    entries = b"".join(
        struct.pack("<HHII", tag, kind, count, value if tag != 258 else depths)
        for tag, kind, count, value in tags
    )
    head = struct.pack("<2sHI", b"II", 42, at) + stream + bytes(len(stream) % 2)
    return head + struct.pack("<H", len(tags)) + entries + bytes(4) + struct.pack("<4H", *[8] * 4)


def codes(*values: int) -> bytes:
    """Codes of nine bits, the highest bit first."""
    bits = "".join(f"{value:09b}" for value in values)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(
    "how",
    [
        {"rowsperstrip": 7},
        {"tile": (16, 32)},
        {"predictor": True, "rowsperstrip": 64},
        {"planarconfig": "separate", "rowsperstrip": 5},
        {"byteorder": ">"},
    ],
    ids=["strips", "tiles", "predictor", "planes", "big-endian"],
)
def test_samples_are_the_same_as_uncompressed(
    dtype: type, channels: int, how: dict[str, object]
) -> None:
    if channels == 1 and "planarconfig" in how:
        how = {"rowsperstrip": 5}
    rng = np.random.default_rng(5)
    shape = (37, 41) if channels == 1 else (37, 41, channels)
    values = rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    photometric = "minisblack" if channels == 1 else "rgb"
    if how.get("planarconfig") == "separate":
        values = np.ascontiguousarray(np.moveaxis(values, -1, 0))
    extra = {"extrasamples": ["unassalpha"]} if channels == 4 else {}
    plain = samples.tiff(values, photometric=photometric, **extra, **{
        name: value for name, value in how.items() if name != "predictor"
    })  # fmt: skip
    packed = samples.tiff(values, photometric=photometric, compression="lzw", **extra, **how)
    assert len(packed) != len(plain)
    one, other = codecs.decode(plain), codecs.decode(packed)
    np.testing.assert_array_equal(one.color, other.color)
    if channels == 4:
        np.testing.assert_array_equal(one.alpha, other.alpha)


@pytest.mark.parametrize("order", [1, 2])
def test_bits_may_be_in_either_order(order: int) -> None:
    data = bytes(range(200)) * 3
    stream = imagecodecs.lzw_encode(data)
    if order == 2:
        stream = imagecodecs.bitorder_encode(stream)
    assert lzw.decoded(stream, len(data), order) == data
    assert lzw.decoded(stream, 100, order) == data[:100]


@pytest.mark.parametrize(
    "stream",
    [
        codes(256, 300, 257),
        codes(256, 258, 258, 257),
        codes(256, 65, 66, 256, 259, 300, 257),
        codes(256, 511, 511, 511),
        codes(256, 65, 257),
        codes(65, 66, 67),
        b"\0",
    ],
)
def test_hostile_streams_are_refused(stream: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        lzw.decoded(stream, 140)
    with pytest.raises(UnreadableImage):
        codecs.decode(cmyk(stream))


def test_a_stream_cut_short_is_refused() -> None:
    whole = imagecodecs.lzw_encode(bytes(range(140)))
    codecs.decode(cmyk(whole))
    with pytest.raises(UnreadableImage, match="damaged"):
        codecs.decode(cmyk(whole[:60]))
