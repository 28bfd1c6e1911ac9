"""Files that the tests of the codecs read, made by writers other than mattekit."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import tifffile
from PIL import Image, ImageCms

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def ramp(height: int, width: int, channels: int = 3, dtype: Any = np.uint8) -> np.ndarray:
    """A picture without any symmetry, whose samples span the dtype; 2-D where channels is 1."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        (x / max(1, width - 1)),
        (y / max(1, height - 1)),
        ((x * 2 + y * 3) % 17) / 16,
        ((x + y * 5) % 23) / 22,
    ][:channels]
    full = np.iinfo(dtype).max
    result = np.stack([np.floor(p * full + 0.5) for p in planes], -1).astype(dtype)
    return result[..., 0] if channels == 1 else result


def saved(image: Image.Image, format_: str, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **how)
    return file.getvalue()


def tiff(samples: np.ndarray, **how: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, samples, metadata=None, **how)
    return file.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def gray_profile(gamma: float) -> bytes:
    """A grey ICC profile built from its parts (ICC.1:2022); light is the value to `gamma`."""

    def tag(kind: bytes, body: bytes) -> bytes:
        return kind + bytes(4) + body

    white = struct.pack(">3i", 63190, 65536, 54061)
    parts = [
        (b"kTRC", tag(b"curv", struct.pack(">IH", 1, round(gamma * 256)))),
        (b"wtpt", tag(b"XYZ ", white)),
        (b"desc", tag(b"desc", struct.pack(">I", 5) + b"gray\0" + bytes(78))),
    ]
    at = 128 + 4 + 12 * len(parts)
    table, body = struct.pack(">I", len(parts)), b""
    for key, content in parts:
        table += key + struct.pack(">II", at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = bytearray(128)
    struct.pack_into(">I", head, 0, at + len(body))
    head[8:12] = b"\2\x10\0\0"
    head[12:24] = b"mntrGRAYXYZ "
    head[36:40] = b"acsp"
    head[68:80] = white
    return bytes(head) + table + body


def packed_tiff(
    samples: np.ndarray, bits: int, photometric: int = 1, *entries: tuple[int, int, bytes]
) -> bytes:
    """A big-endian TIFF of one strip whose samples have any number of bits, rows on whole bytes.

    `entries` are further (tag, type, values); what a tag is given here counts.
    """
    height, width = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    wide = samples.reshape(height, -1, 1).astype(np.uint64) >> np.arange(bits - 1, -1, -1).astype(
        np.uint64
    )
    strip = np.packbits((wide & 1).astype(np.uint8).reshape(height, -1), axis=1).tobytes()
    sizes = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}
    tags = {
        256: (4, struct.pack(">I", width)),
        257: (4, struct.pack(">I", height)),
        258: (3, struct.pack(f">{channels}H", *[bits] * channels)),
        259: (3, struct.pack(">H", 1)),
        262: (3, struct.pack(">H", photometric)),
        273: (4, struct.pack(">I", 8)),
        277: (3, struct.pack(">H", channels)),
        278: (4, struct.pack(">I", height)),
        279: (4, struct.pack(">I", len(strip))),
    }
    tags |= {tag: (kind, values) for tag, kind, values in entries}
    body = strip + bytes(len(strip) % 2)
    directory = struct.pack(">H", len(tags))
    for tag, (kind, values) in sorted(tags.items()):
        stored = values.ljust(4, b"\0")
        if len(values) > 4:
            stored = struct.pack(">I", 8 + len(body))
            body += values + bytes(len(values) % 2)
        directory += struct.pack(">HHI", tag, kind, len(values) // sizes[kind]) + stored
    return struct.pack(">2sHI", b"MM", 42, 8 + len(body)) + body + directory + bytes(4)


def png(
    samples: np.ndarray, *extra: tuple[bytes, bytes], interlaced: bool = False, depth: int = 0
) -> bytes:
    """A PNG by pypng, with further chunks put before the pixels."""
    import png as pypng

    channels = 1 if samples.ndim == 2 else samples.shape[2]
    file = io.BytesIO()
    writer = pypng.Writer(
        samples.shape[1],
        samples.shape[0],
        greyscale=channels <= 2,
        alpha=channels in {2, 4},
        bitdepth=depth or 8 * samples.dtype.itemsize,
        interlace=interlaced,
    )
    writer.write(file, samples.reshape(samples.shape[0], -1).tolist())
    data = file.getvalue()
    at = data.index(b"IDAT") - 4
    return data[:at] + b"".join(chunk(*each) for each in extra) + data[at:]


def exif_block(orientation: int | None = None, thumbnail: bytes = b"") -> bytes:
    """A little-endian EXIF block: maker, orientation, an Exif directory, a thumbnail."""
    make, note = b"Maker\0", b"a note of the maker, with \x02\x01\x00 inside"
    tags = [(0x010F, 2, len(make), "make"), (0x8769, 4, 1, "exif")]
    if orientation is not None:
        tags.insert(1, (0x0112, 3, 1, orientation))
    first = 8
    exif_at = first + 2 + 12 * len(tags) + 4
    second_at = exif_at + 2 + 12 * 2 + 4
    data_at = second_at + (2 + 12 * 2 + 4 if thumbnail else 0)
    note_at = data_at + len(make)
    thumbnail_at = note_at + len(note)
    values = {"make": data_at, "exif": exif_at}
    block = struct.pack("<2sHI", b"II", 42, first) + struct.pack("<H", len(tags))
    for tag, kind, count, value in tags:
        packed = values[value] if isinstance(value, str) else value
        block += struct.pack("<HHII", tag, kind, count, packed)
    block += struct.pack("<I", second_at if thumbnail else 0)
    block += struct.pack("<HHHIIHHIII", 2, 0x829A, 4, 1, 125, 0x927C, 7, len(note), note_at, 0)
    if thumbnail:
        block += struct.pack(
            "<HHHIIHHIII", 2, 0x0201, 4, 1, thumbnail_at, 0x0202, 4, 1, len(thumbnail), 0
        )
    return block + make + note + thumbnail
