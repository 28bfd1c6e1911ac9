"""Uncompressed pictures as bytes: PAM out, PGM and PAM in.

mattekit's PAM has a type of its own, ``BGR_ALPHA``, for samples as Krita keeps them.
"""

from __future__ import annotations

import mmap
import re
from typing import Dict, NamedTuple, Union

__all__ = ["Picture", "check", "header", "read"]

_TYPES = {1: "GRAYSCALE", 2: "GRAYSCALE_ALPHA", 3: "RGB", 4: "RGB_ALPHA"}
_BGRA = "BGR_ALPHA"
_PGM = re.compile(rb"P5\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,5})\s", re.ASCII)
_NUMBER = re.compile(rb"\d{1,10}", re.ASCII)  # int() takes signs and underscores, too


class Picture(NamedTuple):
    """Samples of a picture.

    Attributes
    ----------
    width, height, channels : int
        1 grey, 2 grey and alpha, 3 RGB, 4 RGBA; alpha is straight.
    maximum : int
        255 or 65535.
    samples : bytes-like
        Row by row, channels interleaved; two bytes each, the higher one first, where `maximum` is
        65535.
    profile : bytes
        ICC profile of the colours; empty for sRGB.
    bgra : bool
        Whether the four channels are blue, green, red and alpha, the lower byte first; such a
        picture has no profile.
    """

    width: int
    height: int
    channels: int
    maximum: int
    samples: "Union[bytes, memoryview]"
    profile: bytes = b""
    bgra: bool = False


def check(picture: Picture) -> int:
    """Return how many bytes the samples have.

    Raises
    ------
    ValueError
        They are not as many as the sizes say.
    """
    width, height, channels, maximum, samples = picture[:5]
    expected = width * height * channels * (1 if maximum < 256 else 2)
    found = memoryview(samples).nbytes
    if channels not in _TYPES or found != expected:
        raise ValueError(
            f"{found} bytes of samples for {width} × {height} pixels of {channels} channels: "
            f"expected {expected} bytes of 1 to 4 channels"
        )
    return found


def header(picture: Picture) -> bytes:
    """Return the PAM header of a picture.

    Raises
    ------
    ValueError
        The samples are not as many as the sizes say.
    """
    check(picture)
    width, height, channels, maximum = picture[:4]
    return (
        f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {maximum}\n"
        f"TUPLTYPE {_BGRA if picture.bgra else _TYPES[channels]}\nENDHDR\n"
    ).encode("ascii")


def read(data: "Union[bytes, mmap.mmap]") -> Picture:
    """Return the picture of a PGM or PAM file; its samples are a view of that.

    Raises
    ------
    ValueError
        It is none, or not complete.
    """
    match = _PGM.match(data)
    if match is not None:
        width, height, maximum = (int(match.group(number)) for number in (1, 2, 3))
        channels, start, bgra = 1, match.end(), False
    elif data[:3] == b"P7\n" and data.find(b"ENDHDR\n") > 0:
        start = data.find(b"ENDHDR\n") + len(b"ENDHDR\n")
        fields = dict(
            line.split(b" ", 1) for line in data[3 : start - 7].splitlines() if b" " in line
        )
        width, height, channels, maximum = (
            _number(fields, name) for name in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL")
        )
        bgra = fields.get(b"TUPLTYPE", b"").strip() == _BGRA.encode()
    else:
        raise ValueError("neither PGM nor PAM")
    if not (width and height and channels in _TYPES and 1 <= maximum <= 65535):
        raise ValueError(
            f"{width} × {height} pixels of {channels} channels up to {maximum} are no picture"
        )
    count = width * height * channels * (1 if maximum < 256 else 2)
    if len(data) - start < count:
        raise ValueError("the picture is not complete")
    samples = memoryview(data)[start : start + count]
    return Picture(width, height, channels, maximum, samples, b"", bgra)


def _number(fields: Dict[bytes, bytes], name: bytes) -> int:
    text = fields.get(name, b"").strip()
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"a PAM header without {name.decode('ascii')}")
    return int(text)
