"""The ZIP of the remove.bg API: colours as JPEG and alpha as PNG."""

from __future__ import annotations

from typing import Final

import numpy as np

from mattekit.codecs import archive
from mattekit.codecs.coders import jpeg, png
from mattekit.codecs.edge_padding import pad_edges
from mattekit.codecs.explain import refusal
from mattekit.codecs.signatures import HEAD, sniff
from mattekit.codecs.source import Check
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.geometry import Size
from mattekit.imaging.samples import Pixels, eight_bits
from mattekit.photo import Photo
from mattekit.picture import Metadata
from mattekit.threads import beside

__all__ = ["read", "size", "write"]

_READERS: Final = {"jpg": jpeg.read, "png": png.read}
_SIZES: Final = {"jpg": jpeg.size, "png": png.size}


def size(data: bytes, source: str) -> Size:
    """Return the size of the colour; reading compares it with that of the alpha."""
    kind, color, name = _pictures(data, source)[0]
    return _SIZES[kind](color, name)


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return the colour and the alpha of a result with ``format="zip"``."""
    color, matte = (
        _READERS[kind](part, name, check) for kind, part, name in _pictures(data, source)
    )
    if color.size != matte.size:
        raise UnreadableImage(
            source, f"its colour is {color.size} and its alpha {matte.size} pixels large"
        )
    alpha = np.ascontiguousarray(eight_bits(matte.color)[..., 0])
    return color.replace(color=eight_bits(color.color), alpha=alpha, format="zip", source=source)


def _pictures(data: bytes, source: str) -> list[tuple[str, bytes, str]]:
    """Return colour and alpha: the kind of each, its bytes, and what messages call it."""
    try:
        parts = archive.unpack(data, len(data) + archive.ENTRY_ROOM, source)
    except InvalidFileType:
        raise refusal(source, "zip") from None
    found = []
    for part, entry in zip(parts, (archive.COLOR, archive.MATTE), strict=True):
        name = f"{source}: {entry}"
        kind = sniff(part[:HEAD])
        if kind not in _READERS:
            raise UnreadableImage(name, "it is neither JPEG nor PNG")
        found.append((kind, part, name))
    return found


def write(color: Pixels, alpha: Pixels, metadata: Metadata, quality: int) -> bytes:
    """Return ``color.jpg``, its edges padded, and ``alpha.png``."""
    matte = eight_bits(alpha)

    def colored() -> bytes:
        return jpeg.write(pad_edges(eight_bits(color), matte), None, metadata, quality)

    # Of the two only PNG is packed on several processors: it is what this thread begins with.
    with beside(colored) as packed:
        data = png.write(None, matte, Metadata())
        return archive.pack({archive.COLOR: packed(), archive.MATTE: data})
