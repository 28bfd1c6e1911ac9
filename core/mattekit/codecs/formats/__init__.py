"""How files are read and written, a module per format, and which of them takes which.

What can be said about a format without its pixels stands in `mattekit.formats`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from mattekit.codecs import raw
from mattekit.codecs.explain import refusal
from mattekit.codecs.formats import (
    avif,
    heic,
    jpeg,
    jpeg2000,
    jpegxl,
    jpegxr,
    netpbm,
    openraster,
    pillow,
    png,
    psd,
    tiff,
    webp,
    zip,
)
from mattekit.codecs.signatures import HEAD, PICTURES

if TYPE_CHECKING:
    from mattekit.codecs.source import Check
    from mattekit.geometry import Size
    from mattekit.imaging.samples import Pixels
    from mattekit.photo import Photo
    from mattekit.picture import Metadata, Picture

__all__ = ["Content", "read", "size", "write"]

_Read: TypeAlias = "Callable[[bytes, str, Check], Photo]"
_Size: TypeAlias = "Callable[[bytes, str], Size]"

_READERS: Final[Mapping[str, _Read]] = {
    "avif": avif.read,
    "heic": heic.read,
    "jp2": jpeg2000.read,
    "jpg": jpeg.read,
    "jxl": jpegxl.read,
    "jxr": jpegxr.read,
    "netpbm": netpbm.read,
    "ora": openraster.read,
    "png": png.read,
    "psd": psd.read,
    "tiff": tiff.read,
    "zip": zip.read,
}
_SIZES: Final[Mapping[str, _Size]] = {
    "jpg": jpeg.size,
    "netpbm": netpbm.size,
    "png": png.size,
    "tiff": tiff.size,
    "webp": webp.size,
}


class Content(NamedTuple):
    """What is to be written.

    Attributes
    ----------
    picture : Picture
        With its layers, for formats that have them; of a matte alone it shows that in grey.
    color : (H, W, 3) ndarray or None
        None where the alpha alone is wanted.
    alpha : (H, W) ndarray or None
        None where nothing is transparent.
    metadata : Metadata
        What of it is kept.
    quality : int
        1 to 100, for formats with loss.
    keep_color : bool
        Whether colours under alpha 0 stay.
    """

    picture: Picture
    color: Pixels | None
    alpha: Pixels | None
    metadata: Metadata
    quality: int
    keep_color: bool


_WRITERS: Final[Mapping[str, Callable[[Content], bytes]]] = {
    "png": lambda it: png.write(it.color, it.alpha, it.metadata, keep_color=it.keep_color),
    "jpg": lambda it: jpeg.write(it.color, it.alpha, it.metadata, it.quality),
    "webp": lambda it: webp.write(it.color, it.alpha, it.metadata, it.quality),
    "zip": lambda it: zip.write(it.picture.color, it.picture.full_alpha(), it.metadata, it.quality),
    "tiff": lambda it: tiff.write(it.color, it.alpha, it.metadata, keep_color=it.keep_color),
    "ora": lambda it: openraster.write(it.picture, it.metadata),
    "psd": lambda it: psd.write(it.picture, it.metadata),
}


def read(data: bytes, kind: str, source: str, check: Check) -> Photo:
    """Return the picture in a file.

    Parameters
    ----------
    data : bytes
        The file.
    kind : str
        As `mattekit.codecs.signatures.sniff` names it.
    source : str
        What messages call it.
    check : callable
        Called with width and height before pixels are decoded.

    Raises
    ------
    InputError
        And whatever decoders raise: see `mattekit.codecs.decoding.reading`.
    """
    if kind in _READERS:
        return _READERS[kind](data, source, check)
    if kind == "raw":
        raise raw.refusal(source, raw.raw_kind(data[:HEAD]))
    if kind not in PICTURES and kind != "unknown":
        raise refusal(source, kind)
    return pillow.read(data, source, check, kind)


def size(data: bytes, kind: str, source: str) -> Size:
    """Return the size of a picture from its header; raises as `read`."""
    if kind in _SIZES:
        return _SIZES[kind](data, source)
    return pillow.size(data, source, kind)


def write(name: str, content: Content) -> bytes:
    """Return a file of a format of `mattekit.formats.WRITTEN`.

    Raises
    ------
    OptionError
        The format cannot hold a picture of this size.
    """
    return _WRITERS[name](content)
