"""How files are read and written, a module per format, and which of them takes which.

What can be said about a format without its pixels stands in `mattekit.formats`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from mattekit.codecs import raw
from mattekit.codecs.explain import refusal
from mattekit.codecs.formats import (
    jpeg,
    netpbm,
    pillow,
    png,
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

#: What is common; the others are imported when they are first met.
_READERS: Final[Mapping[str, _Read]] = {
    "jpg": jpeg.read,
    "netpbm": netpbm.read,
    "png": png.read,
    "zip": zip.read,
}
_SIZES: Final[Mapping[str, _Size]] = {
    "jpg": jpeg.size,
    "netpbm": netpbm.size,
    "png": png.size,
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
    reader = _READERS.get(kind) or _rare_readers(kind).get(kind)
    if reader is not None:
        return reader(data, source, check)
    if kind == "raw":
        raise raw.refusal(source, raw.raw_kind(data[:HEAD]))
    if kind not in PICTURES and kind != "unknown":
        raise refusal(source, kind)
    return pillow.read(data, source, check, kind)


def _rare_readers(kind: str) -> Mapping[str, _Read]:
    if kind in {"avif", "heic", "jp2", "jxl", "jxr"}:
        from mattekit.codecs.formats import avif, heic, jpeg2000, jpegxl, jpegxr

        return {
            "avif": avif.read,
            "heic": heic.read,
            "jp2": jpeg2000.read,
            "jxl": jpegxl.read,
            "jxr": jpegxr.read,
        }
    if kind in {"ora", "pfm", "psd", "tiff"}:
        from mattekit.codecs.formats import openraster, pfm, psd, tiff

        return {"ora": openraster.read, "pfm": pfm.read, "psd": psd.read, "tiff": tiff.read}
    return {}


def size(data: bytes, kind: str, source: str) -> Size:
    """Return the size of a picture from its header; raises as `read`."""
    if kind in _SIZES:
        return _SIZES[kind](data, source)
    if kind in {"heic", "pfm", "tiff"}:
        from mattekit.codecs.formats import heic, pfm, tiff

        return {"heic": heic.size, "pfm": pfm.size, "tiff": tiff.size}[kind](data, source)
    return pillow.size(data, source, kind)


def write(name: str, content: Content) -> bytes:
    """Return a file of a format of `mattekit.formats.WRITTEN`.

    Raises
    ------
    OptionError
        The format cannot hold a picture of this size.
    """
    if name in _WRITERS:
        return _WRITERS[name](content)
    from mattekit.codecs.formats import openraster, pfm, psd, tiff

    if name == "pfm":
        return pfm.write(content.picture.full_alpha() if content.alpha is None else content.alpha)
    if name == "ora":
        return openraster.write(content.picture, content.metadata)
    if name == "psd":
        return psd.write(content.picture, content.metadata)
    _, color, alpha, metadata, _, keep_color = content
    return tiff.write(color, alpha, metadata, keep_color=keep_color)
