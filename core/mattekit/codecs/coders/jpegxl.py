"""JPEG XL at the depth of its file.

imagecodecs is asked only once the size that the *coded data* state is known and allowed: the boxes
around them may say anything.

References
----------
.. [1] ISO/IEC 18181-1:2024, annex D (headers of JPEG XL); 18181-2, boxes.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from mattekit.codecs.assembly import INTEGERS, photo_of
from mattekit.codecs.boxes import boxes_in
from mattekit.codecs.facts import facts_of
from mattekit.codecs.source import Check
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.geometry import Size
from mattekit.photo import Photo

__all__ = ["read", "size"]

#: Values of ColourEncoding in JPEG XL (18181-1, D.3.5): those of ITU-T H.273 and some more.
_XL_GRAY, _XL_CUSTOM = 1, 2
_LINEAR, _SRGB = 8, 13
_PRIMARIES: Final = {
    1: ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}


class _Bits:
    """The bits of a JPEG XL header, from the lowest of each byte."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("the header of the JPEG XL data ends too early")
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return value

    def choice(self, *ways: tuple[int, int]) -> int:
        """Return one of four (base, bits): the base and the number in that many bits."""
        base, bits = ways[self.take(2)]
        return base + self.take(bits)


class _XlColors(NamedTuple):
    """An enumerated colour space: grey or not, white, primaries, curve (negative: a gamma)."""

    gray: bool = False
    white: int = 1
    primaries: int = 1
    curve: float = 13


class _XlHeader(NamedTuple):
    """Size as coded, orientation, bits (0: floating point), animated, colours (None: a profile)."""

    width: int
    height: int
    orientation: int
    bits: int
    animated: bool
    colors: _XlColors | None


