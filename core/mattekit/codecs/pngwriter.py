"""PNG, written fast: filtered and deflated in strips on every core.

Rows are filtered with one predictor, strip by strip, and each strip is deflated on its own and
ended on a byte boundary, so that the strips may be joined into one zlib stream.

References
----------
.. [1] W3C, Portable Network Graphics (PNG) Specification, third edition (2025).
.. [2] RFC 1950 (zlib), RFC 1951 (deflate): blocks may follow each other at byte boundaries after an
   empty stored block.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.png import SIGNATURE
from mattekit.photo import Metadata

__all__ = ["write_png"]

#: Called with the first and the last-plus-one row; returns (rows, W, C) samples.
Rows: TypeAlias = Callable[[int, int], NDArray[Any]]

_COLOR_TYPES: Final = {1: 0, 2: 4, 3: 2, 4: 6}
_UP: Final = 2
#: Bytes of samples in a strip: large enough that the window that each strip starts without does not
#: matter, small enough for the cache and for an even share of the work.
_STRIP: Final = 1 << 20
_ADLER_BASE: Final = 65521


def write_png(
    rows: Rows, width: int, height: int, channels: int, dtype: Any, metadata: Metadata
) -> bytes:
    """Return a PNG file.

    Parameters
    ----------
    rows : callable
        Returns a strip of (rows, W, channels) samples; called from several threads at once.
    width, height : int
        Size in pixels.
    channels : {1, 2, 3, 4}
        Grey, grey and alpha, RGB, RGBA.
    dtype : dtype
        uint8 or uint16.
    metadata : Metadata
        Profile, resolution and EXIF to put in.
    """
    kind = np.dtype(dtype)
    stride = width * channels * kind.itemsize
    step = max(1, _STRIP // stride)
    starts = range(0, height, step)

    def strip(top: int) -> tuple[bytes, int, int]:
        return _strip(rows, top, min(height, top + step), last=top + step >= height)

    header = struct.pack(
        ">IIBBBBB", width, height, 8 * kind.itemsize, _COLOR_TYPES[channels], 0, 0, 0
    )
    parts = [SIGNATURE, *_chunk(b"IHDR", header), *_metadata_chunks(metadata)]
    checksum = 1
    with ThreadPoolExecutor(min(len(starts), os.cpu_count() or 1)) as pool:
        packed = b"\x78\x01"
        for data, adler, length in pool.map(strip, starts):
            checksum = _adler_of_both(checksum, adler, length)
            parts += _chunk(b"IDAT", packed + data if packed else data)
            packed = b""
    parts += _chunk(b"IDAT", checksum.to_bytes(4, "big"))
    parts += _chunk(b"IEND", b"")
    return b"".join(parts)


def _strip(rows: Rows, top: int, bottom: int, *, last: bool) -> tuple[bytes, int, int]:
    """Return the deflated rows, the Adler-32 of what was deflated, and its length."""
    from isal import isal_zlib

    above = max(0, top - 1)
    samples = rows(above, bottom)
    if samples.dtype.itemsize == 2:
        samples = samples.astype(">u2")
    flat = samples.reshape(bottom - above, -1).view(np.uint8)
    filtered = np.empty((bottom - top, flat.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP
    if top == 0:
        filtered[0, 1:] = flat[0]
        np.subtract(flat[1:], flat[:-1], out=filtered[1:, 1:])
    else:
        np.subtract(flat[1:], flat[:-1], out=filtered[:, 1:])
    packer = isal_zlib.compressobj(1, wbits=-15)
    data = packer.compress(filtered)
    data += packer.flush(isal_zlib.Z_FINISH if last else isal_zlib.Z_FULL_FLUSH)
    return data, isal_zlib.adler32(filtered), filtered.size


def _adler_of_both(first: int, second: int, length: int) -> int:
    """Return the Adler-32 of two pieces joined, from those of both; `length` is the second's."""
    a1, b1 = first & 0xFFFF, first >> 16
    a2, b2 = second & 0xFFFF, second >> 16
    a = (a1 + a2 - 1) % _ADLER_BASE
    b = (b1 + b2 + (a1 - 1) * length) % _ADLER_BASE
    return b << 16 | a


def _chunk(name: bytes, content: bytes) -> tuple[bytes, bytes, bytes]:
    checksum = zlib.crc32(content, zlib.crc32(name))
    return struct.pack(">I", len(content)) + name, content, struct.pack(">I", checksum)


def _metadata_chunks(metadata: Metadata) -> Iterator[bytes]:
    if metadata.icc_profile is not None:
        packed = b"ICC profile\0\0" + zlib.compress(metadata.icc_profile)
        yield from _chunk(b"iCCP", packed)
    if metadata.dpi is not None:
        x, y = (min(0x7FFFFFFF, round(v / 0.0254)) for v in metadata.dpi)
        yield from _chunk(b"pHYs", struct.pack(">IIB", x, y, 1))
    if metadata.exif is not None:
        yield from _chunk(b"eXIf", metadata.exif)
