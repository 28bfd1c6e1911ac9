"""What fuzzing starts from: small valid inputs of every kind, made by other people's writers."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image, features

import support.codecs as samples

W, H = 7, 5


def _image(mode: str) -> Image.Image:
    made = Image.fromarray(samples.ramp(H, W, 4)).convert("RGBA")
    return made.convert(mode)


def _saved(format_: str, modes: str, **how: Any) -> Iterator[bytes]:
    for mode in modes.split():
        yield samples.saved(_image(mode), format_, **how)


def jpg() -> Iterator[bytes]:
    """Baseline and progressive, grey and CMYK, with EXIF and a profile."""
    yield from _saved("JPEG", "RGB L CMYK", quality=60)
    yield from _saved("JPEG", "RGB", progressive=True, exif=b"Exif\0\0" + samples.exif_block(6))
    yield from _saved("JPEG", "RGB", icc_profile=samples.SRGB, dpi=(72, 72))


def png() -> Iterator[bytes]:
    """Every colour type, two depths, interlaced, with the chunks that are read."""
    yield from _saved("PNG", "1 L LA P RGB RGBA")
    for channels in (1, 3, 4):
        yield samples.png(samples.ramp(H, W, channels, np.uint16), interlaced=channels == 3)
    profile = b"p\0\0" + zlib.compress(samples.SRGB)
    density = (3000).to_bytes(4, "big") * 2 + b"\1"
    yield samples.png(
        samples.ramp(H, W, 3),
        (b"iCCP", profile),
        (b"pHYs", density),
        (b"eXIf", samples.exif_block(8)),
    )
    yield samples.png(samples.ramp(H, W, 3), (b"tRNS", bytes(6)), (b"gAMA", bytes(4)))
    frames = [_image("RGBA"), _image("RGBA").rotate(90)]
    yield samples.saved(frames[0], "PNG", save_all=True, append_images=frames[1:])


def webp() -> Iterator[bytes]:
    """Lossy and lossless, with alpha, metadata and frames."""
    yield from _saved("WEBP", "RGB RGBA", quality=40)
    yield from _saved("WEBP", "RGB RGBA", lossless=True)
    yield from _saved("WEBP", "RGB", icc_profile=samples.SRGB[:128], exif=samples.exif_block(3))
    yield samples.saved(
        _image("RGBA"), "WEBP", save_all=True, append_images=[_image("RGBA").rotate(180)]
    )


def tiff() -> Iterator[bytes]:
    """Depths, compressions, tiles, planes, byte orders, pages, BigTIFF."""
    for channels in (1, 3, 4):
        for dtype in (np.uint8, np.uint16):
            yield samples.tiff(samples.ramp(H, W, channels, dtype))
    deep = samples.ramp(16, 16, 3, np.uint16)
    for how in (
        {"compression": "lzw"},
        {"compression": "zlib", "predictor": True},
        {"compression": "packbits"},
        {"tile": (16, 16)},
        {"byteorder": ">"},
        {"bigtiff": True},
        {"photometric": "rgb", "planarconfig": "separate"},
        {"iccprofile": samples.SRGB[:200]},
        {"resolution": (300, 300)},
    ):
        data = np.moveaxis(deep, -1, 0) if "planarconfig" in how else deep
        yield samples.tiff(np.ascontiguousarray(data), **how)
    yield samples.tiff(np.stack([samples.ramp(H, W, 3)] * 2), photometric="rgb")
    for mode, compression in (
        ("1", "group4"),
        ("P", None),
        ("CMYK", "tiff_lzw"),
        ("LAB", None),
        ("YCbCr", "jpeg"),
    ):
        how = {} if compression is None else {"compression": compression}
        source = _image("RGB").convert(mode) if mode != "LAB" else Image.new("LAB", (W, H))
        yield samples.saved(source, "TIFF", **how)


def gif() -> Iterator[bytes]:
    """Still, transparent, several frames."""
    yield from _saved("GIF", "P L RGBA")
    yield samples.saved(
        _image("P"), "GIF", save_all=True, append_images=[_image("P").rotate(90)], duration=20
    )


def bmp() -> Iterator[bytes]:
    """Each depth; RLE by hand, since Pillow writes none."""
    yield from _saved("BMP", "1 L P RGB RGBA")
    head = b"BM" + (54 + 8 + 8).to_bytes(4, "little") + bytes(4) + (62).to_bytes(4, "little")
    head += (40).to_bytes(4, "little") + (4).to_bytes(4, "little") * 2
    head += b"\1\0\x08\0" + (1).to_bytes(4, "little") + bytes(12) + (2).to_bytes(4, "little")
    yield head + bytes(4) + bytes(8) + b"\4\1\0\0\0\4\1\0\1\1\0\0\2\0\0\1"


def avif() -> Iterator[bytes]:
    """With and without alpha, where this Pillow can."""
    if features.check("avif"):
        yield from _saved("AVIF", "RGB RGBA L", quality=30, speed=10)


def netpbm() -> Iterator[bytes]:
    """Binary, text, deep and PAM."""
    yield b"P5\n3 2\n255\n" + bytes(range(6))
    yield b"P6\n# a comment\n2 1\n65535\n" + bytes(range(12))
    yield b"P6 1 1 7\n\1\2\3"
    yield b"P2\n2 2\n15\n1 2 3 15\n"
    yield b"P3\n1 1\n255\n1 2 3\n"
    yield b"P1\n2 2\n1 0 0 1\n"
    yield b"P4\n9 2\n" + bytes(4)
    for depth, kind in enumerate(("GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA"), 1):
        head = f"P7\nWIDTH 2\nHEIGHT 2\nDEPTH {depth}\nMAXVAL 255\nTUPLTYPE {kind}\nENDHDR\n"
        yield head.encode() + bytes(4 * depth)


def pfm() -> Iterator[bytes]:
    """Grey and colour, both byte orders."""
    yield b"Pf\n2 2\n-1.0\n" + np.array([0, 0.5, 1, 2], "<f4").tobytes()
    yield b"PF 1 1 1\n" + np.array([0, 0.25, 1], ">f4").tobytes()


def jp2() -> Iterator[bytes]:
    """The container and the bare stream."""
    if features.check("jpg_2000"):
        yield from _saved("JPEG2000", "L LA RGB RGBA")
        yield from _saved("JPEG2000", "RGB", no_jp2=True)


def psd() -> Iterator[bytes]:
    """Our own, flattened and in layers."""
    yield from own("psd")
    head = b"8BPS\0\1" + bytes(6)
    for channels, depth, mode in ((3, 8, 3), (1, 8, 1), (4, 8, 4), (1, 1, 0), (3, 16, 3)):
        size = channels.to_bytes(2, "big") + (2).to_bytes(4, "big") * 2
        size += depth.to_bytes(2, "big") + mode.to_bytes(2, "big")
        yield head + size + bytes(12) + bytes(2) + bytes(4 * channels * max(1, depth // 8))


def ico() -> Iterator[bytes]:
    """PNG and bitmap inside."""
    yield samples.saved(_image("RGBA").resize((16, 16)), "ICO", sizes=[(16, 16)])
    yield samples.saved(
        _image("RGBA").resize((16, 16)), "ICO", sizes=[(16, 16)], bitmap_format="bmp"
    )


def qoi() -> Iterator[bytes]:
    """Three and four channels."""
    for channels in (3, 4):
        head = b"qoif" + (2).to_bytes(4, "big") * 2 + bytes([channels, 0])
        yield head + b"\xfe\1\2\3\xff\1\2\3\4\x55\xa0\x88\xc1" + bytes(7) + b"\1"


def others() -> Iterator[bytes]:
    """Everything else that Pillow decodes and writes."""
    for format_, modes in (
        ("DDS", "RGB RGBA"),
        ("DIB", "RGB"),
        ("IM", "L RGB P"),
        ("MSP", "1"),
        ("PCX", "1 L P RGB"),
        ("PPM", "RGB"),
        ("SGI", "L RGB RGBA"),
        ("SPIDER", "F"),
        ("TGA", "L P RGB RGBA"),
        ("XBM", "1"),
        ("BLP", "P"),
    ):
        yield from _saved(format_, modes)
    yield samples.saved(_image("RGB"), "TGA", compression="tga_rle")
    icon = samples.saved(_image("RGBA").resize((128, 128)), "PNG")
    block = b"ic07" + (8 + len(icon)).to_bytes(4, "big") + icon
    yield b"icns" + (8 + len(block)).to_bytes(4, "big") + block
    yield b"\x59\xa6\x6a\x95" + b"".join(n.to_bytes(4, "big") for n in (2, 2, 24, 12, 1, 0, 0))
    yield b'/* XPM */\nstatic char *x[] = {\n"2 1 2 1",\n"a c #ff0000",\n"b c None",\n"ab"};\n'
    card = "SIMPLE  =                    T"
    words = ("BITPIX  =                    8", "NAXIS   =                    2")
    sides = ("NAXIS1  =                    2", "NAXIS2  =                    2", "END")
    cards = "".join(f"{each:80}" for each in (card, *words, *sides))
    yield f"{cards:2880}".encode() + bytes(4).ljust(2880, b"\0")


def own(format_: str) -> Iterator[bytes]:
    """What mattekit itself writes."""
    from mattekit import codecs
    from mattekit.cutout import Cutout
    from mattekit.options import Options
    from mattekit.picture import Metadata

    for dtype in (np.uint8, np.uint16):
        picture = samples.ramp(H, W, 4, dtype)
        cutout = Cutout(picture[..., :3].copy(), picture[..., 3].copy(), Metadata())
        yield codecs.encode(cutout, Options(format=format_)).data


def zips() -> Iterator[bytes]:
    """The API's ZIP, stored and deflated, with strangers in it."""
    yield from own("zip")
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            archive.writestr("color.jpg", samples.saved(_image("RGB"), "JPEG"))
            archive.writestr("alpha.png", samples.saved(_image("L"), "PNG"))
            archive.writestr("other.txt", "other")
        yield file.getvalue()


def exif() -> Iterator[bytes]:
    """Blocks with and without a thumbnail and GPS; packets and packed texts that state the same."""
    yield b"\nexif\n  %d\n%s\n" % (26, samples.exif_block(6)[:26].hex().encode())
    yield (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6" '
        b'tiff:XResolution="300/1" tiff:YResolution="300/1" tiff:ResolutionUnit="2"/></x:xmpmeta>'
    )
    for orientation in (None, 1, 6, 9):
        yield samples.exif_block(orientation)
    yield samples.exif_block(6, samples.saved(_image("RGB"), "JPEG"))
    made = Image.Exif()
    made[0x8825] = {1: "N", 2: (1.0, 2.0, 3.0)}
    made[0x010E] = "a description"
    yield made.tobytes()[6:]
    yield samples.tiff(samples.ramp(H, W, 3), description="a description")
