"""What a file says about its picture, wherever it says it.

Orientation and resolution may stand in several places at once, and programs that change one forget
the others. One order holds for every kind of file and every way in:

===========  ===============================================================================
orientation  EXIF, then EXIF that ImageMagick packed into text (``Raw profile type exif`` or
             ``APP1``), then XMP (``tiff:Orientation``)
resolution   the format's own field (JFIF, ``pHYs``, TIFF tags), then EXIF and XMP as above
EXIF         the first block that can be parsed, without orientation and thumbnail
===========  ===============================================================================

The first that states a valid value wins; what states none is passed over. An RGB colour space is
what a profile says; the mere tag "uncalibrated" of EXIF is carried, and taken for sRGB, as browsers
do.

References
----------
.. [1] CIPA DC-008-2023, Exchangeable image file format (Exif 3.0).
.. [2] ISO 16684-1:2019, XMP; Adobe, XMP Specification Part 2, 3.4 (TIFF properties).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from mattekit.codecs.metadata import (
    EXIF_PREFIX,
    clean_exif,
    dpi_of,
    stated_orientation,
    stated_resolution,
)

__all__ = ["RAW_PROFILES", "TEXT_LIMIT", "XMP_KEYWORD", "XMP_PREFIX", "Facts", "facts_of", "unpack"]

#: What JPEG puts before an XMP packet, and what PNG calls the text that holds one.
XMP_PREFIX: Final = b"http://ns.adobe.com/xap/1.0/\0"
XMP_KEYWORD: Final = "XML:com.adobe.xmp"
#: Texts of PNG that hold EXIF or XMP as hexadecimal digits.
RAW_PROFILES: Final = (
    "Raw profile type exif",
    "Raw profile type APP1",
    "Raw profile type app1",
    "Raw profile type xmp",
)
#: No packet or block about a picture is longer; what claims to be is not unpacked.
TEXT_LIMIT: Final = 4 << 20

_RAW_PROFILE: Final = re.compile(rb"\s*[\w ]{1,40}\n\s*\d{1,10}\n([0-9A-Fa-f\s]*)\Z")
_VALUE: Final = rb"\s*(?:=\s*[\"']|>)\s*([0-9]{1,9}(?:/[0-9]{1,9})?)\s*[\"'<]"


class Facts(NamedTuple):
    """What a file says about its picture.

    Attributes
    ----------
    orientation : int
        1 to 8, as EXIF counts; 1 where nothing states it.
    dpi : tuple of float or None
        Horizontal and vertical pixels per inch of the picture as it is stored.
    exif : bytes or None
        As `mattekit.picture.Metadata` wants it.
    """

    orientation: int = 1
    dpi: tuple[float, float] | None = None
    exif: bytes | None = None


def facts_of(
    exif: Iterable[bytes | None] = (),
    xmp: bytes | None = None,
    *,
    dpi: tuple[float, float] | None = None,
    texts: Mapping[str, bytes] | None = None,
) -> Facts:
    """Gather what a file says.

    Parameters
    ----------
    exif : iterable of bytes or None
        EXIF blocks, with or without prefix, the file's own first.
    xmp : bytes or None
        XMP packet.
    dpi : tuple of float or None
        What the format's own field says.
    texts : mapping of str to bytes, optional
        Texts of a PNG by keyword; those of `RAW_PROFILES` and `XMP_KEYWORD` are looked at.
    """
    texts = texts or {}
    packed = [_raw_profile(texts[name]) for name in RAW_PROFILES if name in texts]
    blocks = [block for block in (*exif, *packed) if block and not _is_xmp(block)]
    packets = [xmp, texts.get(XMP_KEYWORD), *(block for block in packed if _is_xmp(block))]
    orientation = 0
    kept: bytes | None = None
    for block in blocks:
        orientation = orientation or stated_orientation(block)
        dpi = dpi or stated_resolution(block)
        kept = kept or clean_exif(block)
    for packet in packets:
        if packet and len(packet) <= TEXT_LIMIT:
            orientation = orientation or _xmp_orientation(packet)
            dpi = dpi or _xmp_resolution(packet)
    return Facts(orientation or 1, dpi, kept)


def unpack(packed: bytes) -> bytes:
    """Return a compressed text of a PNG; empty where it is broken or longer than `TEXT_LIMIT`."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, TEXT_LIMIT)
    except zlib.error:
        return b""
    return text if unpacker.eof else b""


def _raw_profile(text: bytes) -> bytes:
    found = _RAW_PROFILE.match(text) if len(text) <= TEXT_LIMIT else None
    if found is None:
        return b""
    try:
        return bytes.fromhex(found[1].decode("ascii"))
    except ValueError:
        return b""


def _is_xmp(block: bytes) -> bool:
    return not block.startswith((EXIF_PREFIX, b"II*\0", b"MM\0*"))


def _property(packet: bytes, name: bytes) -> float:
    """Return a number of a packet, 0 where it is not there."""
    found = re.search(name + _VALUE, packet)
    if found is None:
        return 0.0
    above, _, below = found[1].partition(b"/")
    return int(above) / int(below or 1) if int(below or 1) else 0.0


def _xmp_orientation(packet: bytes) -> int:
    value = _property(packet, b"tiff:Orientation")
    return int(value) if value in range(1, 9) else 0


def _xmp_resolution(packet: bytes) -> tuple[float, float] | None:
    unit = {2.0: 1.0, 3.0: 2.54}.get(_property(packet, b"tiff:ResolutionUnit"))
    across, down = (_property(packet, b"tiff:%cResolution" % axis) for axis in b"XY")
    return dpi_of((across * unit, down * unit)) if unit else None
