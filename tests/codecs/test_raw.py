"""Camera raw is refused by name, however it comes in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.codecs.raw import raw_kind
from mattekit.errors import InvalidFileType

PREVIEW = make.ramp(12, 16)
SENSOR = make.ramp(48, 64, 1, np.uint16) >> 4
CFA = 32803
PATTERN = [(33421, 3, 2, (2, 2), True), (33422, 1, 4, (0, 1, 1, 2), True)]


def with_preview(maker: str, sensor: dict[str, Any], *tags: tuple[Any, ...]) -> bytes:
    """As cameras write it: a preview, and the sensor's samples in a directory below."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        first = [(271, 2, 0, maker, True), *tags]
        writer.write(
            PREVIEW, photometric="rgb", subfiletype=1, subifds=1, extratags=first, metadata=None
        )
        samples = SENSOR if "linear" not in str(sensor) else np.dstack([SENSOR] * 3)
        writer.write(samples, metadata=None, **sensor)
    return file.getvalue()


def patched(data: bytes, tag: int, value: int) -> bytes:
    """The last entry of a tag with another short value."""
    at = data.rindex(tag.to_bytes(2, "little") + b"\3\0\1\0\0\0")
    return data[: at + 8] + value.to_bytes(2, "little") + data[at + 10 :]


MOSAIC = {"photometric": CFA, "extratags": PATTERN}
PLAIN = {"photometric": "minisblack"}
DNG = (50706, 1, 4, (1, 4, 0, 0), True)
FILES: dict[str, tuple[bytes, str]] = {
    "NEF": (with_preview("NIKON CORPORATION", MOSAIC), "NEF"),
    "NEF, by its compression": (
        patched(with_preview("NIKON CORPORATION", PLAIN), 259, 34713),
        "NEF",
    ),
    "ARW": (with_preview("SONY", MOSAIC), "ARW"),
    "ARW, by its compression": (patched(with_preview("SONY", PLAIN), 259, 32767), "ARW"),
    "PEF": (patched(with_preview("PENTAX Corporation", PLAIN), 259, 65535), "PEF"),
    "SRW": (patched(with_preview("SAMSUNG", PLAIN), 259, 32770), "SRW"),
    "3FR": (with_preview("Hasselblad", MOSAIC), "3FR"),
    "ERF": (with_preview("SEIKO EPSON CORP.", MOSAIC), "ERF"),
    "of a maker unknown here": (with_preview("ACME", MOSAIC), "TIFF/EP"),
    "by its pattern": (
        with_preview("ACME", {"photometric": "minisblack", "extratags": PATTERN}),
        "TIFF/EP",
    ),
    "DNG": (with_preview("ACME", MOSAIC, DNG), "DNG"),
    "DNG, linear": (with_preview("ACME", {"photometric": "linear_raw"}, DNG), "DNG"),
    "DNG, one page": (make.tiff(SENSOR, photometric=CFA, extratags=[DNG, *PATTERN]), "DNG"),
    "CR2": (b"II*\0\x10\0\0\0CR\2\0" + bytes(600), "CR2"),
    "CR3": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(600), "CR3"),
    "CRW": (b"II\x1a\0\0\0HEAPCCDR" + bytes(600), "CRW"),
    "RAF": (b"FUJIFILMCCD-RAW 0201FF383501" + bytes(600), "RAF"),
    "ORF": (b"IIRO\x08\0\0\0" + bytes(600), "ORF"),
    "ORF, second": (b"IIRS\x08\0\0\0" + bytes(600), "ORF"),
    "ORF, big-endian": (b"MMOR\0\0\0\x08" + bytes(600), "ORF"),
    "RW2": (b"IIU\0\x18\0\0\0" + bytes(600), "RW2"),
    "X3F": (b"FOVb\0\0\2\0" + bytes(600), "X3F"),
    "MRW": (b"\0MRM\0\0\0\0" + bytes(600), "MRW"),
    "IIQ": (b"II*\0\x10\0\0\0IIII" + bytes(600), "IIQ"),
}


@pytest.mark.parametrize("name", FILES)
def test_raw_is_refused_by_name_with_advice(name: str, tmp_path: Path) -> None:
    data, kind = FILES[name]
    path = tmp_path / "picture.jpg"  # the name says nothing
    path.write_bytes(data)
    for source in (data, path, io.BytesIO(data)):
        with pytest.raises(InvalidFileType) as caught:
            codecs.decode(source)
        assert caught.value.received == f"a camera raw file ({kind})"
        for advice in ("darktable", "RawTherapee", "rawpy", "JPEG"):
            assert advice in str(caught.value)


@pytest.mark.parametrize("name", ["NEF", "ARW", "DNG", "DNG, linear"])
def test_a_preview_that_pillow_shows_is_refused(name: str) -> None:
    image = Image.open(io.BytesIO(FILES[name][0]))
    assert image.size == (16, 12)
    with pytest.raises(InvalidFileType, match=r"camera raw|preview"):
        codecs.decode(image)


def test_pictures_of_a_camera_that_are_no_raw_are_read() -> None:
    for maker in ("NIKON CORPORATION", "SONY", "Canon"):
        data = make.tiff(PREVIEW, photometric="rgb", extratags=[(271, 2, 0, maker, True)])
        np.testing.assert_array_equal(codecs.decode(data).color, PREVIEW)


@pytest.mark.parametrize("head", [b"", b"II", b"\xff\xd8\xff\xe0", b"II*\0\x08\0\0\0\x0a\0"])
def test_other_heads_are_no_raw(head: bytes) -> None:
    assert raw_kind(head) == ""
