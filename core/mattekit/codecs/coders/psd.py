"""PSD, read: the merged picture, at the depth of the file.

References
----------
.. [1] Adobe, Photoshop File Formats Specification (November 2019)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.color import PROFILE_LIMIT, ColorSpace, to_rgb
from mattekit.codecs.facts import facts_of
from mattekit.codecs.metadata import dpi_of
from mattekit.codecs.psdwriter import write
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.geometry import Size
from mattekit.imaging.samples import Pixels, strips
from mattekit.photo import Photo
from mattekit.picture import Metadata

if TYPE_CHECKING:
    from mattekit.codecs.source import Check

__all__ = ["read", "size", "write"]

_MODES: Final[dict[int, tuple[ColorSpace, int]]] = {
    1: ("gray", 1),
    3: ("rgb", 3),
    4: ("cmyk", 4),
    8: ("gray", 1),  # duotone: its inks are for printing
    9: ("lab", 3),
}
_NAMES: Final = {0: "black and white", 2: "a palette", 7: "several inks"}
_EXPECTED: Final = "8 or 16 bits in grey, RGB, CMYK or Lab: convert it, or save it as PNG"
_RESOLUTION, _PROFILE, _EXIF, _XMP = 1005, 1039, 1058, 1060
_MAX_RESOURCES: Final = 4096
_RAW, _PACKBITS = 0, 1


class _Header(NamedTuple):
    """What stands before the sections."""

    channels: int
    height: int
    width: int
    bits: int
    mode: int


def size(data: bytes, source: str) -> Size:
    """Return what the header says."""
    header = _header(data, source)
    return Size(header.width, header.height)


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return the merged picture of a PSD file; where it has transparency, that too.

    Photoshop mixes the merged picture with white where it is transparent. That is undone as far as
    the depth allows; where nothing is left to see, it stays white.

    Raises
    ------
    InputError
        See `mattekit.codecs.decode`.
    """
    channels, height, width, bits, mode = _header(data, source)
    check(width, height)
    if mode not in _MODES or bits not in {8, 16}:
        given = f"a PSD of {bits} bits in {_NAMES.get(mode, 'another colour mode')}"
        if mode in _MODES:
            given = f"a PSD of {bits} bits"
        raise InvalidFileType(source, given, _EXPECTED)
    space, colors = _MODES[mode]
    at = 26
    at += 4 + _length(data, at, source)
    end = at + 4 + _length(data, at, source)
    resources = dict(_resources(data[at + 4 : end]))
    layers = data[end + 4 : end + 4 + _length(data, end, source)]
    transparent = channels > colors and _count_of_layers(layers) < 0
    start = end + 4 + len(layers)
    if channels < colors:
        raise UnreadableImage(source, f"{channels} of {colors} channels are there")
    wanted = colors + transparent
    planes = _planes(data, start, (channels, height, width), bits, wanted, source)
    samples: Any = np.stack(planes[:colors], -1)
    alpha = planes[colors] if transparent else None
    if alpha is not None and space in {"gray", "rgb"}:
        _white_removed(samples, alpha)
    if space == "cmyk":
        np.invert(samples, out=samples)  # it stores the light, not the ink
    plain: Pixels = samples[..., 0] if space == "gray" else samples
    color, profile = to_rgb(plain, space, resources.get(_PROFILE))
    facts = facts_of([resources.get(_EXIF)], resources.get(_XMP), dpi=_resolution(resources))
    return Photo(color, alpha, Metadata(profile, facts.dpi, facts.exif), "psd", source=source)


def _header(data: bytes, source: str) -> _Header:
    if len(data) < 30:
        raise UnreadableImage(source, "it is truncated")
    version, *header = struct.unpack_from(">H6xHIIHH", data, 4)
    if version != 1:
        raise InvalidFileType(source, "a PSB, the large kind of PSD", "a PSD, PNG or TIFF")
    return _Header(*header)


