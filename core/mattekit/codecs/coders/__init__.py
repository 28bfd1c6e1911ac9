"""How files are read and written, a module per format, and which of them takes which.

What can be said about a format without its pixels stands in `mattekit.formats`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, cast

from mattekit.codecs import raw
from mattekit.codecs.explain import refusal
from mattekit.codecs.signatures import HEAD

if TYPE_CHECKING:
    from mattekit.codecs.source import Check
    from mattekit.geometry import Size
    from mattekit.imaging.samples import Pixels
    from mattekit.photo import Photo
    from mattekit.picture import Metadata, Picture

__all__ = ["READ", "Content", "read", "size", "write"]


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


class _Module(Protocol):
    """What the module of a format has; those that write have a `write`, too."""

    def read(self, data: Any, source: str, check: Check) -> Photo: ...

    def size(self, data: Any, source: str) -> Size: ...


class _Row(NamedTuple):
    """The module of a format, imported when it is first met, and how its `write` is called."""

    module: str
    write: Callable[[Any, Content], bytes] | None = None

    def load(self) -> _Module:
        return cast("_Module", importlib.import_module(f"{__name__}.{self.module}"))


def _lossless(module: Any, it: Content) -> bytes:
    data: bytes = module.write(it.color, it.alpha, it.metadata, keep_color=it.keep_color)
    return data


def _lossy(module: Any, it: Content) -> bytes:
    data: bytes = module.write(it.color, it.alpha, it.metadata, it.quality)
    return data


def _layered(module: Any, it: Content) -> bytes:
    data: bytes = module.write(it.picture, it.metadata)
    return data


def _both(module: Any, it: Content) -> bytes:
    data: bytes = module.write(it.picture.color, it.picture.full_alpha(), it.metadata, it.quality)
    return data


def _mask(module: Any, it: Content) -> bytes:
    data: bytes = module.write(it.picture.full_alpha() if it.alpha is None else it.alpha)
    return data


#: By what `mattekit.codecs.signatures.sniff` says; formats without a module are Pillow's.
_TABLE: Final[Mapping[str, _Row]] = {
    "png": _Row("png", _lossless),
    "jpg": _Row("jpeg", _lossy),
    "webp": _Row("webp", _lossy),
    "zip": _Row("zip", _both),
    "tiff": _Row("tiff", _lossless),
    "ora": _Row("openraster", _layered),
    "psd": _Row("psd", _layered),
    "pfm": _Row("pfm", _mask),
    "avif": _Row("avif"),
    "heic": _Row("heic"),
    "jp2": _Row("jpeg2000"),
    "jxl": _Row("jpegxl"),
    "jxr": _Row("jpegxr"),
    "netpbm": _Row("netpbm"),
}
_THROUGH_PILLOW: Final = frozenset({"gif", "bmp", "ico", "qoi", "tga", "unknown"})
#: What of the answers of `mattekit.codecs.signatures.sniff` may be a picture: "unknown" are formats
#: without a signature, and rare ones that Pillow recognizes.
READ: Final = frozenset(_TABLE) | _THROUGH_PILLOW


def read(data: bytes | memoryview, kind: str, source: str, check: Check) -> Photo:
    """Return the picture in a file.

    Parameters
    ----------
    data : bytes or memoryview
        The file; that of plain samples is not copied before they are read.
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
    data = _bytes(data, kind)
    _refuse_others(data, kind, source)
    if kind in _TABLE:
        return _TABLE[kind].load().read(data, source, check)
    from mattekit.codecs.coders import pillow

    return pillow.read(bytes(data), source, check, kind)


def size(data: bytes | memoryview, kind: str, source: str) -> Size:
    """Return the size of a picture, as stored, from its header; raises as `read`."""
    data = _bytes(data, kind)
    _refuse_others(data, kind, source)
    if kind in _TABLE:
        return _TABLE[kind].load().size(data, source)
    from mattekit.codecs.coders import pillow

    return pillow.size(bytes(data), source, kind)


def write(name: str, content: Content) -> bytes:
    """Return a file of a format of `mattekit.formats.WRITTEN`.

    Raises
    ------
    OptionError
        The format cannot hold a picture of this size.
    """
    row = _TABLE[name]
    assert row.write is not None
    return row.write(row.load(), content)


def _bytes(data: bytes | memoryview, kind: str) -> bytes | memoryview:
    """Return what the module of a format takes: views where samples lie in the file as they are."""
    return data if kind == "netpbm" else bytes(data)


def _refuse_others(data: bytes | memoryview, kind: str, source: str) -> None:
    if kind == "raw":
        raise raw.refusal(source, raw.raw_kind(bytes(data[:HEAD])))
    if kind not in READ:
        raise refusal(source, kind)
