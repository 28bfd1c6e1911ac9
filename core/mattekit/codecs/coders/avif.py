"""AVIF at the depth of its file.

References
----------
.. [1] ISO/IEC 14496-12, ISOBMFF; AV1-ISOBMFF 1.2.0, 2.3 (``av1C``).
"""

from __future__ import annotations

from typing import Any, Final

from mattekit.codecs.assembly import photo_of
from mattekit.codecs.coders import pillow
from mattekit.codecs.source import Check
from mattekit.errors import UnreadableImage
from mattekit.geometry import Size
from mattekit.photo import Photo

__all__ = ["read", "size"]

_BY: Final = ("AVIF",)


def size(data: bytes, source: str) -> Size:
    """Return the size of the picture, or of the first of an animation."""
    return pillow.size(data, source, "avif", _BY)


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return an AVIF picture; the first of an animation, that at 8 bits."""
    image: Any = pillow.identify(data, source, "avif", _BY)
    check(*image.size)
    bits = _bits_of_av1(data)
    # imagecodecs 2026.3 writes beyond its buffer when it decodes one frame of several.
    if bits <= 8 or getattr(image, "n_frames", 1) > 1:
        return pillow.photo_from(image, source)
    import imagecodecs

    samples = imagecodecs.avif_decode(data)
    if samples.shape[:2] != (image.height, image.width):
        raise UnreadableImage(source, "its parts disagree about the size")
    facts = pillow.facts_of_image(image)
    return photo_of(samples, "avif", source, image.info.get("icc_profile"), facts, bits=bits)


def _bits_of_av1(data: bytes) -> int:
    """Return the largest depth of the coded pictures in the file: 8, 10 or 12."""
    bits, at = 8, data.find(b"av1C")
    while 0 <= at < len(data) - 8:
        if data[at + 4] == 0x81:  # marker and version
            high, twelve = data[at + 6] & 0x40, data[at + 6] & 0x20
            bits = max(bits, (12 if twelve else 10) if high else 8)
        at = data.find(b"av1C", at + 4, 1 << 20)
    return bits
