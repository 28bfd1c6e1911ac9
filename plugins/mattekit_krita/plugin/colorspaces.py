"""Pixels between color spaces: by Krita itself, in a document that nobody sees.

Krita's script interface converts layers, not bytes. So bytes are put into a layer of a hidden
document, the layer is converted, and its bytes are taken. The user's document is not touched, and
nothing is added to its history.
"""

from __future__ import annotations

from typing import Any, Generator, NamedTuple

from krita import Krita

__all__ = [
    "SRGB",
    "Conversion",
    "Space",
    "converted",
    "converted_pixels",
    "hidden_document",
    "of",
    "target",
]

SRGB = "sRGB-elle-V2-srgbtrc.icc"
#: Profiles whose numbers are those of sRGB.
_SAME = frozenset({SRGB, "sRGB built-in", "sRGB IEC61966-2.1", "sRGB", "GIMP built-in sRGB"})
_BYTES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}
#: Pixels that are converted at a time; in between the window is alive.
_STRIP = 1 << 20
#: Pixels of a row, where they are of no picture.
_ROW = 1 << 10

#: Yields the share that is done, returns the bytes.
Conversion = Generator[float, None, bytes]


class Space(NamedTuple):
    """A color space as Krita names it.

    Attributes
    ----------
    model : str
        As ``"RGBA"`` or ``"CMYKA"``.
    depth : {"U8", "U16", "F16", "F32"}
        Of a channel.
    profile : str
        Name of its ICC profile.
    """

    model: str
    depth: str
    profile: str

    @property
    def size(self) -> int:
        """Bytes per channel."""
        return _BYTES[self.depth]


def of(node: Any) -> Space:
    """Return the color space of a layer or document."""
    return Space(node.colorModel(), node.colorDepth(), node.colorProfile())


def target(space: Space, deep: bool) -> Space:
    """Return the space that the worker is sent: sRGB; 16 bits where asked for and worth it.

    It is `space` itself where its numbers are already right.
    """
    wide = deep and space.depth != "U8"
    if (
        space.model == "RGBA"
        and space.profile in _SAME
        and space.depth == ("U16" if wide else "U8")
    ):
        return space
    return Space("RGBA", "U16" if wide else "U8", SRGB)


def converted(data: bytes, width: int, source: Space, wanted: Space) -> Conversion:
    """Return pixels in another color space.

    Parameters
    ----------
    data : bytes
        Rows of `width` pixels, as Krita keeps them.
    width : int
    source, wanted : Space

    Raises
    ------
    ValueError
        Krita cannot.
    """
    if source == wanted or not data:
        return data
    rows = max(1, _STRIP // width)
    row = _pixel_bytes(source) * width
    parts = []
    scratch = hidden_document(1, 1, source)
    try:
        for start in range(0, len(data), row * rows):
            part = data[start : start + row * rows]
            # It stays outside of the document: nothing has to be drawn for it.
            layer = scratch.createNode("strip", "paintlayer")
            layer.setPixelData(part, 0, 0, width, len(part) // row)
            if not layer.setColorSpace(*wanted):
                raise ValueError(f"Krita cannot convert {_words(source)} to {_words(wanted)}.")
            parts.append(bytes(layer.pixelData(0, 0, width, len(part) // row)))
            yield min(1.0, (start + len(part)) / len(data))
    finally:
        scratch.close()
    return b"".join(parts)


def converted_pixels(data: bytes, source: Space, wanted: Space) -> Conversion:
    """Return any number of pixels, one after the other, in another color space.

    Raises
    ------
    ValueError
        Krita cannot.
    """
    count = len(data) // _pixel_bytes(source)
    width = max(1, min(count, _ROW))
    padding = bytes(-count % width * _pixel_bytes(source))
    rows = yield from converted(data + padding, width, source, wanted)
    return rows[: count * _pixel_bytes(wanted)]


def hidden_document(width: int, height: int, space: Space) -> Any:
    """Return a new document that no window shows; whoever calls closes it.

    Raises
    ------
    ValueError
        Krita cannot make one.
    """
    document = Krita.instance().createDocument(width, height, "mattekit", *space, 300.0)
    if document is None:
        raise ValueError(f"Krita cannot make a document of {_words(space)}.")
    document.setBatchmode(True)
    return document


def _pixel_bytes(space: Space) -> int:
    return {"GRAYA": 2, "A": 1, "CMYKA": 5}.get(space.model, 4) * space.size


def _words(space: Space) -> str:
    return f"{space.model} {space.depth} with the profile {space.profile!r}"
