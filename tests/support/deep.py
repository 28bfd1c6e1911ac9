"""Files of more than 8 bits, by writers that are not ours."""

from __future__ import annotations

import struct
from typing import Any

import imagecodecs
import numpy as np

import support.codecs as make


def full(samples: np.ndarray, bits: int) -> np.ndarray:
    top = 255 if bits == 8 else 65535
    return (samples.astype(np.int64) * top + (1 << bits) // 2 - 1) // ((1 << bits) - 1)


RAMP = make.ramp(40, 60, 4, np.uint16)


def part(channels: int, bits: int = 16) -> np.ndarray:
    samples = (
        RAMP[..., 0] if channels == 1 else RAMP[..., [0, 3] if channels == 2 else slice(channels)]
    )
    samples = np.ascontiguousarray(samples >> (16 - bits))
    return samples.astype(np.uint8) if bits == 8 else samples


ENCODERS: dict[str, Any] = {
    "jp2": lambda a, bits: imagecodecs.jpeg2k_encode(
        a, codecformat="jp2", level=0, bitspersample=bits, reversible=True
    ),
    "j2k": lambda a, bits: imagecodecs.jpeg2k_encode(
        a, codecformat="j2k", level=0, bitspersample=bits, reversible=True
    ),
    "jxl": lambda a, bits: imagecodecs.jpegxl_encode(a, lossless=True, bitspersample=bits),
    "jxr": lambda a, bits: imagecodecs.jpegxr_encode(a, level=100),
}


def psd(samples: np.ndarray, mode: int, method: int) -> bytes:
    height, width, channels = samples.shape
    planes = [
        samples[..., each].astype(samples.dtype.newbyteorder(">")) for each in range(channels)
    ]
    head = struct.pack(
        ">4sH6xHIIHH", b"8BPS", 1, channels, height, width, 8 * samples.dtype.itemsize, mode
    )
    body = b"".join(plane.tobytes() for plane in planes)
    if method == 1:
        rows = [imagecodecs.packbits_encode(row.tobytes()) for plane in planes for row in plane]
        body = struct.pack(f">{len(rows)}H", *map(len, rows)) + b"".join(rows)
    return head + bytes(12) + struct.pack(">H", method) + body
