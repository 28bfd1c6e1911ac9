"""The pixels of a JPEG file, or an error: what is missing is never filled in silence.

Decoders of JPEG make up what they do not find: blocks without data become grey, a scan that ends
early keeps what earlier ones said. Whether that happened is known to the decoder alone, for the
marker at the end (EOI) says nothing: files lack it although every pixel is there, and files that
were mended with one lack pixels. libjpeg counts it as a warning, so the pixels are read by a
decoder that makes an error of any (simplejpeg). It is given the picture alone, cut free of what
cameras append and closed with EOI, so that a warning can only mean damage.

Two things are left. Scans that are missing as a whole leave no trace in the decoder: the bits that
each scan brings are added up here. And bytes that are left over after the last block are padding
or an appendix where the picture does not change without them, and damage where it does.

References
----------
.. [1] ITU-T T.81 (1992), annexes B, F and G.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.jpegmarkers import (
    APP0,
    APP14,
    APPS,
    COM,
    DAC,
    DHT,
    DNL,
    DQT,
    DRI,
    END,
    EOI,
    FRAMES,
    PROGRESSIVE,
    RESTARTS,
    SOS,
    START,
)
from mattekit.errors import UnreadableImage

__all__ = ["checked", "decode"]

#: What may stand between two scans; anything else belongs to what was appended to the file.
_BETWEEN: Final = frozenset({SOS, DHT, DQT, DRI, DNL, COM, DAC, *APPS})
#: What the decoder needs; the rest are facts about the picture, as long as they like.
_NEEDED: Final = frozenset({SOS, DHT, DQT, DRI, DNL, DAC, APP0, APP14}) | FRAMES
#: Encoders write about ten scans; thousands of them exist only to burn time.
_MAX_SCANS: Final = 100
#: Tables, notes and pieces of profiles: long notes of phones make some hundred.
_MAX_SEGMENTS: Final = 4096
_LEFT_OVER: Final = re.compile(r"Corrupt JPEG data: (\d+) extraneous bytes before marker 0xd9")
#: What is put in place of missing data: as bits, nothing that a decoder would make up.
_FILL: Final = b"\x55\xaa\x33\x5a" * 16


class _Part(NamedTuple):
    """A segment, from its 0xFF to its end, and the coded data up to the next marker."""

    marker: int
    start: int
    content: int
    end: int
    stop: int


def decode(data: bytes, source: str, components: int) -> NDArray[np.uint8]:
    """Return the pixels of a baseline or progressive file of 8 bits.

    Parameters
    ----------
    data : bytes
        The file; what follows the picture is not looked at.
    source : str
        What messages call it.
    components : int
        1 or 3, as its frame header says; 4 gives CMYK samples as stored.

    Returns
    -------
    (H, W) or (H, W, 3 or 4) ndarray of uint8
        As stored, not turned.

    Raises
    ------
    UnreadableImage
        Pixels are missing or damaged, or it takes too many scans.
    """
    parts = _parts(data, source)
    _check_scans(data, parts, source)
    plain = b"".join(_rebuilt(data, parts))
    try:
        return _strict(plain, components)
    except ValueError as error:
        message = str(error)
    found = _LEFT_OVER.fullmatch(message)
    if found:
        return _strict_without_tail(plain, int(found[1]), components, source)
    if "subsampling" in message:  # simplejpeg knows the usual ones
        return _compared(data, parts, plain, source)
    if message.startswith("Corrupt"):
        message = "pixels are missing or damaged inside (" + message.partition(": ")[2] + ")"
    raise UnreadableImage(source, message)


def checked(data: bytes, source: str, components: int) -> bytes:
    """Return the file closed with EOI, for another decoder; raises what `decode` raises."""
    decode(data, source, components)
    parts = _parts(data, source)
    return data[: parts[-1].stop] + END


def _strict(data: bytes, components: int) -> NDArray[np.uint8]:
    import simplejpeg

    space = {1: "GRAY", 3: "RGB", 4: "CMYK"}[components]
    samples: NDArray[np.uint8] = simplejpeg.decode_jpeg(data, space, strict=True)
    return samples[..., 0] if components == 1 else samples


def _strict_without_tail(data: bytes, left: int, components: int, source: str) -> NDArray[np.uint8]:
    """Decode without the bytes that were left over, where they begin with zeros.

    Cameras pad with zeros, and what they append begins with zeros, being a length or a type. Where
    the picture needs some of them, they may as well stand for something that is lost.
    """
    tail = len(data) - 2 - left  # the decoder counts from some bytes later than it needed
    zeros = data.find(b"\0\0", tail - 8, tail + 10)
    if zeros >= 0:
        start = len(data[:zeros].rstrip(b"\0"))
        try:
            return _strict(data[:start] + END, components)
        except ValueError:
            pass  # they were no padding
    raise UnreadableImage(source, f"pixels are damaged inside ({left} bytes are left over)")


def _compared(data: bytes, parts: list[_Part], plain: bytes, source: str) -> NDArray[np.uint8]:
    """Decode twice, with something put behind each scan: where it shows, something is missing."""
    import imagecodecs

    samples: NDArray[np.uint8] = imagecodecs.jpeg8_decode(plain)
    filled = imagecodecs.jpeg8_decode(b"".join(_rebuilt(data, parts, _FILL)))
    if not np.array_equal(samples, filled):
        raise UnreadableImage(source, "pixels are missing inside")
    return samples


def _parts(data: bytes, source: str) -> list[_Part]:
    """Return the segments of the first picture.

    Raises
    ------
    UnreadableImage
        Too many of them, or none that holds pixels.
    """
    parts: list[_Part] = []
    markers: Iterator[int] | None = None
    at, scans = 2, 0
    while True:
        if len(parts) > _MAX_SEGMENTS:
            raise UnreadableImage(source, f"the JPEG data has more than {_MAX_SEGMENTS} segments")
        if markers is None:
            at = data.find(b"\xff", at)
        while 0 <= at < len(data) - 1 and data[at + 1] == 0xFF:
            at += 1
        if at < 0 or at + 1 >= len(data):
            break
        marker = data[at + 1]
        if marker == EOI:
            break
        if markers is None and (marker in {0, 1} or marker in RESTARTS):
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if markers is not None and (
            marker not in _BETWEEN or length < 2 or at + 2 + length > len(data)
        ):
            break  # the picture ends without its marker, and something else begins
        if length < 2:
            raise UnreadableImage(source, "a JPEG segment has no length")
        end = stop = at + 2 + length
        if marker == SOS:
            scans += 1
            if scans > _MAX_SCANS:
                raise UnreadableImage(source, f"the JPEG data has more than {_MAX_SCANS} scans")
            markers = markers or _markers(data, end)
            stop = next((each for each in markers if each >= end), len(data))
        parts.append(_Part(marker, at, at + 4, end, stop))
        at = stop
    if not any(part.marker == SOS for part in parts):
        raise UnreadableImage(source, "the JPEG data ends before its pixels")
    return parts


def _markers(data: bytes, start: int) -> Iterator[int]:
    """Yield where markers stand in coded data: 0xFF and neither 0, another 0xFF nor a restart."""
    step = 1 << 20
    for left in range(start, len(data), step):
        piece = np.frombuffer(data, np.uint8, min(step + 1, len(data) - left), left)
        at = np.flatnonzero(piece[:-1] == 0xFF)
        after = piece[at + 1]
        real = (after != 0) & (after != 0xFF) & ((after < 0xD0) | (after > 0xD7))
        yield from (left + int(each) for each in at[real])


def _rebuilt(data: bytes, parts: list[_Part], fill: bytes = b"") -> Iterator[bytes | memoryview]:
    """Yield the picture's own segments, with `fill` behind the coded data of each scan."""
    view = memoryview(data)
    frame = next(part.marker for part in parts if part.marker in FRAMES)
    yield START
    for part in parts:
        if part.marker not in _NEEDED or (
            part.marker == APP0 and data[part.content :][:5] != b"JFIF\0"
        ):
            continue
        yield bytes((0xFF, part.marker))
        content = bytearray(view[part.start + 2 : part.end])
        if part.marker == APP0 and len(content) > 8:
            content[7] = 1  # an unknown version is no damage,
        elif part.marker == SOS and frame not in PROGRESSIVE and len(content) >= 6:
            content[-3:] = b"\0\x3f\0"  # nor are other values than the only ones that are allowed
        yield bytes(content)
        if part.marker == SOS:
            yield from _filled(data, part, fill) if fill else (view[part.end : part.stop],)
    yield END


