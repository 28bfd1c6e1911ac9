"""mattekit for Pillow: ``image.filter(RemoveBackground())``.

>>> from PIL import Image
>>> from mattekit_pillow import CropToSubject, RemoveBackground
>>> with Image.open("photo.jpg") as photo:  # doctest: +SKIP
...     subject = photo.filter(RemoveBackground()).filter(CropToSubject("5%"))
>>> subject.save("subject.png")  # doctest: +SKIP

Importing this package also teaches Pillow the ZIP of the remove.bg API (``color.jpg`` and
``alpha.png``), format ``MATTEZIP``: ``Image.open("x.zip")`` gives an RGBA image and
``image.save("x.zip")`` writes one. What reads and writes it is imported with the first such file.
"""

from __future__ import annotations

from mattekit_pillow.archives import register
from mattekit_pillow.filters import (
    CropToSubject,
    DropShadow,
    OverBackground,
    RefineMask,
    RemoveBackground,
)

__all__ = [
    "CropToSubject",
    "DropShadow",
    "OverBackground",
    "RefineMask",
    "RemoveBackground",
    "register",
]

register()
