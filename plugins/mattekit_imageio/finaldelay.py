"""How long the last frame of an animated picture is shown, which FFmpeg guesses.

References
----------
CompuServe, GIF89a Specification, 1990; W3C, Portable Network Graphics (Third Edition), 2025;
RFC 9649, WebP Image Format, 2.7.1.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

__all__ = ["set_final_delay"]


def set_final_delay(path: Path, container: str, seconds: Fraction) -> None:
    """State how long the last frame of a finished file is shown.

    Parameters
    ----------
    path : pathlib.Path
        Written by FFmpeg.
    container : {"gif", "apng", "webp"}
    seconds : Fraction
    """
    find = {"gif": _graphic_controls, "apng": _frame_controls, "webp": _frames}[container]
    with path.open("r+b") as file:
        last = max(find(file), default=None)
        if last is None:
            return  # a single frame is no animation
        if container == "gif":
            _put(file, last, struct.pack("<H", min(round(seconds * 100), 0xFFFF)))
        elif container == "webp":
            _put(file, last, struct.pack("<I", min(round(seconds * 1000), 0xFFFFFF))[:3])
        else:
            _put(file, last + 20, struct.pack(">HH", min(round(seconds * 1000), 0xFFFF), 1000))
            file.seek(last - 4)
            _put(file, last + 26, struct.pack(">I", zlib.crc32(file.read(30))))


def _put(file: BinaryIO, at: int, data: bytes) -> None:
    file.seek(at)
    file.write(data)


def _graphic_controls(file: BinaryIO) -> Iterator[int]:
    """Yield where the delays of a GIF stand."""
    flags = file.read(13)[10]
    if flags & 0x80:
        file.seek(3 << (1 + (flags & 7)), 1)
    while (kind := file.read(1)) in {b"!", b","}:
        if kind == b"!":
            if file.read(1) == b"\xf9":
                yield file.tell() + 2
        else:
            flags = file.read(9)[8]
            file.seek((3 << (1 + (flags & 7)) if flags & 0x80 else 0) + 1, 1)
        while size := file.read(1)[0]:
            file.seek(size, 1)


def _frame_controls(file: BinaryIO) -> Iterator[int]:
    """Yield where the contents of the fcTL chunks of a PNG begin."""
    file.seek(8)
    while len(head := file.read(8)) == 8:
        if head[4:] == b"fcTL":
            yield file.tell()
        file.seek(int.from_bytes(head[:4], "big") + 4, 1)


def _frames(file: BinaryIO) -> Iterator[int]:
    """Yield where the durations of the frames of a WebP stand."""
    file.seek(12)
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"ANMF":
            yield file.tell() + 12
        file.seek(size + size % 2, 1)
