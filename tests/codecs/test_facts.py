"""Orientation and resolution: the same wherever a file states them and however it comes in."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.codecs.facts import TEXT_LIMIT, facts_of

PICTURE = make.ramp(40, 60)


def block(orientation: int = 0, dpi: tuple[int, int] | None = None, unit: int = 2) -> bytes:
    exif = Image.Exif()
    if orientation:
        exif[0x112] = orientation
    if dpi:
        exif[0x11A], exif[0x11B], exif[0x128] = dpi[0], dpi[1], unit
    return exif.tobytes()


def packet(orientation: int = 6, dpi: int = 0, *, elements: bool = False) -> bytes:
    values = {"Orientation": str(orientation)}
    if dpi:
        values |= {"XResolution": f"{dpi}/1", "YResolution": f"{dpi}/1", "ResolutionUnit": "2"}
    if elements:
        inside = "".join(f"<tiff:{k}>{v}</tiff:{k}>" for k, v in values.items())
        body = f"<rdf:Description>{inside}</rdf:Description>"
    else:
        inside = " ".join(f'tiff:{k}="{v}"' for k, v in values.items())
        body = f"<rdf:Description {inside}/>"
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>{body}</rdf:RDF></x:xmpmeta>'.encode()


def raw_profile(kind: str, content: bytes) -> bytes:
    digits = content.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return f"\n{kind}\n{len(content):8d}\n{lines}\n".encode()


def text(keyword: str, content: bytes, kind: str = "tEXt") -> tuple[bytes, bytes]:
    name = keyword.encode() + b"\0"
    if kind == "zTXt":
        return b"zTXt", name + b"\0" + zlib.compress(content)
    if kind == "iTXt":
        return b"iTXt", name + b"\0\0\0\0" + content
    if kind == "iTXt packed":
        return b"iTXt", name + b"\1\0en\0\0" + zlib.compress(content)
    return b"tEXt", name + content


def jpeg(*segments: bytes) -> bytes:
    data = make.saved(Image.fromarray(PICTURE), "JPEG")
    # Without JFIF, as cameras write it.
    data = data[:2] + data[4 + int.from_bytes(data[4:6], "big") :]
    parts = [b"\xff\xe1" + struct.pack(">H", len(each) + 2) + each for each in segments]
    return data[:2] + b"".join(parts) + data[2:]


def tiff(*tags: tuple) -> bytes:
    return make.tiff(PICTURE, photometric="rgb", extratags=list(tags))


XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0" + packet()
TURNED = {
    "png eXIf": make.png(PICTURE, (b"eXIf", block(6)[6:])),
    **{
        f"png {kind} {name}": make.png(PICTURE, text(f"Raw profile type {name}", raw, kind))
        for kind in ("tEXt", "zTXt", "iTXt", "iTXt packed")
        for name, raw in (
            ("exif", raw_profile("exif", block(6))),
            ("APP1", raw_profile("generic profile", block(6))),
            ("xmp", raw_profile("xmp", packet())),
        )
    },
    "png XMP": make.png(PICTURE, text("XML:com.adobe.xmp", packet(), "iTXt")),
    "png XMP elements": make.png(
        PICTURE, text("XML:com.adobe.xmp", packet(elements=True), "iTXt packed")
    ),
    "palette png XMP": make.saved(Image.fromarray(PICTURE).quantize(9), "PNG", exif=block(6)),
    "jpeg EXIF": jpeg(block(6)),
    "jpeg XMP": jpeg(XMP_SEGMENT),
    "jpeg EXIF says nothing, XMP": jpeg(block(0, (72, 72)), XMP_SEGMENT),
    "jpeg cmyk": make.saved(
        Image.fromarray(PICTURE).convert("CMYK"), "JPEG", xmp=packet(), subsampling=0
    ),
    "webp EXIF": make.saved(Image.fromarray(PICTURE), "WEBP", exif=block(6), lossless=True),
    "webp XMP": make.saved(Image.fromarray(PICTURE), "WEBP", xmp=packet(), lossless=True),
    "tiff": tiff((274, 3, 1, 6, True)),
    "tiff XMP": tiff((700, 1, len(packet()), packet(), True)),
    "avif EXIF": make.saved(Image.fromarray(PICTURE), "AVIF", exif=block(6)),
}


@pytest.mark.parametrize("name", sorted(TURNED))
def test_orientation_is_found_everywhere(name: str, tmp_path: Path) -> None:
    data = TURNED[name]
    path = tmp_path / "picture"
    path.write_bytes(data)
    by_path = codecs.decode(path)
    with Image.open(io.BytesIO(data)) as image:
        by_pillow = codecs.decode(image)
    assert by_path.size == by_pillow.size == (40, 60)
    difference = np.abs(by_path.color.astype(int) - by_pillow.color).max()
    assert difference <= (0 if "jpeg" not in name and "avif" not in name else 4)


RESOLUTIONS = {
    "jpeg EXIF": jpeg(block(0, (240, 300))),
    "jpeg EXIF in centimetres": jpeg(block(0, (100, 120), 3)),
    "jpeg XMP": jpeg(b"http://ns.adobe.com/xap/1.0/\0" + packet(1, 240)),
    "png EXIF": make.png(PICTURE, (b"eXIf", block(0, (240, 300))[6:])),
    "png raw profile": make.png(
        PICTURE, text("Raw profile type exif", raw_profile("exif", block(0, (240, 300))))
    ),
    "webp EXIF": make.saved(Image.fromarray(PICTURE), "WEBP", exif=block(0, (240, 300))),
    "tiff": make.saved(Image.fromarray(PICTURE), "TIFF", dpi=(240, 300)),
}


@pytest.mark.parametrize("name", sorted(RESOLUTIONS))
def test_resolution_is_found_everywhere(name: str) -> None:
    data = RESOLUTIONS[name]
    expected = {"jpeg EXIF in centimetres": (254.0, 304.8), "jpeg XMP": (240.0, 240.0)}
    wanted = expected.get(name, (240.0, 300.0))
    assert codecs.decode(data).metadata.dpi == pytest.approx(wanted, abs=0.01)
    with Image.open(io.BytesIO(data)) as image:
        assert codecs.decode(image).metadata.dpi == pytest.approx(wanted, abs=0.01)


def test_which_statement_holds() -> None:
    exif, packed, xmp = block(3, (100, 100)), block(8, (200, 200)), packet(6, 300)
    texts = {"Raw profile type exif": raw_profile("exif", packed)}
    assert facts_of([exif], xmp, texts=texts)[:2] == (3, (100, 100))
    assert facts_of([None], xmp, texts=texts)[:2] == (8, (200, 200))
    assert facts_of([None], xmp)[:2] == (6, (300, 300))
    assert facts_of([exif], xmp, dpi=(72.0, 72.0))[:2] == (3, (72, 72))
    assert facts_of([block(77)], xmp).orientation == 6  # what is not valid states nothing
    assert facts_of([b"nonsense"], packet(9)).orientation == 1
    assert facts_of()[:] == (1, None, None)


@pytest.mark.parametrize(
    "content",
    [b"", b"\nexif\n", b"\nexif\n  8\nxyz\n", b"\nexif\n  8\nabc\n", b"0" * 1000],
    ids=["empty", "short", "no digits", "odd", "no lines"],
)
def test_broken_texts_state_nothing(content: bytes) -> None:
    data = make.png(PICTURE, text("Raw profile type exif", content))
    assert codecs.decode(data).size == (60, 40)


def test_texts_are_not_unpacked_beyond_their_limit() -> None:
    long = packet().replace(b"<rdf:RDF>", b" " * (TEXT_LIMIT + 1) + b"<rdf:RDF>")
    for kind in ("iTXt packed", "zTXt"):
        data = make.png(PICTURE, text("XML:com.adobe.xmp", long, kind))
        assert codecs.decode(data).size == (60, 40)
