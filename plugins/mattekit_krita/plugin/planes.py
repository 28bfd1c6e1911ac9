"""Arithmetic on the pixels of Krita and of the worker, as bytes; whole planes at once.

Krita's Python has no numpy. Slices with a step, `bytes.translate` and whole planes taken as one
large integer run at the speed of C; only pixels that are partly something are looked at singly.

Krita keeps RGB as blue, green, red, alpha, the lower byte first; the worker wants red, green, blue,
alpha, the higher byte first. Both are straight. A *plane* has one byte per pixel.
"""

from __future__ import annotations

import re
from typing import Iterator, List, NamedTuple, Optional, Tuple

__all__ = [
    "Samples",
    "both",
    "divided",
    "either",
    "firm",
    "keep_only",
    "merged",
    "only_where",
    "plane",
    "samples",
    "some",
    "times",
    "to_krita",
    "without",
]

#: Where each byte of a pixel goes. Doing it twice changes nothing.
_ORDER = {1: (2, 1, 0, 3), 2: (5, 4, 3, 2, 1, 0, 7, 6)}
_ANY = bytes([0, *[255] * 255])
_NONE = bytes([255, *[0] * 255])
_FIRM = bytes([0] * 128 + [255] * 128)
_PARTLY = re.compile(rb"[\x01-\xfe]", re.DOTALL)
#: Pixels that are taken as one integer; more would be slower.
_PART = 1 << 16
#: Pixels among which a changed one is looked for: edges are narrow.
_NEAR = 1 << 11


class Samples(NamedTuple):
    """What the worker is sent.

    Attributes
    ----------
    data : bytes
        RGB, or RGBA where anything is not opaque.
    channels : int
        3 or 4.
    """

    data: bytes
    channels: int


