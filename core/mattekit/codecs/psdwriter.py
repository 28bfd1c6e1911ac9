"""PSD, written: the picture as a layer with the matte as its mask.

PSD and OpenRaster hold the picture with all its colours and the matte apart from it, so that an
editor can still correct the matte. PSD has layer masks: there is the picture as a layer with the
matte as its mask. OpenRaster has none: there is the cut-out as a layer whose hidden colours are
kept under alpha 0, and, hidden, the whole picture and the matte. Shadow and background are a layer
of their own below.

References
----------
.. [1] Adobe, Photoshop File Formats Specification (November 2019)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.color import with_profile
from mattekit.errors import OptionError
from mattekit.formats import WRITTEN
from mattekit.geometry import Box
from mattekit.imaging.samples import Pixels, strips
from mattekit.picture import BACKGROUND, Metadata, Picture

__all__ = ["write"]

_PSD_BYTES: Final = (1 << 31) - 1
#: 16.16 bits hold no more.
_PSD_DPI: Final = 65535.0
#: What a layer of one of several subjects shows around it, as a share of its longer side, and at
#: least, in pixels: an editor can correct its mask there.
_RIM: Final = 0.1
_RIM_PIXELS: Final = 16
#: Numbers of a layer's channels.
_TRANSPARENCY, _MASK = -1, -2


def write(picture: Picture, metadata: Metadata) -> bytes:
    """Return a PSD file.

    Parameters
    ----------
    picture : Picture
    metadata : Metadata
        Profile, resolution and EXIF become image resources.

    Returns
    -------
    bytes
        With the layer "Cut-out", which is the picture with the matte as its mask, or such a layer
        of each subject, and, where something lies behind, "Background". Readers that know no layers
        see the merged picture, which has transparency and, as is the custom, is mixed with white.

    Raises
    ------
    OptionError
        The picture is too large for PSD: more than 30 000 pixels a side or 2 gigabytes.
    """
    size, color, alpha = picture.size, picture.color, picture.full_alpha()
    pictures = picture.layers or (picture,)
    # Several subjects would hold the picture several times: each has what lies around it.
    alone = sum(each.name != BACKGROUND for each in pictures) == 1
    boxes = [size.box if alone or each.name == BACKGROUND else _around(each) for each in pictures]
    side = WRITTEN["psd"].max_side or max(size)
    area = size.area + sum(box.size.area for box in boxes)
    if max(size) > side or area * 4 * color.itemsize > _PSD_BYTES:
        reason = f"{size.width} × {size.height} pixels, at most {side} a side and 2 GB"
        raise OptionError("format", "psd", "ora, png or tiff", reason)
    layers = [_Layer.of(each, box) for each, box in zip(pictures, boxes, strict=True)]
    shown = [_packed(_over_white(color[..., channel], alpha)) for channel in range(3)]
    shown.append(_packed(alpha))
    parts = [
        struct.pack(">4sH6xHIIHH", b"8BPS", 1, 4, size.height, size.width, 8 * color.itemsize, 3),
        struct.pack(">I", 0),  # no palette
        _block(b"".join(_resources(with_profile(metadata)))),
        _block(_section(layers, color.itemsize)),
        struct.pack(">H", 1),
        *(lengths for lengths, _ in shown),
        *(rows for _, rows in shown),
    ]
    return b"".join(parts)


def _over_white(plane: Pixels, alpha: Pixels) -> Pixels:
    """Return a channel of the merged picture: by convention it is mixed with white."""
    most = int(np.iinfo(plane.dtype).max)
    result = np.empty_like(plane)
    for part in strips(plane.shape):
        share = alpha[part].astype(np.uint32)
        result[part] = (plane[part] * share + (most - share) * most + most // 2) // most
    return result


def _packed(plane: NDArray[np.uint8] | NDArray[np.uint16]) -> tuple[bytes, bytes]:
    """Return a channel as PackBits: the byte counts of its rows, and the rows."""
    from imagecodecs import packbits_encode

    rows = np.ascontiguousarray(plane.astype(plane.dtype.newbyteorder(">")))
    coded = [packbits_encode(row.tobytes()) for row in rows]
    return struct.pack(f">{len(coded)}H", *map(len, coded)), b"".join(coded)


def _block(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _resources(metadata: Metadata) -> Iterator[bytes]:
    x, y = metadata.dpi or (72.0, 72.0)
    x, y = (min(value, _PSD_DPI) for value in (x, y))
    fixed = struct.pack(">IHHIHH", round(x * 65536), 1, 1, round(y * 65536), 1, 1)
    yield _resource(1005, fixed)
    # Names of the alpha channels beyond the colours, as a Pascal string and in Unicode.
    name = "Transparency"
    yield _resource(1006, bytes([len(name)]) + name.encode())
    yield _resource(1045, struct.pack(">I", len(name) + 1) + f"{name}\0".encode("utf-16-be"))
    if metadata.icc_profile is not None:
        yield _resource(1039, metadata.icc_profile)
    if metadata.exif is not None:
        yield _resource(1058, metadata.exif)


def _resource(number: int, data: bytes) -> bytes:
    return struct.pack(">4sHHI", b"8BIM", number, 0, len(data)) + data + b"\0" * (len(data) % 2)


class _Layer(NamedTuple):
    """A layer's name and its channels: 0 to 2 are colours, -1 is transparency, -2 the mask."""

    name: str
    box: Box
    channels: dict[int, bytes]

    @classmethod
    def of(cls, picture: Picture, box: Box) -> _Layer:
        planes = {channel: picture.color[box.slices][..., channel] for channel in range(3)}
        matte = _TRANSPARENCY if picture.name == BACKGROUND else _MASK
        planes[matte] = picture.full_alpha()[box.slices]
        packed = {number: _packed(plane) for number, plane in planes.items()}
        return cls(
            picture.name,
            box,
            {n: struct.pack(">H", 1) + lengths + rows for n, (lengths, rows) in packed.items()},
        )

    def record(self) -> bytes:
        """Return the layer's entry in the list of layers."""
        box = struct.pack(">iiii", self.box.top, self.box.left, self.box.bottom, self.box.right)
        mask = box + struct.pack(">BBH", 0, 0, 0) if _MASK in self.channels else b""
        short = bytes([len(self.name)]) + self.name.encode()  # a Pascal string, in whole fours
        short += b"\0" * (-len(short) % 4)
        label = struct.pack(">I", len(self.name)) + self.name.encode("utf-16-be")
        label += b"\0" * (-len(label) % 4)
        return (
            box
            + struct.pack(">H", len(self.channels))
            + b"".join(struct.pack(">hI", n, len(data)) for n, data in self.channels.items())
            + struct.pack(">4s4sBBBB", b"8BIM", b"norm", 255, 0, 8, 0)
            + _block(_block(mask) + _block(b"") + short + b"8BIMluni" + _block(label))
        )


def _around(picture: Picture) -> Box:
    """Return the part of a picture that the layer of one of several subjects holds."""
    seen = picture.full_alpha() > 0
    columns, rows = np.flatnonzero(seen.any(axis=0)), np.flatnonzero(seen.any(axis=1))
    if not len(rows):
        return Box(0, 0, 1, 1)
    box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    rim = max(_RIM_PIXELS, round(_RIM * max(box.size)))
    return box.padded(rim, rim, rim, rim).intersection(picture.size.box)


def _section(layers: list[_Layer], itemsize: int) -> bytes:
    """Return the section of layers and masks, the lowest layer first."""
    # A negative count: the first channel beyond the colours of the merged picture is transparency.
    info = struct.pack(">h", -len(layers))
    info += b"".join(layer.record() for layer in layers)
    info += b"".join(data for layer in layers for data in layer.channels.values())
    info += b"\0" * (-len(info) % 4)
    if itemsize == 1:
        return _block(info) + _block(b"")
    # At 16 bits the layers stand in a tagged block behind an empty layer info.
    return _block(b"") + _block(b"") + b"8BIMLr16" + _block(info)