def size(data: bytes, source: str) -> Size:
    """Return the size that the coded data state."""
    header = _checked_header(_xl_stream(data)[0], source)
    return Size(header.width, header.height)


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return a JPEG XL picture, in sRGB or a space for which a profile can be made."""
    stream, exif, xmp = _xl_stream(data)
    head = _checked_header(stream, source)
    check(head.width, head.height)
    if not 1 <= head.bits <= 16:
        raise InvalidFileType(source, "a JPEG XL of floating-point numbers", INTEGERS)
    profile = _xl_profile(head.colors) if head.colors is not None else None
    if profile is None:
        raise InvalidFileType(
            source,
            "a JPEG XL with a colour profile of its own, or for HDR",
            "one in sRGB, or a picture whose profile can be read: save it as PNG or TIFF",
        )
    import imagecodecs

    index = 0 if head.animated else None
    samples = imagecodecs.jpegxl_decode(data, index=index, keeporientation=True)
    if samples.shape[:2] != (head.height, head.width):
        raise UnreadableImage(source, "its parts disagree about the size")
    # The header's orientation holds, whatever EXIF repeats (18181-1, D.3.2).
    facts = facts_of([exif], xmp)._replace(orientation=head.orientation)
    return photo_of(samples, "jxl", source, profile, facts, bits=head.bits)


def _checked_header(stream: bytes, source: str) -> _XlHeader:
    try:
        return _xl_header(_Bits(stream[2:1024]))
    except ValueError as error:
        raise UnreadableImage(source, str(error)) from error


def _xl_stream(data: bytes) -> tuple[bytes, bytes | None, bytes | None]:
    """Return the start of the codestream, EXIF and XMP."""
    if data.startswith(b"\xff\x0a"):
        return data, None, None
    stream, exif, xmp = b"", None, None
    for name, start, end in boxes_in(data, 0, len(data)):
        if name == b"jxlc" or (name == b"jxlp" and data[start : start + 4] == bytes(4)):
            first = start + (4 if name == b"jxlp" else 0)
            stream = stream or data[first : min(end, first + 1024)]
        elif name == b"Exif":
            exif = data[start + 4 + int.from_bytes(data[start : start + 4], "big") : end]
        elif name == b"xml ":
            xmp = data[start:end]
    return stream, exif, xmp


def _xl_size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)

    def side() -> int:
        if small:
            return 8 * (1 + bits.take(5))
        return bits.choice((1, 9), (1, 13), (1, 18), (1, 30))

    height = side()
    ratio = bits.take(3)
    if not ratio:
        return side(), height
    over, under = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))[ratio - 1]
    return height * over // under, height


def _xl_depth(bits: _Bits) -> int:
    if not bits.take(1):
        return bits.choice((8, 0), (10, 0), (12, 0), (1, 6))
    bits.choice((32, 0), (16, 0), (24, 0), (1, 6))
    bits.take(4)
    return 0


def _xl_header(bits: _Bits) -> _XlHeader:
    width, height = _xl_size(bits)
    if bits.take(1):  # everything as usual
        return _XlHeader(width, height, 1, 8, False, _XlColors())
    orientation, animated = 1, False
    if bits.take(1):
        orientation = 1 + bits.take(3)
        if bits.take(1):
            _xl_size(bits)
        if bits.take(1):  # a preview: its size is written otherwise, and nobody writes one
            raise ValueError("a preview stands in the JPEG XL data")
        animated = bool(bits.take(1))
        if animated:  # how long its frames are shown, and how often
            bits.choice((100, 0), (1000, 0), (1, 10), (1, 30))
            bits.choice((1, 0), (1001, 0), (1, 8), (1, 10))
            bits.choice((0, 0), (0, 3), (0, 16), (0, 32))
            bits.take(1)
    depth = _xl_depth(bits)
    bits.take(1)
    for _ in range(bits.choice((0, 0), (1, 0), (2, 4), (1, 12))):
        if bits.take(1):
            continue  # alpha as usual
        kind = bits.choice((0, 0), (1, 0), (2, 4), (18, 6))
        _xl_depth(bits)
        bits.choice((0, 0), (3, 0), (4, 0), (1, 3))
        for _ in range(bits.choice((0, 0), (0, 4), (16, 5), (48, 10))):
            bits.take(8)
        if kind == 0:
            bits.take(1)
        else:
            return _XlHeader(width, height, orientation, depth, animated, None)
    bits.take(1)  # XYB
    if bits.take(1):  # wholly sRGB
        return _XlHeader(width, height, orientation, depth, animated, _XlColors())
    if bits.take(1):
        return _XlHeader(width, height, orientation, depth, animated, None)
    ways = (0, 0), (1, 0), (2, 4), (18, 6)
    space = bits.choice(*ways)
    white = bits.choice(*ways)
    primaries = 1 if space == _XL_GRAY or white == _XL_CUSTOM else bits.choice(*ways)
    curve = -bits.take(24) / 1e7 if bits.take(1) else bits.choice(*ways)
    colors = _XlColors(space == _XL_GRAY, white, primaries, curve) if space in {0, 1} else None
    return _XlHeader(width, height, orientation, depth, animated, colors)


def _xl_profile(colors: _XlColors) -> bytes | None:
    """Return an ICC profile of a colour space, empty for sRGB, None where none can be made."""
    primaries = _PRIMARIES.get(colors.primaries)
    levels = np.linspace(0.0, 1.0, 1024)
    curve: dict[str, Any]
    if colors == _XlColors(colors.gray):
        return b""
    if colors.white != 1 or primaries is None:
        return None
    if colors.curve < 0:
        curve = {"gamma": -1 / colors.curve}
    elif colors.curve == _LINEAR:
        curve = {"gamma": 1.0}
    elif colors.curve == _SRGB:
        light = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
        curve = {"transferfunction": np.round(light * 65535).astype(np.uint16)}
    else:
        return None
    import imagecodecs

    white = (0.3127, 0.3290, 1.0)
    if colors.gray:
        profile: bytes = imagecodecs.cms_profile("gray", whitepoint=white, **curve)
    else:
        flat = [value for x, y in primaries for value in (x, y, 1.0)]
        profile = imagecodecs.cms_profile("rgb", whitepoint=white, primaries=flat, **curve)
    return profile
