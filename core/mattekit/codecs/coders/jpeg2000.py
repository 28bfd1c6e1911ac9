"""JPEG 2000 at the depth of its file.

References
----------
.. [1] ITU-T T.800 (2019), A.5.1 (SIZ), I.5.3 (boxes).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from mattekit.codecs.assembly import INTEGERS, photo_of
from mattekit.codecs.boxes import MOST, boxes_in
from mattekit.codecs.coders import pillow
from mattekit.codecs.color import PROFILE_LIMIT
from mattekit.codecs.source import Check
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.geometry import Size
from mattekit.photo import Photo

__all__ = ["read", "size"]

#: A tile of real files is larger than this, in pixels; each costs the decoder a structure.
_MIN_TILE: Final = 1024
_MANY_TILES: Final = 4096
_MAX_LAYERS: Final = 256


class _Header(NamedTuple):
    """What SIZ says: where the codestream begins, size, tiles, and the depth byte of channels."""

    start: int
    size: Size
    tiles: int
    depths: list[int]


def size(data: bytes, source: str) -> Size:
    """Return the size that the coded data state."""
    return _header(data, source).size


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return a JPEG 2000 picture, in boxes or as a bare codestream."""
    start, (width, height), tiles, depths = _header(data, source)
    channels = len(depths)
    check(width, height)
    if tiles > max(_MANY_TILES, width * height // _MIN_TILE):
        raise UnreadableImage(source, f"it is cut into {tiles} pieces")
    layers = _layers(data, start + 2)
    if layers > _MAX_LAYERS:
        raise UnreadableImage(source, f"it has {layers} layers")
    bits = max(depth & 0x7F for depth in depths) + 1
    image = pillow.identify(data, source, "jp2", ("JPEG2000",))
    if bits <= 8 or image.size != (width, height):
        if image.size != (width, height):
            raise UnreadableImage(source, "its parts disagree about the size")
        return pillow.photo_from(image, source)
    boxes = dict(_header_boxes(data[:start]))
    space = int.from_bytes(boxes.get(b"colr", b"")[3:7], "big")
    if len({*depths}) > 1 or depths[0] & 0x80 or bits > 16 or channels > 4 or b"pclr" in boxes:
        given = (
            f"a JPEG 2000 of {channels} channels of {bits} bits, signed, mixed or with a palette"
        )
        raise InvalidFileType(source, given, INTEGERS)
    if boxes.get(b"colr", b"\1")[:1] == b"\1" and space not in {0, 16, 17}:
        raise InvalidFileType(
            source,
            f"a JPEG 2000 of {bits} bits in colour space {space}",
            "sRGB or grey: save it so",
        )
    import imagecodecs

    samples = imagecodecs.jpeg2k_decode(data)
    if samples.shape[:2] != (height, width):
        raise UnreadableImage(source, "its parts disagree about the size")
    profile = boxes[b"colr"][3:] if boxes.get(b"colr", b"")[:1] == b"\2" else None
    return photo_of(samples, "jp2", source, profile, pillow.facts_of_image(image), bits=bits)


def _header(data: bytes, source: str) -> _Header:
    start = data.find(b"\xff\x4f\xff\x51")
    try:
        across, down, x0, y0, tile_w, tile_h, tile_x, tile_y, channels = struct.unpack_from(
            ">IIIIIIIIH", data, start + 8
        )
        kinds = [data[start + 42 + 3 * each : start + 45 + 3 * each] for each in range(channels)]
        depths = [kind[0] for kind in kinds]
    except (struct.error, IndexError):
        raise UnreadableImage(source, "the JPEG 2000 data has no header") from None
    width, height = across - x0, down - y0
    if start < 0 or width < 1 or height < 1 or not tile_w or not tile_h:
        raise UnreadableImage(source, "the JPEG 2000 header is broken")
    tiles = -(-(across - tile_x) // tile_w) * -(-(down - tile_y) // tile_h)
    return _Header(start, Size(width, height), tiles, depths)


def _layers(data: bytes, at: int) -> int:
    """Return the number of quality layers that the main header of a codestream states."""
    layers = 1
    for _ in range(MOST):
        marker = data[at : at + 2]
        if marker == b"\xff\x52":  # COD: its length, style, order
            layers = max(layers, int.from_bytes(data[at + 6 : at + 8], "big"))
        if len(marker) < 2 or marker == b"\xff\x90":  # the first tile
            break
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return layers


def _header_boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the boxes in the header of a JP2 file, the first of each kind last."""
    for name, start, end in boxes_in(data, 0, len(data)):
        if name == b"jp2h":
            found = [
                (inner, data[left : min(right, left + PROFILE_LIMIT)])
                for inner, left, right in boxes_in(data, start, end)
            ]
            yield from reversed(found)
