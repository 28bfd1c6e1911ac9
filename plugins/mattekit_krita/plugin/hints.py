"""What belongs to the subject and what does not, as planes: painted, selected, kept in a document.

A *plane* has one byte per pixel of the layer, here 0 or 255. The later hint counts where two lie on
each other, as paint does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import Dict, NamedTuple, Optional, Tuple

from mattekit_krita.plugin import planes

__all__ = ["KEEP", "NONE", "REMOVE", "Hints", "Record", "drawn", "painted", "read", "rows", "write"]

#: The colors of paint, as Krita keeps them: blue, green, red, alpha. They differ in what decides.
KEEP = bytes((60, 190, 40, 255))
REMOVE = bytes((50, 40, 225, 255))

_VERSION = 1


class Hints(NamedTuple):
    """Hints for a layer; an empty plane has nothing marked.

    Attributes
    ----------
    keep, remove : bytes
        No pixel is in both.
    """

    keep: bytes = b""
    remove: bytes = b""

    def kept(self, plane: bytes) -> Hints:
        """Return these and what is kept now."""
        return Hints(_added(self.keep, plane), _freed(self.remove, plane))

    def removed(self, plane: bytes) -> Hints:
        """Return these and what is removed now."""
        return Hints(_freed(self.keep, plane), _added(self.remove, plane))

    @property
    def any(self) -> bool:
        """Whether anything is marked."""
        return _marked(self.keep) or _marked(self.remove)


NONE = Hints()


class Record(NamedTuple):
    """How a mask came about, as it is kept in the document.

    Attributes
    ----------
    options : dict of str to str
        What the worker was told.
    hints : Hints
    mask : bytes
        What was given in place of the network's answer; empty where it was asked.
    """

    options: Dict[str, str]
    hints: Hints = NONE
    mask: bytes = b""


def painted(pixels: bytes) -> Hints:
    """Return what is painted on a layer of 8-bit RGBA, as Krita keeps it, in the two colors."""
    opaque = planes.firm(pixels[3::4])
    green, red = planes.firm(pixels[1::4]), planes.firm(pixels[2::4])
    return Hints(
        planes.both(planes.without(green, red), opaque),
        planes.both(planes.without(red, green), opaque),
    )


def drawn(hints: Hints, count: int) -> bytes:
    """Return pixels of 8-bit RGBA, as Krita keeps them, with the hints in the two colors."""
    keep, remove = (_full(plane, count) for plane in hints)
    result = bytearray(4 * count)
    for byte in range(4):
        result[byte::4] = planes.either(
            keep.translate(_only(KEEP[byte])), remove.translate(_only(REMOVE[byte]))
        )
    return bytes(result)


def rows(plane: bytes, width: int) -> Tuple[int, bytes]:
    """Return the first row with a mark, and the rows from there to the last."""
    if not _marked(plane):
        return 0, b""
    top = (len(plane) - len(plane.lstrip(b"\0"))) // width
    end = -(-len(plane.rstrip(b"\0")) // width)
    return top, plane[top * width : end * width]


def write(record: Record, mask: bytes) -> bytes:
    """Return a record of how `mask` came about, for a document."""
    facts = {
        "version": _VERSION,
        "of": _digest(mask),
        "mask": _packed(record.mask),
        "options": dict(record.options),
        "keep": _packed(record.hints.keep),
        "remove": _packed(record.hints.remove),
    }
    return json.dumps(facts, sort_keys=True).encode("ascii")


def read(data: bytes, mask: bytes) -> Optional[Record]:
    """Return the record of how `mask` came about; None if it tells of another, or is none."""
    try:
        facts = json.loads(data.decode("ascii"))
        if facts["version"] != _VERSION or facts["of"] != _digest(mask):
            return None
        options = {str(name): str(value) for name, value in facts["options"].items()}
        keep, remove = (
            planes.firm(_unpacked(facts[name], len(mask))) for name in ("keep", "remove")
        )
        hints = Hints(keep, planes.without(remove, keep) if keep and remove else remove)
        return Record(options, hints, _unpacked(facts["mask"], len(mask)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error):
        return None  # whoever wrote it was not this version of mattekit


# -- inside ------------------------------------------------------------------------------------


def _digest(plane: bytes) -> str:
    return hashlib.sha256(plane).hexdigest()


def _marked(plane: bytes) -> bool:
    return plane.count(0) < len(plane)


def _full(plane: bytes, count: int) -> bytes:
    return plane or bytes(count)


def _added(plane: bytes, more: bytes) -> bytes:
    return planes.either(_full(plane, len(more)), more)


def _freed(plane: bytes, other: bytes) -> bytes:
    return planes.without(plane, other) if plane else plane


def _only(value: int) -> bytes:
    return bytes([0] * 255 + [value])


def _packed(plane: bytes) -> str:
    return base64.b64encode(zlib.compress(plane, 1)).decode("ascii") if _marked(plane) else ""


def _unpacked(text: str, count: int) -> bytes:
    if not text:
        return b""
    unpacker = zlib.decompressobj()
    plane = unpacker.decompress(base64.b64decode(text, validate=True), count + 1)
    if len(plane) != count:
        raise ValueError(f"{len(plane)} pixels instead of {count}")
    return plane
