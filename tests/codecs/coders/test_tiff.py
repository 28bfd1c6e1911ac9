"""CMYK, Lab, palettes and odd layouts of TIFF; what has no meaning is refused by name."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

import support.codecs as make
from mattekit import codecs
from mattekit.errors import InputError, InvalidFileType, UnreadableImage
from support.helpers import assert_images_close
from support.tiers import tiered

CMYK = make.ramp(41, 50, 4)
LAB = np.random.default_rng(1).integers((90, 108, 108), (200, 148, 148), (41, 50, 3))
LAB = LAB.astype(np.uint8)
ALPHA = make.ramp(41, 50, 1)[:, ::-1].copy()
NAIVE = np.asarray(Image.fromarray(CMYK, "CMYK").convert("RGB"))
CMYK_PROFILE = Path("/usr/share/color/icc/ghostscript/default_cmyk.icc")

LAYOUTS: dict[str, dict[str, Any]] = {
    "chunky": {},
    "planar": {"planarconfig": "separate"},
    "chunky deflate": {"compression": "zlib", "predictor": True},
    "planar deflate": {"planarconfig": "separate", "compression": "zlib"},
    "lzw strips": {"compression": "lzw", "rowsperstrip": 7},
    "tiles": {"tile": (16, 32)},
    "planar tiles": {"tile": (16, 32), "planarconfig": "separate"},
    "big-endian": {"byteorder": ">"},
    "bigtiff": {"bigtiff": True},
}


def written(samples: np.ndarray, alpha: np.ndarray | None, layout: str, **how: Any) -> bytes:
    settings = LAYOUTS[layout] | how
    if alpha is not None:
        samples = np.dstack([samples, alpha])
        settings.setdefault("extrasamples", ["unassalpha"])
    if settings.get("planarconfig") == "separate":
        samples = np.moveaxis(samples, -1, 0)
    else:
        settings["planarconfig"] = "contig"
    return make.tiff(np.ascontiguousarray(samples), **settings)


def deepened(samples: np.ndarray, dtype: type) -> np.ndarray:
    return samples.astype(dtype) * dtype(1 if dtype is np.uint8 else 257)


@pytest.mark.parametrize("with_alpha", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_cmyk(layout: str, dtype: type, with_alpha: bool) -> None:
    alpha = deepened(ALPHA, dtype) if with_alpha else None
    photo = codecs.decode(written(deepened(CMYK, dtype), alpha, layout, photometric="separated"))
    assert photo.color.dtype == dtype
    scale = 1 if dtype is np.uint8 else 257
    assert_images_close(photo.color / scale, NAIVE, 0.6)
    if alpha is None:
        assert photo.alpha is None
    else:
        np.testing.assert_array_equal(photo.alpha, alpha)
    assert photo.metadata.icc_profile is None


@pytest.mark.skipif(not CMYK_PROFILE.exists(), reason="no CMYK profile on this machine")
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("layout", ["chunky", "planar"])
def test_cmyk_goes_through_its_profile_at_depth(layout: str, dtype: type) -> None:
    profile = CMYK_PROFILE.read_bytes()
    data = written(
        deepened(CMYK, dtype),
        deepened(ALPHA, dtype),
        layout,
        photometric="separated",
        iccprofile=profile,
    )
    photo = codecs.decode(data)
    expected = ImageCms.profileToProfile(
        Image.fromarray(CMYK, "CMYK"),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    scale = 1 if dtype is np.uint8 else 257
    assert_images_close(photo.color / scale, np.asarray(expected), 2)
    assert photo.alpha is not None


@pytest.mark.parametrize("with_alpha", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_lab(layout: str, dtype: type, with_alpha: bool) -> None:
    signed = LAB.copy()
    signed[..., 1:] ^= 0x80
    if dtype is np.uint8:
        stored = signed
    else:
        # L* over the whole range; a* and b* in 256 steps to the unit.
        stored = signed.astype(np.uint16) << 8
        stored[..., 0] = LAB[..., 0].astype(np.uint16) * 257
    alpha = deepened(ALPHA, dtype) if with_alpha else None
    photo = codecs.decode(written(stored, alpha, layout, photometric="cielab"))
    # Pillow keeps Lab in memory as Little CMS has it, and takes it apart from bytes as TIFF has it.
    expected = ImageCms.profileToProfile(
        Image.frombytes("LAB", (50, 41), signed.tobytes()),
        ImageCms.createProfile("LAB"),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert photo.color.dtype == dtype
    scale = 1 if dtype is np.uint8 else 257
    # Little CMS looks 8 bits up in a coarse table, and 16 in some versions: what it makes of single
    # colours is held to their formula in test_color.
    assert_images_close(photo.color / scale, np.asarray(expected), 12, mean=0.5)
    if alpha is None:
        assert photo.alpha is None
    else:
        np.testing.assert_array_equal(photo.alpha, alpha)


@pytest.mark.parametrize("bits", [8, 16])
def test_lab_as_icc_has_it(bits: int) -> None:
    # Photometric interpretation 9: a* and b* with an offset; 16 bits as ICC profiles of version 2.
    stored = LAB if bits == 8 else LAB.astype(np.uint16) << 8
    if bits == 16:
        stored[..., 0] = np.round(LAB[..., 0] * (65280 / 255))
    photo = codecs.decode(make.packed_tiff(stored, bits, 9))
    signed = LAB.copy()
    signed[..., 1:] ^= 0x80
    plain = codecs.decode(make.packed_tiff(signed, 8, 8))
    assert_images_close(photo.color / (1 if bits == 8 else 257), plain.color, 12, mean=0.5)


def test_lab_of_pillow_is_that_of_the_file() -> None:
    signed = LAB.copy()
    signed[..., 1:] ^= 0x80
    data = written(signed, None, "chunky", photometric="cielab")
    by_pillow = codecs.decode(Image.open(io.BytesIO(data)))
    np.testing.assert_array_equal(by_pillow.color, codecs.decode(data).color)


@pytest.mark.parametrize("bits", [8, 16])
def test_premultiplied_cmyk_becomes_straight(bits: int) -> None:
    dtype = np.uint8 if bits == 8 else np.uint16
    half = np.full((8, 9), np.iinfo(dtype).max // 2, dtype)
    ink = np.zeros((8, 9, 4), dtype)
    ink[..., 1] = half  # all of magenta, times one half
    data = written(ink, half, "chunky", photometric="separated", extrasamples=["assocalpha"])
    photo = codecs.decode(data)
    np.testing.assert_array_equal(photo.alpha, half)
    assert photo.color[0, 0].tolist() == [np.iinfo(dtype).max, 0, np.iinfo(dtype).max]


def test_spot_colours_are_no_alpha() -> None:
    data = written(CMYK, ALPHA, "chunky", photometric="separated", extrasamples=["unspecified"])
    photo = codecs.decode(data)
    assert photo.alpha is None
    assert_images_close(photo.color, NAIVE, 0)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("stored", ["16 bits", "8 bits"])
def test_palettes(bits: int, stored: str) -> None:
    count = 1 << bits
    colors = np.random.default_rng(2).integers(0, 256, (count, 3))
    colors[0] = 255  # so that the table shows how it is stored
    indices = np.arange(16 * 20).reshape(16, 20) % count
    table = (colors * (257 if stored == "16 bits" else 1)).astype(">u2").T.tobytes()
    data = make.packed_tiff(indices, bits, 3, (320, 3, table))
    np.testing.assert_array_equal(codecs.decode(data).color, colors[indices])


def test_palette_with_alpha() -> None:
    table = (np.arange(256) * 257).astype(">u2").tobytes() * 3
    samples = np.dstack([ALPHA, ALPHA[::-1]])
    photo = codecs.decode(make.packed_tiff(samples, 8, 3, (320, 3, table), (338, 3, b"\0\2")))
    np.testing.assert_array_equal(photo.color[..., 1], ALPHA)
    np.testing.assert_array_equal(photo.alpha, ALPHA[::-1])


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt", "packbits", None])
def test_faxes(compression: str | None) -> None:
    # Not every imagecodecs knows these; libtiff, through Pillow, does.
    image = Image.fromarray(((np.indices((60, 83)).sum(0) % 13 < 5) * 255).astype(np.uint8))
    data = make.saved(image.convert("1"), "TIFF", compression=compression)
    photo = codecs.decode(data)
    np.testing.assert_array_equal(photo.color[..., 0], np.asarray(image))


@pytest.mark.parametrize(
    ("mode", "compression"),
    [
        *((mode, how) for mode in ("RGB", "L", "CMYK") for how in (None, "jpeg", "tiff_lzw")),
        ("YCbCr", "jpeg"),  # some versions of Pillow write others too short
    ],
)
def test_equals_pillow(mode: str, compression: str | None) -> None:
    image = Image.fromarray(make.ramp(40, 56)).convert(mode)
    data = make.saved(image, "TIFF", compression=compression)
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    assert_images_close(codecs.decode(data).color, expected, 1)


#: Complete files, and what the refusal must name.
REFUSED: dict[str, tuple[bytes, str]] = {
    "float16": (make.tiff(np.ones((5, 6), np.float16)), "16-bit floating"),
    "float32": (make.tiff(np.ones((5, 6), np.float32)), "32-bit floating"),
    "float64": (make.tiff(np.ones((5, 6))), "64-bit floating"),
    "signed": (make.tiff(np.ones((5, 6), np.int16)), "16-bit signed"),
    "complex": (make.tiff(np.ones((5, 6), np.complex64)), "64-bit complex"),
    "64 bits": (make.tiff(np.ones((5, 6), np.uint64)), "64-bit integers"),
    "24 bits": (make.packed_tiff(LAB[..., 0], 24), "24-bit integers"),
    "RGB 565": (
        make.packed_tiff(LAB, 8, 2, (258, 3, struct.pack(">3H", 5, 6, 5))),
        "different depths",
    ),
    "YCbCr 16": (make.packed_tiff(LAB, 16, 6), "16-bit YCbCr"),
    "YCbCr + alpha": (make.packed_tiff(CMYK, 8, 6, (338, 3, b"\0\2")), "YCbCr"),
    "YCbCr in planes": (
        make.tiff(np.moveaxis(LAB, -1, 0), photometric="ycbcr", planarconfig="separate"),
        "YCbCr in planes",
    ),
    "ITU Lab": (make.packed_tiff(LAB, 8, 10), "ITU Lab"),
    "Lab 12": (make.packed_tiff(LAB, 12, 8), "12-bit Lab"),
    "LogL": (make.packed_tiff(LAB[..., 0], 16, 32844), "LogL"),
    "LogLuv": (make.packed_tiff(LAB, 16, 32845), "LogLuv"),
    "unknown space": (make.packed_tiff(LAB, 8, 999), "999"),
    "six inks": (
        make.packed_tiff(np.dstack([CMYK, CMYK[..., :2]]), 8, 5, (334, 3, b"\0\6")),
        "6 inks",
    ),
    "inks that are not CMYK": (make.packed_tiff(CMYK, 8, 5, (332, 3, b"\0\2")), "inks"),
    "many channels": (make.packed_tiff(np.zeros((5, 6, 40), np.uint8), 8), "40 channels"),
    "slices": (make.packed_tiff(LAB, 8, 2, (32997, 4, struct.pack(">I", 3))), "3 slices"),
    "unknown compression": (make.packed_tiff(LAB, 8, 2, (259, 3, struct.pack(">H", 777))), "777"),
    "premultiplied Lab": (make.packed_tiff(CMYK, 8, 8, (338, 3, b"\0\1")), "premultiplied Lab"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_complete_is_refused_by_name(name: str) -> None:
    data, named = REFUSED[name]
    with pytest.raises(InvalidFileType, match=named) as caught:
        codecs.decode(data)
    assert "complete" not in str(caught.value)


# -- files that lie ----------------------------------------------------------------------------

LYING: dict[str, tuple[bytes, str]] = {
    "too few channels": (make.packed_tiff(LAB, 8, 5), "3 of 4 channels"),
    "no palette": (make.packed_tiff(LAB[..., 0], 8, 3), "palette"),
    "palette too short": (make.packed_tiff(LAB[..., 0], 8, 3, (320, 3, bytes(60))), "palette"),
    "strip never written": (make.packed_tiff(LAB, 8, 2, (279, 4, bytes(4))), "never written"),
    "one strip for three planes": (
        make.packed_tiff(LAB, 8, 2, (284, 3, b"\0\2")),
        "never written",
    ),
    "one strip for two": (
        make.packed_tiff(LAB, 8, 2, (278, 4, struct.pack(">I", 21))),
        "never written",
    ),
    "one length for two strips": (
        make.packed_tiff(
            LAB, 8, 2, (278, 4, struct.pack(">I", 21)), (273, 4, bytes([0, 0, 0, 8] * 2))
        ),
        "read",
    ),
    "huge tiles": (
        make.packed_tiff(
            LAB,
            8,
            2,
            (322, 4, struct.pack(">I", 1 << 20)),
            (323, 4, struct.pack(">I", 1 << 20)),
            (324, 4, struct.pack(">I", 8)),
            (325, 4, struct.pack(">I", 99)),
        ),
        "tiles",
    ),
    "tiles of one pixel": (
        make.packed_tiff(
            np.zeros((300, 300), np.uint8),
            8,
            1,
            (322, 4, struct.pack(">I", 1)),
            (323, 4, struct.pack(">I", 1)),
            (324, 4, struct.pack(">I", 8) * 90_000),
            (325, 4, struct.pack(">I", 1) * 90_000),
        ),
        "pieces",
    ),
}


@pytest.mark.parametrize("name", LYING)
def test_what_is_broken_says_so(name: str) -> None:
    data, reason = LYING[name]
    with pytest.raises(UnreadableImage, match=reason):
        codecs.decode(data)


@pytest.mark.parametrize("name", tiered(["CMYK", "Lab 16", "gray 32", "palette"], {"CMYK"}))
def test_every_length_gives_a_picture_or_an_input_error(name: str) -> None:
    data = {
        "CMYK": written(CMYK, ALPHA, "planar deflate", photometric="separated"),
        "Lab 16": written(deepened(LAB, np.uint16), None, "tiles", photometric="cielab"),
        "gray 32": make.tiff(CMYK[..., 0].astype(np.uint32), compression="lzw"),
        "palette": make.saved(Image.fromarray(LAB).quantize(16), "TIFF", compression="packbits"),
    }[name]
    for end in {*range(0, 600, 3), *range(0, len(data), 97)}:
        try:
            codecs.decode(data[:end])
        except InputError:
            continue
