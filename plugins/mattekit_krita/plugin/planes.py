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
    "Edits",
    "Samples",
    "both",
    "divided",
    "edits",
    "either",
    "firm",
    "in_chunks",
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
_FULL = bytes([*[0] * 255, 255])
_PARTLY = re.compile(rb"[\x01-\xfe]", re.DOTALL)
#: Pixels that are taken as one integer; more would be slower.
_PART = 1 << 16
#: Pixels among which a changed one is looked for: edges are narrow.
_NEAR = 1 << 8


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


class Edits(NamedTuple):
    """Where a cut-out differs from the layer that it was made of.

    Attributes
    ----------
    visible : bytes
        A plane: 255 where a pixel is not fully transparent, else 0.
    changed : bytes
        A plane: 255 where a visible pixel has another color.
    chunks : list of int
        First pixels of those chunks of `_NEAR` pixels in which anything was changed, or alpha is
        neither nothing nor everything throughout.
    """

    visible: bytes
    changed: bytes
    chunks: List[int]


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


def edits(sent: Optional[Samples], received: bytes, size: int) -> Edits:
    """Return where a cut-out differs from the layer that it was made of.

    Parameters
    ----------
    sent : Samples or None
        What the worker was sent; None where it was the layer's own bytes, and only what is
        invisible need be told apart.
    received : bytes
        The worker's RGBA pixels, as they came.
    size : int
        Bytes per channel of both.
    """
    visible, full = _alpha(received, size)
    changed = bytearray(visible)
    chunks = []
    for run in _runs(visible):
        if sent is not None:
            changed[run] = both(_differs(sent, received, size, run), visible[run])
        for start in range(run.start, run.stop, _NEAR):
            stop = min(run.stop, start + _NEAR)
            whole = full.count(255, start, stop) == stop - start
            if not whole or changed.count(255, start, stop):
                chunks.append(start)
    return Edits(visible, bytes(changed), chunks)


def in_chunks(received: bytes, found: Edits, size: int) -> bytes:
    """Return the worker's pixels in the chunks of `found`, as Krita keeps them."""
    pixel = 4 * size
    parts = [received[start * pixel : (start + _NEAR) * pixel] for start in found.chunks]
    return to_krita(b"".join(parts), size)


def merged(original: bytes, cleaned: bytes, found: Edits, deep: int) -> bytes:
    """Return the pixels of a cut-out layer in the color space of its original.

    Where the worker left the color as it was, the original's own bytes stay, whatever color space
    lies in between; only edges that it cleaned, and alpha, are taken from `cleaned`.

    Parameters
    ----------
    original : bytes
        Pixels of the layer.
    cleaned : bytes
        What `in_chunks` returns, converted to the color space of the layer.
    found : Edits
    deep : int
        Bytes per channel of `original` and `cleaned`; alpha is their last.
    """
    visible, changed, chunks = found
    count = len(visible)
    pixel = len(original) // count
    result = bytearray(original)
    at = end = 0
    for run in _runs(visible):
        _clear(result, pixel, deep, slice(end, run.start))
        end = run.stop
    _clear(result, pixel, deep, slice(end, count))
    for start in chunks:
        stop = min(count, start + _NEAR)
        first, last = start * pixel, stop * pixel
        here = cleaned[at : at + last - first]
        at += last - first
        marks = changed.count(255, start, stop)
        if marks == stop - start:
            result[first:last] = here
            continue
        for byte in range(pixel - deep, pixel):
            result[first + byte : last : pixel] = here[byte::pixel]
        if not marks:
            continue
        for byte in range(pixel - deep):
            place = slice(first + byte, last, pixel)
            result[place] = _chosen(original[place], here[byte::pixel], changed[start:stop])
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


def _differs(sent: Samples, received: bytes, size: int, part: slice) -> bytes:
    """Return 255 where a pixel of a part has another color than what was sent."""
    pixel, width = 4 * size, sent.channels * size
    old = sent.data[part.start * width : part.stop * width]
    new = received[part.start * pixel : part.stop * pixel]
    pairs = [(old[byte::width], new[byte::pixel]) for byte in range(3 * size)]
    return _each_or(pairs).translate(_ANY)


def _runs(visible: bytes) -> Iterator[slice]:
    """Yield runs of chunks in each of which something is visible."""
    end = 0
    while True:
        first = visible.find(255, end)
        if first < 0:
            return
        start = first - first % _NEAR
        gap = visible.find(0, first)
        while gap >= 0 and visible.find(255, gap, gap - gap % _NEAR + _NEAR) >= 0:
            gap = visible.find(0, gap - gap % _NEAR + _NEAR)
        end = len(visible) if gap < 0 else min(len(visible), gap + -gap % _NEAR)
        yield slice(start, end)


def _clear(pixels: bytearray, pixel: int, deep: int, part: slice) -> None:
    """Make a part of some pixels fully transparent."""
    for byte in range(pixel - deep, pixel):
        place = slice(part.start * pixel + byte, part.stop * pixel, pixel)
        pixels[place] = bytes(part.stop - part.start)


def _alpha(received: bytes, size: int) -> Tuple[bytes, bytes]:
    """Return two planes: 255 where a pixel is not fully transparent, and where it is opaque."""
    pixel = 4 * size
    visible = full = received[3 * size :: pixel]
    for byte in range(3 * size + 1, pixel):
        low = received[byte::pixel]
        visible = either(visible, low)
        full = both(full.translate(_FULL), low)
    return visible.translate(_ANY), full.translate(_FULL)


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
