"""PGM, PPM and PAM, read and written."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit import Cutout, Photo, codecs, threads
from mattekit.codecs.coders import netpbm
from mattekit.errors import (
    UnreadableImage,
)
from support.decoding import check_contract, stacked
from support.uncompressed import ALPHA, COLOR


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("maximum", [255, 65535, 100, 1023])
def test_pam(channels: int, maximum: int) -> None:
    full = 255 if maximum < 256 else 65535
    kind = np.uint8 if maximum < 256 else np.dtype(">u2")
    picture = np.random.default_rng(0).integers(0, maximum + 1, (6, 7, channels)).astype(kind)
    name = {1: "GRAYSCALE", 2: "GRAYSCALE_ALPHA", 3: "RGB", 4: "RGB_ALPHA"}[channels]
    head = f"P7\nWIDTH 7\nHEIGHT 6\nDEPTH {channels}\nMAXVAL {maximum}\nTUPLTYPE {name}\nENDHDR\n"
    photo = codecs.decode(head.encode() + picture.tobytes())
    check_contract(photo)
    scaled = np.floor(picture.astype(float) * full / maximum + 0.5)
    expected = scaled[..., :3] if channels > 2 else stacked(scaled[..., 0])
    np.testing.assert_array_equal(photo.color, expected)
    if channels in {2, 4}:
        np.testing.assert_array_equal(photo.alpha, scaled[..., -1])


def test_ppm_with_comments() -> None:
    photo = codecs.decode(b"P6\n# a comment\n2 1 # another\n255\n" + bytes([1, 2, 3, 4, 5, 6]))
    assert photo.color.tolist() == [[[1, 2, 3], [4, 5, 6]]]


@pytest.mark.parametrize("field", ["WIDTH", "HEIGHT", "DEPTH", "MAXVAL"])
@pytest.mark.parametrize("number", ["-1", "+1", "1_0", "", "1.0", "\N{FULLWIDTH DIGIT ONE}"])
def test_pam_numbers_are_digits(field: str, number: str) -> None:
    facts = {"WIDTH": "1", "HEIGHT": "1", "DEPTH": "1", "MAXVAL": "255", field: number}
    head = "P7\n" + "".join(f"{name} {value}\n" for name, value in facts.items()) + "ENDHDR\n"
    with pytest.raises(UnreadableImage, match="the PAM header is broken"):
        codecs.decode(head.encode() + bytes(20))


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_uncompressed_files_hold_every_bit(kind: type[np.unsignedinteger]) -> None:
    color, alpha = (
        part.astype(kind) * (257 if kind is np.uint16 else 1) for part in (COLOR, ALPHA)
    )
    cutout = Cutout(color, alpha)
    photo = codecs.decode(netpbm.write_pam(cutout))
    np.testing.assert_array_equal(photo.alpha, alpha)
    np.testing.assert_array_equal(photo.color, np.where(alpha[..., None] > 0, color, 0))
    np.testing.assert_array_equal(codecs.decode(netpbm.write_pgm(cutout)).color[..., 1], alpha)
    assert codecs.decode(netpbm.write_pam(Photo(color))).alpha is None


@pytest.mark.parametrize(("kind", "media_type"), [("pam", "arbitrarymap"), ("pgm", "graymap")])
def test_what_is_written_is_read_again(kind: str, media_type: str) -> None:
    cutout = Cutout(COLOR, ALPHA)
    data, found = netpbm.write_as(cutout, kind)
    assert found == f"image/x-portable-{media_type}"
    photo = codecs.decode(data)
    alpha = photo.alpha if kind == "pam" else photo.color[..., 0]
    np.testing.assert_array_equal(alpha, ALPHA)
    assert kind in netpbm.KINDS


@pytest.mark.parametrize("kind", ["<u1", "<u2"])
def test_krita_s_order_of_samples_holds_every_bit(kind: str) -> None:
    scale = 257 if kind == "<u2" else 1
    color, alpha = (part.astype(kind) * np.dtype(kind).type(scale) for part in (COLOR, ALPHA))
    data = bytes(netpbm.write_bgra(Cutout(color, alpha)))
    assert b"TUPLTYPE BGR_ALPHA\n" in data
    bgra = np.frombuffer(data[data.index(b"ENDHDR\n") + 7 :], kind).reshape(*ALPHA.shape, 4)
    expected = np.where(alpha[..., None] > 0, color, 0)
    np.testing.assert_array_equal(bgra[..., [2, 1, 0]], expected)
    np.testing.assert_array_equal(bgra[..., 3], alpha)
    photo = codecs.decode(data)
    check_contract(photo)
    np.testing.assert_array_equal(photo.color, expected)
    np.testing.assert_array_equal(photo.alpha, alpha)
    opaque = codecs.decode(netpbm.write_bgra(Photo(color)))
    assert opaque.alpha is None
    np.testing.assert_array_equal(opaque.color, color)


@pytest.mark.parametrize("write", [netpbm.write_pam, netpbm.write_bgra])
@pytest.mark.parametrize("count", [1, 3])
def test_hidden_colors_are_kept_where_asked_for(write, count: int, monkeypatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: count)
    rng = np.random.default_rng(0)
    color, alpha = rng.integers(0, 256, (900, 700, 3), np.uint8), np.zeros((900, 700), np.uint8)
    alpha[5:600, 9:500] = rng.integers(0, 256, (595, 491), np.uint8)
    kept = codecs.decode(write(Cutout(color, alpha), keep_color=True))
    np.testing.assert_array_equal(kept.color, color)
    np.testing.assert_array_equal(kept.alpha, alpha)
    black = codecs.decode(write(Cutout(color, alpha)))
    np.testing.assert_array_equal(black.color, np.where(alpha[..., None] > 0, color, 0))
    np.testing.assert_array_equal(black.alpha, alpha)


def test_krita_s_order_is_of_8_or_16_bits() -> None:
    head = b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 1023\nTUPLTYPE BGR_ALPHA\nENDHDR\n"
    with pytest.raises(UnreadableImage, match="of type BGR_ALPHA up to 1023"):
        codecs.decode(head + bytes(8))