def samples(data: bytes, size: int) -> Samples:
    """Return Krita's RGBA pixels as the worker wants them.

    Parameters
    ----------
    data : bytes
        Of 8 or 16 bits.
    size : {1, 2}
        Bytes per channel.
    """
    pixel = 4 * size
    if any(
        data[start::pixel].count(b"\xff") != len(data) // pixel for start in range(3 * size, pixel)
    ):
        return Samples(_swapped(data, size), 4)
    opaque = bytearray(len(data) // 4 * 3)
    for to, source in enumerate(_ORDER[size][: 3 * size]):
        opaque[to :: 3 * size] = data[source::pixel]
    return Samples(bytes(opaque), 3)


def to_krita(data: bytes, size: int) -> bytes:
    """Return the worker's RGBA pixels as Krita keeps them."""
    return _swapped(data, size)


def plane(data: bytes, pixel: int, byte: int) -> bytes:
    """Return one byte of every pixel of `pixel` bytes."""
    return data[byte::pixel]


def times(alpha: bytes, mask: bytes) -> bytes:
    """Return the product of two planes of shares of 255, rounded to nearest."""
    result = bytearray(both(alpha, mask.translate(_ANY)))
    for at in _partly(mask):
        result[at] = (alpha[at] * mask[at] + 127) // 255
    return bytes(result)


def divided(alpha: bytes, by: bytes) -> bytes:
    """Return what has to be multiplied with `by` to give `alpha`, at most 255."""
    result = bytearray(alpha)
    for at in _partly(by):
        result[at] = min(255, (alpha[at] * 255 + by[at] // 2) // by[at])
    return bytes(result)


def keep_only(picture: bytes, size: int, mask: bytes) -> bytes:
    """Return RGBA pixels of the worker with their alpha multiplied by a plane."""
    pixel = 4 * size
    result = bytearray(picture)
    if size == 1:
        result[3::4] = times(picture[3::4], mask)
        return bytes(result)
    whole = mask.translate(_ANY)
    result[6::pixel] = both(picture[6::pixel], whole)
    result[7::pixel] = both(picture[7::pixel], whole)
    for at in _partly(mask):
        start = at * pixel + 6
        value = int.from_bytes(picture[start : start + 2], "big") * mask[at]
        result[start : start + 2] = ((value + 127) // 255).to_bytes(2, "big")
    return bytes(result)


def merged(
    original: bytes,
    cleaned: bytes,
    sent: Optional[Samples],
    received: bytes,
    size: int,
    deep: int,
) -> bytes:
    """Return the pixels of a cut-out layer in the color space of its original.

    Where the worker left the color as it was, the original's own bytes stay, whatever color space
    lies in between; only edges that it cleaned, and every alpha, are taken from `cleaned`.

    Parameters
    ----------
    original : bytes
        Pixels of the layer.
    cleaned : bytes
        The worker's pixels, converted to the color space of the layer.
    sent : Samples or None
        What the worker was sent; None where it was the layer's own bytes, and only what is
        invisible need be told apart.
    received : bytes
        Its RGBA pixels, as they came.
    size : int
        Bytes per channel of `sent` and `received`.
    deep : int
        Bytes per channel of `original` and `cleaned`; alpha is their last.
    """
    count = len(received) // (4 * size)
    pixel = len(original) // count
    changed = _visible(received, size) if sent is None else _changed(sent, received, size)
    result = bytearray(original)
    for byte in range(pixel - deep, pixel):
        result[byte::pixel] = cleaned[byte::pixel]
    for part in _chunks(count, _NEAR):
        marks = changed[part].count(255)
        first, last = part.start * pixel, part.stop * pixel
        if not marks:
            continue
        if marks == part.stop - part.start:
            result[first:last] = cleaned[first:last]
            continue
        for byte in range(pixel - deep):
            here = slice(first + byte, last, pixel)
            result[here] = _chosen(original[here], cleaned[here], changed[part])
    return bytes(result)


def only_where(pixels: bytes, deep: int, mask: bytes) -> bytes:
    """Return pixels with the alpha of those at which a plane is 0 taken away.

    Parameters
    ----------
    pixels : bytes
        Of a layer; alpha is the last channel.
    deep : int
        Bytes per channel.
    mask : bytes
        A plane.
    """
    size = len(pixels) // len(mask)
    there = mask.translate(_ANY)
    result = bytearray(pixels)
    for byte in range(size - deep, size):
        result[byte::size] = both(pixels[byte::size], there)
    return bytes(result)


def firm(plane: bytes) -> bytes:
    """Return 255 where a plane is at least 128, else 0."""
    return plane.translate(_FIRM)


def some(plane: bytes) -> bytes:
    """Return 255 where a plane is anything but 0."""
    return plane.translate(_ANY)


def both(a: bytes, b: bytes) -> bytes:
    """Return the bits that two planes share; one of them is 0 or 255 everywhere."""
    return b"".join(
        (_int(a[part]) & _int(b[part])).to_bytes(part.stop - part.start, "little")
        for part in _chunks(len(a))
    )


def either(a: bytes, b: bytes) -> bytes:
    """Return the bits of two planes together."""
    return b"".join(
        (_int(a[part]) | _int(b[part])).to_bytes(part.stop - part.start, "little")
        for part in _chunks(len(a))
    )


def without(a: bytes, b: bytes) -> bytes:
    """Return a plane of 0 and 255 without what another one covers."""
    return both(a, b.translate(_NONE))


# -- inside ------------------------------------------------------------------------------------


def _swapped(data: bytes, size: int) -> bytes:
    order = _ORDER[size]
    result = bytearray(len(data))
    for to, source in enumerate(order):
        result[to :: len(order)] = data[source :: len(order)]
    return bytes(result)


def _changed(sent: Samples, received: bytes, size: int) -> bytes:
    """Return 255 where a visible pixel has another color than what was sent."""
    pixel, width = 4 * size, sent.channels * size
    differs = _each_or(
        [(sent.data[byte::width], received[byte::pixel]) for byte in range(3 * size)]
    )
    return both(differs.translate(_ANY), _visible(received, size))


def _visible(received: bytes, size: int) -> bytes:
    """Return 255 where a pixel is not fully transparent."""
    pixel = 4 * size
    visible = received[3 * size :: pixel]
    for byte in range(3 * size + 1, pixel):
        visible = either(visible, received[byte::pixel])
    return visible.translate(_ANY)


def _each_or(pairs: List[Tuple[bytes, bytes]]) -> bytes:
    parts = []
    for part in _chunks(len(pairs[0][0])):
        bits = 0
        for a, b in pairs:
            bits |= _int(a[part]) ^ _int(b[part])
        parts.append(bits.to_bytes(part.stop - part.start, "little"))
    return b"".join(parts)


def _chosen(old: bytes, new: bytes, where: bytes) -> bytes:
    """Return `new` where `where` is 255, `old` where it is 0."""
    bits = _int(old)
    bits ^= (bits ^ _int(new)) & _int(where)
    return bits.to_bytes(len(old), "little")


def _chunks(count: int, most: int = _PART) -> Iterator[slice]:
    for start in range(0, count, most):
        yield slice(start, min(count, start + most))


def _int(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _partly(mask: bytes) -> Iterator[int]:
    for match in _PARTLY.finditer(mask):
        yield match.start()
