"""PFM, the portable float map: masks as raw developers read them, one 32-bit float per pixel."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.assembly import photo_of
from mattekit.codecs.source import Check
from mattekit.errors import UnreadableImage
from mattekit.geometry import Size
from mattekit.imaging.samples import Pixels
from mattekit.photo import Photo

__all__ = ["read", "size", "write"]

_HEADER: Final = re.compile(
    rb"P([Ff])\s+(\d{1,10})\s+(\d{1,10})\s+([-+]?(?:\d{1,20}\.?\d{0,20}|\.\d{1,20}))\s"
)
_LONGEST: Final = 256
_MOST: Final = 65535


class _Header(NamedTuple):
    """What stands before the samples; `offset` is where they begin."""

    width: int
    height: int
    channels: int
    kind: str
    offset: int


def size(data: bytes, source: str) -> Size:
    """Return what the header says."""
    header = _header(data, source)
    return Size(header.width, header.height)


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return the picture in 16 bits: 0 is black, 1 is white, what lies outside is clipped.

    Raises
    ------
    UnreadableImage
        The header is broken, samples are missing or no numbers.

    References
    ----------
    .. [1] Netpbm manual, pfm(5). Rows go from the bottom to the top; a negative scale says that
       samples are little-endian, its amount is without meaning for a mask.
    """
    header = _header(data, source)
    check(header.width, header.height)
    shape = (header.height, header.width, header.channels)
    if len(data) - header.offset < 4 * int(np.prod(shape, dtype=object)):
        raise UnreadableImage(source, "the PFM data is truncated")
    count = header.height * header.width * header.channels
    samples: NDArray[Any] = np.frombuffer(data, header.kind, count, header.offset)
    if np.isnan(samples).any():
        raise UnreadableImage(source, "some of its samples are no numbers")
    levels = np.clip(samples.astype(np.float32), 0, 1) * np.float32(_MOST) + np.float32(0.5)
    return photo_of(levels.astype(np.uint16).reshape(shape)[::-1].copy(), "pfm", source)


def write(alpha: Pixels) -> bytes:
    """Return a mask as a grey PFM file, 0 to 1, little-endian.

    Parameters
    ----------
    alpha : (H, W) ndarray of uint8 or uint16
    """
    height, width = alpha.shape
    most = np.float32(np.iinfo(alpha.dtype).max)
    samples = alpha[::-1].astype("<f4") / most
    return f"Pf\n{width} {height}\n-1.0\n".encode() + samples.astype("<f4", copy=False).tobytes()


def _header(data: bytes, source: str) -> _Header:
    found = _HEADER.match(data, 0, _LONGEST)
    scale = float(found[4]) if found else 0.0
    if found is None or not scale:
        raise UnreadableImage(source, "the PFM header is broken")
    channels = 3 if found[1] == b"F" else 1
    kind = "<f4" if scale < 0 else ">f4"
    return _Header(int(found[2]), int(found[3]), channels, kind, found.end())
