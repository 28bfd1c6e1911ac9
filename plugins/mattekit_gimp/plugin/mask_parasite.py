"""What a layer remembers of its mask, so that a correction starts where the last one ended.

It is a parasite of the layer: it goes into the XCF file, and it is undone with the mask. It holds
what the mask came from and everything that was marked since, and a digest of the mask: where
somebody has painted on it meanwhile, what is there counts, and the rest is forgotten.
"""

import hashlib
import json
import zlib
from typing import Any, Dict, Mapping, NamedTuple, Optional

from mattekit_bridge import Picture

__all__ = ["NAME", "Memory", "recall", "remember"]

NAME = "mattekit-hints"
_KIND = "mattekit-hints 1"
_PERSISTENT, _UNDOABLE = 1, 2
_FAST = 1
_LONGEST_HEADER = 100_000


class Memory(NamedTuple):
    """Where a mask came from.

    Attributes
    ----------
    width, height : int
        Of the layer.
    options : mapping of str to str
        What the worker was asked for.
    keep, remove : bytes
        A byte per pixel, 255 where it is marked, or none at all; no pixel is in both.
    base : Picture or None
        The mask that was there before; None where a network found the subject.
    """

    width: int
    height: int
    options: Mapping[str, str]
    keep: bytes
    remove: bytes
    base: Optional[Picture] = None

    @classmethod
    def of(
        cls, width: int, height: int, options: Mapping[str, str], base: Optional[Picture] = None
    ) -> "Memory":
        """Return one in which nothing is marked."""
        return cls(width, height, options, b"", b"", base)

    def marked(self, selected: bytes, *, keep: bool) -> "Memory":
        """Return it with what is selected marked; a later mark counts, as paint does."""
        others = _without(self.remove if keep else self.keep, selected)
        mine = _union(self.keep if keep else self.remove, selected)
        return self._replace(
            keep=mine if keep else others,
            remove=others if keep else mine,
        )

    def pictures(self) -> Dict[str, Picture]:
        """Return what the worker is sent beside the layer."""
        found = {}
        for name, plane in (("keep", self.keep), ("remove", self.remove)):
            if plane:
                found[name] = Picture(self.width, self.height, 1, 255, plane)
        return found


def remember(layer: Any, memory: Memory, mask: Picture) -> None:
    """Attach a memory to a layer, as that of this mask."""
    planes = [memory.keep, memory.remove]
    facts: Dict[str, Any] = {
        "kind": _KIND,
        "width": memory.width,
        "height": memory.height,
        "options": dict(memory.options),
        "mask": _digest(mask),
    }
    if memory.base is not None:
        facts["maximum"] = memory.base.maximum
        planes.append(bytes(memory.base.samples))
    packed = [zlib.compress(plane, _FAST) if plane else b"" for plane in planes]
    facts["lengths"] = [len(part) for part in packed]
    data = json.dumps(facts).encode("utf-8") + b"\n" + b"".join(packed)
    layer.attach_new_parasite(NAME, _PERSISTENT | _UNDOABLE, data)


def recall(layer: Any, mask: Optional[Picture]) -> Optional[Memory]:
    """Return what a layer remembers of a mask; None where it remembers nothing of this very one.

    What lies in a file of somebody else's may be anything: what does not fit is no memory.
    """
    found = layer.parasite_find(NAME)
    if found is None or mask is None:
        return None
    head, _, rest = bytes(found.data).partition(b"\n")
    try:
        facts = json.loads(head) if len(head) <= _LONGEST_HEADER else {}
        if facts.get("kind") != _KIND or facts["mask"] != _digest(mask):
            return None
        size = layer.width, layer.height
        if size != (facts["width"], facts["height"]):
            return None
        options = {str(name): str(value) for name, value in facts["options"].items()}
        count = layer.width * layer.height
        wide = facts.get("maximum", 255)
        if wide not in (255, 65535):
            return None
        sizes = [count, count, count * (1 if wide < 256 else 2)]
        planes, at = [], 0
        for length, expected in zip(facts["lengths"], sizes):
            planes.append(_unpacked(rest[at : at + length], expected) if length else b"")
            at += length
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error):
        return None
    if len(planes) not in (2, 3) or _meet(planes[0], planes[1]):
        return None
    if len(planes) == 3 and not planes[2]:
        return None
    base = Picture(*size, 1, wide, planes[2]) if len(planes) == 3 else None
    return Memory(*size, options, planes[0], planes[1], base)


def _unpacked(data: bytes, expected: int) -> bytes:
    """Return so many bytes, or raise; no more are made, whatever the data say."""
    opener = zlib.decompressobj()
    plane = opener.decompress(data, expected + 1)
    if len(plane) != expected or not opener.eof:
        raise ValueError("another size")
    return plane


def _digest(mask: Picture) -> str:
    return hashlib.sha256(mask.samples).hexdigest()


# Planes are long: as one number each they are combined at the speed of memory.


def _number(plane: bytes) -> int:
    return int.from_bytes(plane, "little")


def _union(one: bytes, other: bytes) -> bytes:
    return (_number(one) | _number(other)).to_bytes(len(other), "little")


def _without(one: bytes, other: bytes) -> bytes:
    left = _number(one) & ~_number(other)
    return left.to_bytes(len(one), "little") if left else b""


def _meet(one: bytes, other: bytes) -> bool:
    return bool(_number(one) & _number(other))
