"""LZW in TIFF, decoded by libtiff.

imagecodecs' own decoder, which tifffile takes, follows pointers that were never set where the code
after a clear code is no single byte: bytes from outside end the process. libtiff's does not.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from mattekit.errors import UnreadableImage

__all__ = ["decoded", "guard"]

_SHORT, _LONG = 3, 4


def decoded(data: bytes, size: int, fill_order: int = 1) -> bytes:
    """Return what an LZW stream holds (TIFF 6.0, section 13).

    Parameters
    ----------
    data : bytes
        One strip or tile.
    size : int
        Bytes that it holds at least; more are left out.
    fill_order : {1, 2}
        Whether the first bit of a byte is its highest or its lowest.

    Raises
    ------
    ValueError
        The stream is damaged, or holds less.
    """
    import imagecodecs

    tags = (
        (256, _LONG, size), (257, _LONG, 1), (258, _SHORT, 8), (259, _SHORT, 5), (262, _SHORT, 1),
        (266, _SHORT, fill_order), (273, _LONG, 8), (277, _SHORT, 1), (278, _LONG, 1),
        (279, _LONG, len(data)),
    )  # fmt: skip
    at = 8 + len(data) + len(data) % 2
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    file = b"".join((
        struct.pack("<2sHI", b"II", 42, at), data, bytes(len(data) % 2),
        struct.pack("<H", len(tags)), entries, bytes(4),
    ))  # fmt: skip
    try:
        row = imagecodecs.tiff_decode(file)
    except imagecodecs.TiffError as error:
        raise ValueError(str(error)) from None
    if row.size != size:
        raise ValueError(f"{row.size} bytes where {size} belong")
    return bytes(row)


def guard(page: Any, source: str) -> None:
    """Let tifffile decode an LZW page of only such streams as libtiff has read.

    Raises
    ------
    UnreadableImage
        Later, while the page is decoded: one of its pieces is damaged.
    """
    import imagecodecs

    decode: Callable[..., Any] = page.decode
    order = int(page.fillorder)

    def checked(data: bytes | None, index: int, /, **options: Any) -> Any:
        if data is None:
            return decode(data, index, **options)
        try:
            samples = decoded(data, _size(page, index), order)
        except ValueError as error:
            raise UnreadableImage(source, f"a piece of it is damaged: {error}") from None
        stream = imagecodecs.lzw_encode(samples)
        if order == 2:
            stream = imagecodecs.bitorder_encode(stream)
        return decode(stream, index, **options)

    page.decode = checked


def _size(page: Any, index: int) -> int:
    """Return the bytes of a strip or tile, rows filled up to whole bytes."""
    if page.is_tiled:
        width, height = int(page.tilewidth), int(page.tilelength)
    else:
        width, rows = int(page.imagewidth), int(page.rowsperstrip)
        strips = -(-int(page.imagelength) // rows)
        height = min(rows, int(page.imagelength) - index % strips * rows)
    channels = int(page.samplesperpixel) if int(page.planarconfig) == 1 else 1
    return -(-width * channels * int(page.bitspersample) // 8) * height
