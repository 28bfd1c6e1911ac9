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


def png(samples: np.ndarray, *extra: tuple[bytes, bytes], interlaced: bool = False) -> bytes:
    """A PNG by pypng, with further chunks put before the pixels."""
    import png as pypng

    channels = 1 if samples.ndim == 2 else samples.shape[2]
    file = io.BytesIO()
    writer = pypng.Writer(
        samples.shape[1],
        samples.shape[0],
        greyscale=channels <= 2,
        alpha=channels in {2, 4},
        bitdepth=8 * samples.dtype.itemsize,
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
