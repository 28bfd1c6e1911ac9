"""Uncompressed pictures that carry a colour profile, which netpbm has no room for."""

from __future__ import annotations

import struct
from typing import List, Tuple

from mattekit_bridge.netpbm import Picture, check

__all__ = ["header"]

_SHORT, _LONG, _UNDEFINED = 3, 4, 7
_SIZES = {_SHORT: 2, _LONG: 4, _UNDEFINED: 1}
_STRAIGHT = 2


def header(picture: Picture) -> bytes:
    """Return what stands before the samples of a TIFF file (TIFF 6.0, big-endian, one strip).

    Raises
    ------
    ValueError
        The samples are not as many as the sizes say.
    """
    count = check(picture)
    width, height, channels, maximum, _, profile = picture[:6]
    depth = 8 if maximum < 256 else 16
    entries: List[Tuple[int, int, bytes]] = [
        (256, _LONG, _longs(width)),
        (257, _LONG, _longs(height)),
        (258, _SHORT, _shorts(*[depth] * channels)),
        (259, _SHORT, _shorts(1)),  # not compressed
        (262, _SHORT, _shorts(1 if channels < 3 else 2)),  # 0 is black; RGB
        (273, _LONG, _longs(0)),  # where the samples are: known below
        (277, _SHORT, _shorts(channels)),
        (278, _LONG, _longs(height)),  # one strip
        (279, _LONG, _longs(count)),
        (284, _SHORT, _shorts(1)),  # interleaved
    ]
    if channels in (2, 4):
        entries.append((338, _SHORT, _shorts(_STRAIGHT)))
    if profile:
        entries.append((34675, _UNDEFINED, profile))
    start = 8
    end = start + 2 + 12 * len(entries) + 4
    beyond = b"".join(_even(value) for _, _, value in entries if len(value) > 4)
    entries[5] = (273, _LONG, _longs(end + len(beyond)))
    directory = struct.pack(">H", len(entries))
    place = end
    for tag, kind, value in entries:
        directory += struct.pack(">HHL", tag, kind, len(value) // _SIZES[kind])
        if len(value) > 4:
            directory += _longs(place)
            place += len(_even(value))
        else:
            directory += value.ljust(4, b"\0")
    return b"MM\0*" + _longs(start) + directory + _longs(0) + beyond


def _shorts(*values: int) -> bytes:
    return struct.pack(">%dH" % len(values), *values)


def _longs(*values: int) -> bytes:
    return struct.pack(">%dL" % len(values), *values)


def _even(value: bytes) -> bytes:
    return value + b"\0" * (len(value) % 2)
