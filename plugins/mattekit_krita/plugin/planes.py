"""Arithmetic on the pixels of Krita and of the worker, as bytes; whole planes at once.

Krita's Python has no numpy. Slices with a step, `bytes.translate` and whole planes taken as one
large integer run at the speed of C; only pixels that are partly something are looked at singly.

Krita keeps RGB as blue, green, red, alpha, the lower byte first, and so the worker is sent it and
sends it back (`mattekit_bridge.Picture.bgra`). Both are straight. A *plane* has one byte per pixel.
"""

from __future__ import annotations

import re
from typing import Iterator, List, NamedTuple, Tuple, Union

__all__ = [
    "Edits",
    "both",
    "divided",
    "edits",
    "either",
    "firm",
    "keep_only",
    "merged",
    "only_where",
    "plane",
    "some",
    "times",
    "without",
]

_ANY = bytes([0, *[255] * 255])
_NONE = bytes([255, *[0] * 255])
_FIRM = bytes([0] * 128 + [255] * 128)
_PARTLY = re.compile(rb"[\x01-\xfe]", re.DOTALL)
#: Pixels that are taken as one integer; more would be slower.
_PART = 1 << 16
#: Pixels among which a changed one is looked for: edges are narrow.
_NEAR = 1 << 8


class Edits(NamedTuple):
    """Where a cut-out differs from the layer that it was made of.

    Attributes
    ----------
    hidden : list of slice
        Pixels of which nothing is left.
    chunks : list of slice
        Pixels among which others were changed: their color, or their alpha.
    changed : bytes
        A plane of those in `chunks`, one after the other: 255 where a visible pixel has another
        color.
    """

    hidden: List[slice]
    chunks: List[slice]
    changed: bytes


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


def keep_only(pixels: bytes, size: int, mask: bytes) -> bytes:
    """Return RGBA pixels with their alpha multiplied by a plane.

    Parameters
    ----------
    pixels : bytes
        Of 8 or 16 bits.
    size : {1, 2}
        Bytes per channel.
    mask : bytes
        A plane.
    """
    pixel = 4 * size
    result = bytearray(pixels)
    if size == 1:
        result[3::4] = times(pixels[3::4], mask)
        return bytes(result)
    whole = mask.translate(_ANY)
    result[6::pixel] = both(pixels[6::pixel], whole)
    result[7::pixel] = both(pixels[7::pixel], whole)
    for at in _partly(mask):
        start = at * pixel + 6
        value = int.from_bytes(pixels[start : start + 2], "little") * mask[at]
        result[start : start + 2] = ((value + 127) // 255).to_bytes(2, "little")
    return bytes(result)


def edits(sent: bytes, received: Union[bytes, memoryview], size: int) -> Tuple[Edits, bytes]:
    """Return where a cut-out differs from what the worker was sent, and its pixels there.

    Parameters
    ----------
    sent, received : bytes
        RGBA pixels; what was received is black where it is transparent.
    size : int
        Bytes per channel of both.

    Returns
    -------
    Edits
    bytes
        The pixels of all its chunks.
    """
    pixel = 4 * size
    near, part = _NEAR * pixel, _PART * pixel
    nothing = bytes(part)
    view = memoryview(received)
    hidden: List[slice] = []
    chunks: List[slice] = []
    old: List[bytes] = []
    new: List[bytes] = []
    for first in range(0, len(sent), part):
        was, now = sent[first : first + part], bytes(view[first : first + part])
        if was == now:
            continue
        for start in range(0, len(now), near):
            here, there = now[start : start + near], was[start : start + near]
            if here == there:
                continue
            place = slice((first + start) // pixel, (first + start + len(here)) // pixel)
            if here != nothing[: len(here)]:
                chunks.append(place)
                new.append(here)
                old.append(there)
            elif hidden and hidden[-1].stop == place.start:
                hidden[-1] = slice(hidden[-1].start, place.stop)
            else:
                hidden.append(place)
    pixels = b"".join(new)
    changed = both(_differs(b"".join(old), pixels, size), _visible(pixels, size))
    return Edits(hidden, chunks, changed), pixels


def merged(original: bytes, cleaned: bytes, found: Edits, pixel: int, deep: int) -> bytearray:
    """Return the pixels of a cut-out layer in the color space of its original.

    Where the worker left the color as it was, the original's own bytes stay, whatever color space
    lies in between; only edges that it cleaned, and alpha, are taken from `cleaned`.

    Parameters
    ----------
    original : bytes
        Pixels of the layer.
    cleaned : bytes
        The pixels that `edits` returns, converted to the color space of the layer.
    found : Edits
    pixel, deep : int
        Bytes per pixel and per channel of `original` and `cleaned`; alpha is their last.
    """
    result = bytearray(original)
    for run in found.hidden:
        _clear(result, pixel, deep, run)
    at = 0
    for chunk in found.chunks:
        first, last = chunk.start * pixel, chunk.stop * pixel
        changed = found.changed[at : at + chunk.stop - chunk.start]
        here = cleaned[at * pixel : at * pixel + last - first]
        at += len(changed)
        marks = changed.count(255)
        if marks == len(changed):
            result[first:last] = here
            continue
        for byte in range(pixel - deep, pixel):
            result[first + byte : last : pixel] = here[byte::pixel]
        if not marks:
            continue
        for byte in range(pixel - deep):
            place = slice(first + byte, last, pixel)
            result[place] = _chosen(original[place], here[byte::pixel], changed)
    return result


def only_where(pixels: Union[bytes, bytearray], deep: int, mask: bytes) -> bytes:
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


def both(a: Union[bytes, bytearray], b: bytes) -> bytes:
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


def _differs(old: bytes, new: bytes, size: int) -> bytes:
    """Return 255 where a pixel has another color."""
    pairs = [(old[byte :: 4 * size], new[byte :: 4 * size]) for byte in range(3 * size)]
    return _each_or(pairs).translate(_ANY)


def _visible(pixels: bytes, size: int) -> bytes:
    """Return 255 where a pixel is not fully transparent."""
    visible = pixels[3 * size :: 4 * size]
    for byte in range(3 * size + 1, 4 * size):
        visible = either(visible, pixels[byte :: 4 * size])
    return visible.translate(_ANY)


def _clear(pixels: bytearray, pixel: int, deep: int, part: slice) -> None:
    """Make a part of some pixels fully transparent."""
    for byte in range(pixel - deep, pixel):
        place = slice(part.start * pixel + byte, part.stop * pixel, pixel)
        pixels[place] = bytes(part.stop - part.start)


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


def _int(data: Union[bytes, bytearray]) -> int:
    return int.from_bytes(data, "little")


def _partly(mask: bytes) -> Iterator[int]:
    for match in _PARTLY.finditer(mask):
        yield match.start()
