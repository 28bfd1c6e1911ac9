"""Binary netpbm pictures: PGM, PPM and PAM, the formats without any compression.

Of PAM there is a kind of our own, with the type ``BGR_ALPHA``: blue, green, red, alpha, and of 16
bits the lower byte first. So Krita has its pixels, whose Python would take long to turn them round.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.assembly import photo_of
from mattekit.codecs.coders import pillow
from mattekit.codecs.source import Check
from mattekit.codecs.strips import masked, separated
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.geometry import Size
from mattekit.imaging.samples import Pixels, full_range, strips
from mattekit.photo import Photo
from mattekit.picture import Picture
from mattekit.threads import for_each

__all__ = [
    "KINDS",
    "NetpbmHeader",
    "read",
    "read_header",
    "read_pixels",
    "size",
    "write_as",
    "write_bgra",
    "write_pam",
    "write_pgm",
]

#: Which byte of a sample of 16 bits comes first: the higher or the lower one.
_Order: TypeAlias = Literal[">", "<"]

_TOKEN: Final = re.compile(rb"(?:\s|#[^\n]*\n)*(\d{1,10})(?=\s)")
_NUMBER: Final = re.compile(rb"\d{1,10}")  # int() takes signs and underscores, too
_DEPTHS: Final = {
    b"GRAYSCALE": 1,
    b"GRAYSCALE_ALPHA": 2,
    b"RGB": 3,
    b"RGB_ALPHA": 4,
    b"BGR_ALPHA": 4,
}
#: Bytes of a file among which a header is looked for.
_HEAD: Final = 4 * 4096
_EXPECTED: Final = "a binary PGM, PPM or PAM picture (P5, P6, P7) of 8 or 16 bits"


class NetpbmHeader(NamedTuple):
    """What stands before the samples; `offset` is where they begin, `bgra` is our own kind."""

    width: int
    height: int
    channels: int
    maximum: int
    offset: int
    bgra: bool = False


def read_header(data: bytes | memoryview, source: str) -> NetpbmHeader | None:
    """Return the facts of a P5, P6 or P7 file, None for the other kinds of netpbm.

    Raises
    ------
    UnreadableImage, InvalidFileType

    References
    ----------
    .. [1] Netpbm manual, pgm(5), ppm(5) and pam(5).
    """
    head = bytes(data[:_HEAD])
    if head[:2] in {b"P5", b"P6"}:
        header = _numbers(head, source)
    elif head[:2] == b"P7":
        header = _pam(head, source)
    else:
        return None
    if not 1 <= header.maximum <= 65535:
        raise UnreadableImage(source, f"a netpbm maximum of {header.maximum}")
    return header


def _numbers(data: bytes, source: str) -> NetpbmHeader:
    values, at = [], 2
    for _ in range(3):
        found = _TOKEN.match(data, at, at + 4096)
        if found is None:
            raise UnreadableImage(source, "the netpbm header is broken")
        values.append(int(found[1]))
        at = found.end()
    width, height, maximum = values
    return NetpbmHeader(width, height, 1 if data[:2] == b"P5" else 3, maximum, at + 1)


def _pam(data: bytes, source: str) -> NetpbmHeader:
    end = data.find(b"ENDHDR\n", 0, 4096)
    if end < 0:
        raise UnreadableImage(source, "the PAM header has no end")
    fields: dict[bytes, bytes] = {}
    for line in data[2:end].split(b"\n"):
        name, _, value = line.strip().partition(b" ")
        if name and not name.startswith(b"#"):
            fields[name] = value.strip()
    numbers = [fields.get(name, b"") for name in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL")]
    if not all(_NUMBER.fullmatch(number) for number in numbers):
        raise UnreadableImage(source, "the PAM header is broken")
    width, height, depth, maximum = map(int, numbers)
    kind = fields.get(b"TUPLTYPE", b"")
    if not 1 <= depth <= 4 or _DEPTHS.get(kind, depth) != depth or maximum < 2:
        given = f"a PAM picture of {depth} channels and type {kind.decode('latin-1') or 'none'}"
        raise InvalidFileType(source, given, _EXPECTED)
    bgra = kind == b"BGR_ALPHA"
    if bgra and maximum not in {255, 65535}:
        raise UnreadableImage(source, f"a PAM picture of type BGR_ALPHA up to {maximum}")
    return NetpbmHeader(width, height, depth, maximum, end + len(b"ENDHDR\n"), bgra)


def read_pixels(data: bytes | memoryview, header: NetpbmHeader, source: str) -> Pixels:
    """Return the samples as a new (H, W, channels) array of uint8 or uint16."""
    samples = _samples(data, header, source)
    return full_range(samples, header.maximum, 8 * samples.dtype.itemsize)


def _samples(data: bytes | memoryview, header: NetpbmHeader, source: str) -> NDArray[Any]:
    """Return the samples as they lie in a file."""
    width, height, channels, maximum, offset, bgra = header
    kind = np.dtype(np.uint8 if maximum < 256 else "<u2" if bgra else ">u2")
    count = width * height * channels
    if len(data) - offset < count * kind.itemsize:
        raise UnreadableImage(source, "the netpbm data is truncated")
    samples: NDArray[Any] = np.frombuffer(data, kind, count, offset)
    return samples.reshape(height, width, channels)


def size(data: bytes | memoryview, source: str) -> Size:
    """Return what the header says."""
    header = read_header(data, source)
    if header is None:
        return pillow.size(bytes(data), source, "netpbm")
    return Size(header.width, header.height)


def read(data: bytes | memoryview, source: str, check: Check) -> Photo:
    """Return the picture; through Pillow where it is not of the binary kinds."""
    header = read_header(data, source)
    if header is None:
        return pillow.read(bytes(data), source, check, "netpbm")
    check(header.width, header.height)
    if header.bgra:
        color, alpha = separated(_samples(data, header, source), (2, 1, 0))
        return photo_of(color, "netpbm", source).replace(alpha=alpha)
    return photo_of(read_pixels(data, header, source), "netpbm", source)


def write_pgm(picture: Picture) -> memoryview:
    """Return the alpha as an uncompressed PGM file."""
    width, height = picture.size
    alpha = picture.full_alpha()
    file, samples = _room(f"P5\n{width} {height}\n{picture.opaque}\n", alpha, alpha.shape, ">")
    samples[...] = alpha
    return file


def write_pam(picture: Picture, *, keep_color: bool = False) -> memoryview:
    """Return the picture as an uncompressed PAM file, straight RGBA.

    It is black where alpha is 0, unless `keep_color`.
    """
    file, samples = _pam_room(picture, "RGB_ALPHA", ">")
    alpha = picture.full_alpha()

    def fill(part: slice) -> None:
        samples[part] = masked(picture.color[part], alpha[part], keep_color=keep_color)

    for_each(fill, list(strips(samples.shape)))
    return file


def write_bgra(picture: Picture, *, keep_color: bool = False) -> memoryview:
    """Return the picture as `write_pam` does, in our own order of samples."""
    file, samples = _pam_room(picture, "BGR_ALPHA", "<")
    alpha = picture.full_alpha()

    def fill(part: slice) -> None:
        rgba = masked(picture.color[part], alpha[part], keep_color=keep_color)
        for place, channel in enumerate((2, 1, 0, 3)):
            samples[part, :, place] = rgba[..., channel]

    for_each(fill, list(strips(samples.shape)))
    return file


def _pam_room(picture: Picture, kind: str, order: _Order) -> tuple[memoryview, Pixels]:
    width, height = picture.size
    head = (
        f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH 4\nMAXVAL {picture.opaque}\n"
        f"TUPLTYPE {kind}\nENDHDR\n"
    )
    return _room(head, picture.color, (height, width, 4), order)


def _room(
    head: str, like: Pixels, shape: tuple[int, ...], order: _Order
) -> tuple[memoryview, Pixels]:
    """Return a file of which only the head is written, and the samples in it to be filled."""
    kind = like.dtype.newbyteorder(order)
    file = np.empty(len(head) + math.prod(shape) * kind.itemsize, np.uint8)
    file[: len(head)] = np.frombuffer(head.encode(), np.uint8)
    return file.data, file[len(head) :].view(kind).reshape(shape)


#: What can be written, by the word for it: how, and its media type.
_WRITERS: Final[dict[str, tuple[Callable[..., memoryview], str]]] = {
    "pam": (write_pam, "image/x-portable-arbitrarymap"),
    "pgm": (lambda picture, **_: write_pgm(picture), "image/x-portable-graymap"),
    "bgra": (write_bgra, "image/x-portable-arbitrarymap"),
}
KINDS: Final = tuple(_WRITERS)


def write_as(picture: Picture, kind: str, *, keep_color: bool = False) -> tuple[memoryview, str]:
    """Return a picture as an uncompressed file, and its media type.

    Parameters
    ----------
    picture : Picture
    kind : {"pam", "pgm", "bgra"}
        All of it, its alpha, or all of it in our own order of samples.
    keep_color : bool
        Whether colours stay where alpha is 0; otherwise they become black.
    """
    writer, media_type = _WRITERS[kind]
    return writer(picture, keep_color=keep_color), media_type
