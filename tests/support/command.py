"""Pictures as the tests of the command read and write them."""

from __future__ import annotations

import json
import struct
import zlib

import numpy as np
from PIL import Image


def opened(path):
    """Return a picture whose file is closed again."""
    with Image.open(path) as image:
        image.load()
        return image


def alpha(path):
    return np.asarray(opened(path).convert("RGBA"))[..., 3]


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, data=b"no pixels"):
    """A PNG whose header says a size, and whatever for pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def lines(result):
    """Return what a command wrote, one object a line."""
    return [json.loads(line) for line in result.stdout.splitlines()]