def _filled(data: bytes, part: _Part, fill: bytes) -> Iterator[bytes]:
    pieces = re.split(rb"(\xff[\xd0-\xd7])", data[part.end : part.stop])
    for place, piece in enumerate(pieces):
        yield piece if place % 2 else piece + fill


def _check_scans(data: bytes, parts: list[_Part], source: str) -> None:
    """Make sure that the scans together bring every bit of every coefficient.

    Raises
    ------
    UnreadableImage
        One is missing.
    """
    frame = next((part for part in parts if part.marker in FRAMES), None)
    scans = [part for part in parts if part.marker == SOS]
    if frame is None:
        raise UnreadableImage(source, "the JPEG data has no frame header")
    count = data[frame.content + 5]
    names = [data[frame.content + 6 + 3 * each] for each in range(count)]
    # How many low bits of each coefficient are still to come; 99: it was never sent.
    to_come: dict[int, NDArray[Any]] = {name: np.full(64, 99) for name in names}
    for part in scans:
        content = data[part.content : part.end]
        sent = content[0] if content else 0
        if len(content) < 4 + 2 * sent:
            raise UnreadableImage(source, "a JPEG scan header is too short")
        first, last, bits = content[1 + 2 * sent : 4 + 2 * sent]
        if frame.marker not in PROGRESSIVE:
            first, last, bits = 0, 63, 0
        for name in content[1 : 1 + 2 * sent : 2]:
            if name in to_come:
                to_come[name][first : last + 1] = bits & 15
    if any(left.any() for left in to_come.values()):
        raise UnreadableImage(source, "scans of the JPEG data are missing")