def _length(data: bytes, at: int, source: str) -> int:
    """Return the length of a section, which must lie within the file."""
    size = int.from_bytes(data[at : at + 4], "big")
    if at + 4 + size > len(data):
        raise UnreadableImage(source, "it is truncated")
    return size


def _resources(block: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(_MAX_RESOURCES):
        if block[at : at + 4] != b"8BIM" or at + 12 > len(block):
            return
        name = 1 + block[at + 6]
        start = at + 6 + name + name % 2 + 4
        size = int.from_bytes(block[start - 4 : start], "big")
        number = int.from_bytes(block[at + 4 : at + 6], "big")
        if size <= PROFILE_LIMIT:
            yield number, block[start : start + size]
        at = start + size + size % 2


def _count_of_layers(section: bytes) -> int:
    """Return how many layers there are; a negative number: the first extra channel is an alpha."""
    if len(section) >= 6 and int.from_bytes(section[:4], "big"):
        return int(struct.unpack_from(">h", section, 4)[0])
    at = section.find(b"8BIMLr16", 0, 64)
    at = at if at >= 0 else section.find(b"8BIMMt16", 0, 4096)  # transparency without layers
    if at >= 0 and section[at + 4 : at + 8] == b"Mt16":
        return -1
    return int(struct.unpack_from(">h", section, at + 12)[0]) if 0 <= at < len(section) - 14 else 0


def _planes(
    data: bytes, at: int, shape: tuple[int, int, int], bits: int, wanted: int, source: str
) -> list[Pixels]:
    """Return the first planes of the merged picture."""
    channels, height, width = shape
    kind = np.dtype(f">u{bits // 8}")
    size = height * width * kind.itemsize
    method = int.from_bytes(data[at : at + 2], "big")
    at += 2
    planes: list[Any] = []
    if method == _RAW:
        for place in range(at, at + wanted * size, size):
            if place + size > len(data):
                raise UnreadableImage(source, "pixels are missing")
            planes.append(np.frombuffer(data, kind, height * width, place))
    elif method == _PACKBITS:
        lengths = np.frombuffer(data, ">u2", channels * height, at).astype(np.int64)
        at += 2 * channels * height
        for each in lengths.reshape(channels, height)[:wanted].sum(1).tolist():
            planes.append(_unpacked(data[at : at + each], size, source).view(kind))
            at += each
    else:
        raise InvalidFileType(source, "a PSD whose merged picture is zipped", "one saved as usual")
    return [
        plane.reshape(height, width).astype(kind.newbyteorder("="), copy=True) for plane in planes
    ]


def _unpacked(packed: bytes, size: int, source: str) -> NDArray[np.uint8]:
    """Return exactly `size` bytes of PackBits."""
    import imagecodecs

    # Two bytes make 128 at most.
    if size > 64 * len(packed):
        raise UnreadableImage(source, "pixels are missing")
    unpacked = imagecodecs.packbits_decode(packed)
    if len(unpacked) != size:
        raise UnreadableImage(
            source, f"pixels are missing: {len(unpacked)} of {size} bytes are there"
        )
    return np.frombuffer(unpacked, np.uint8)


def _white_removed(samples: Pixels, alpha: Pixels) -> None:
    """Take out, in place, the white that a merged picture is mixed with."""
    full = int(np.iinfo(samples.dtype).max)
    for part in strips(samples.shape):
        a = alpha[part].astype(np.int64)[..., None]
        mixed = samples[part].astype(np.int64) - (full - a)
        straight = (mixed * full + a // 2) // np.maximum(a, 1)
        samples[part] = np.where(a > 0, np.clip(straight, 0, full), full)


def _resolution(resources: dict[int, bytes]) -> tuple[float, float] | None:
    block = resources.get(_RESOLUTION, b"")
    if len(block) < 16:
        return None
    x, y = struct.unpack_from(">I4xI", block)
    return dpi_of((x / 65536, y / 65536))
