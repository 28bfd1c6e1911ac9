"""Worker: the least that any program must do, with the fastest parts we know.

simplejpeg's decoder, onnxruntime without anything around it, the mask scaled up without a look at
the picture, and a PNG written with one filter (Up) through ISA-L's deflate on all cores. Nothing is
refined and no colour is cleaned: a program that does so can only be slower.
"""

from __future__ import annotations

import os
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # noqa: TID251 - without anything around it
import simplejpeg
from isal import isal_zlib
from numpy.typing import NDArray
from PIL import Image

from common import serve

SIDE = 320
MEAN = np.float32([0.485, 0.456, 0.406]) * 255
STD = np.float32([0.229, 0.224, 0.225]) * 255
ADLER = 65521

state: dict[str, Any] = {}
pool = ThreadPoolExecutor(os.cpu_count())


def load(model: str) -> None:
    """Load the network."""
    state["session"] = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def cut(path: str, target: str | None = None) -> dict[str, Any]:
    """Cut out one file."""
    data = Path(path).read_bytes()
    color = simplejpeg.decode_jpeg(data, "RGB", fastdct=True, fastupsample=True)
    height, width = color.shape[:2]
    # Scaled inside the decoder: eight times less work than from all pixels.
    small = simplejpeg.decode_jpeg(
        data, "RGB", fastdct=True, fastupsample=True, min_height=SIDE, min_width=SIDE, min_factor=1
    )
    result = write_png(color, mask(small, width, height))
    if target:
        Path(target).write_bytes(result)
    return {"bytes": len(result)}


def mask(small: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Run the network and scale its answer up."""
    session = state["session"]
    scaled = np.asarray(Image.fromarray(small).resize((SIDE, SIDE), Image.Resampling.BOX))
    batch = ((scaled - MEAN) / STD).transpose(2, 0, 1)[None]
    name = session.get_outputs()[0].name
    (answer,) = session.run([name], {session.get_inputs()[0].name: batch})
    answer = answer[0, 0]
    answer = (answer - answer.min()) * (255 / (answer.max() - answer.min()))
    coarse = Image.fromarray(answer.astype(np.uint8))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BILINEAR))


def write_png(color: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> bytes:
    """Return an RGBA PNG whose strips were compressed side by side."""
    height, width = alpha.shape
    rows = max(64, min(512, -(-height // (2 * (os.cpu_count() or 1)))))
    tops = range(0, height, rows)
    strips = list(pool.map(lambda top: strip(color, alpha, top, min(top + rows, height)), tops))
    check = 1
    for _, adler, length in strips:
        check = combine(check, adler, length)
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [chunk(b"IHDR", head), chunk(b"IDAT", b"\x78\x01")]
    chunks += [data for data, _, _ in strips]
    # An empty last block ends the stream.
    chunks += [chunk(b"IDAT", b"\x03\x00" + struct.pack(">I", check)), chunk(b"IEND", b"")]
    return b"".join([b"\x89PNG\r\n\x1a\n", *chunks])


def strip(
    color: NDArray[np.uint8], alpha: NDArray[np.uint8], top: int, bottom: int
) -> tuple[bytes, int, int]:
    """Filter and compress some rows; return them with their checksum and length."""
    first = max(top - 1, 0)
    pixels = np.empty((bottom - first, alpha.shape[1], 4), np.uint8)
    pixels[..., 3] = alpha[first:bottom]
    np.multiply(color[first:bottom], (pixels[..., 3:] > 0), out=pixels[..., :3])
    flat = pixels.reshape(len(pixels), -1)
    filtered = np.empty((bottom - top, flat.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2
    if top == 0:
        filtered[0, 1:] = flat[0]
        np.subtract(flat[1:], flat[:-1], out=filtered[1:, 1:])
    else:
        np.subtract(flat[1:], flat[:-1], out=filtered[:, 1:])
    deflate = isal_zlib.compressobj(1, isal_zlib.DEFLATED, -15)
    data = deflate.compress(filtered) + deflate.flush(isal_zlib.Z_FULL_FLUSH)
    return chunk(b"IDAT", data), isal_zlib.adler32(filtered), filtered.size


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a PNG chunk."""
    check = isal_zlib.crc32(data, isal_zlib.crc32(kind))
    return b"".join([struct.pack(">I", len(data)), kind, data, struct.pack(">I", check)])


def combine(first: int, second: int, length: int) -> int:
    """Return the Adler-32 of two pieces from theirs (RFC 1950, section 8.2)."""
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + length * ((first & 0xFFFF) - 1)
    return (high % ADLER) << 16 | low % ADLER


serve({"load": load, "cut": cut})
