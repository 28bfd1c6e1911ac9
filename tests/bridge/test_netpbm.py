"""PPM and PAM, as a host's own Python reads and writes them."""

from __future__ import annotations

import pytest

import mattekit_bridge as bridge
from mattekit_bridge import netpbm


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("maximum", [255, 65535])
def test_pictures_come_back_as_they_went(channels: int, maximum: int) -> None:
    count = 5 * 3 * channels * (1 if maximum == 255 else 2)
    picture = bridge.Picture(5, 3, channels, maximum, bytes(range(count)))
    assert netpbm.read(netpbm.header(picture) + picture.samples) == picture


@pytest.mark.parametrize("maximum", [255, 65535])
def test_the_order_of_samples_comes_back_as_it_went(maximum: int) -> None:
    count = 5 * 3 * 4 * (1 if maximum == 255 else 2)
    picture = bridge.Picture(5, 3, 4, maximum, bytes(range(count)), bgra=True)
    data = netpbm.header(picture) + picture.samples
    assert netpbm.read(data) == picture
    assert not netpbm.read(data.replace(b"BGR_", b"RGB_")).bgra


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"P6 1 1 255 abc", b"P5 2 2 255 abc", b"P7\nWIDTH 1\nENDHDR\n", b"P7\nWIDTH 1\n"),
        *(b"P5 0 2 255 abc", b"P5 1 1 0 a", b"P5 1 1 99999 abc"),
        *(
            b"P7\nWIDTH %b\nHEIGHT %b\nDEPTH %b\nMAXVAL %b\nENDHDR\nabcdefghijklmnop" % each
            for each in (
                *(
                    (b"1", b"-1", b"3", b"255"),
                    (b"0", b"1", b"3", b"255"),
                    (b"1_0", b"1", b"1", b"9"),
                ),
                *(
                    (b"1", b"1", b"9", b"255"),
                    (b"1", b"1", b"0", b"255"),
                    (b"+1", b"1", b"1", b"9"),
                ),
                *((b"1", b"1", b"1", b"0"), (b"1", b"1", b"1", b"65536"), (b"", b"1", b"1", b"9")),
            )
        ),
    ],
)
def test_pictures_that_are_none(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        netpbm.read(data)


def test_samples_must_fit() -> None:
    with pytest.raises(ValueError, match="expected 12 bytes"):
        netpbm.header(bridge.Picture(2, 2, 3, 255, bytes(11)))
