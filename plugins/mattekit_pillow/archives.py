"""Teaches Pillow the ZIP of the remove.bg API; the work is in `mattekit_pillow.zipimage`."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from PIL import Image

from mattekit.formats import FORMATS
from mattekit_pillow.names import FORMAT

if TYPE_CHECKING:
    from PIL import ImageFile

__all__ = ["register"]

_MAGIC: Final = (b"PK\3\4", b"PK\5\6")


def register() -> None:
    """Make ``Image.open`` and ``image.save`` know ZIP files; doing so again changes nothing."""
    Image.register_open(FORMAT, _open, _accept)
    Image.register_save(FORMAT, _save)
    for suffix in FORMATS["zip"].suffixes:
        Image.register_extension(FORMAT, suffix)
    Image.register_mime(FORMAT, FORMATS["zip"].media_type)


def _accept(prefix: bytes) -> bool:
    return prefix.startswith(_MAGIC)


def _open(fp: IO[bytes], filename: str | bytes) -> ImageFile.ImageFile:
    from mattekit_pillow.zipimage import ZipImageFile

    return ZipImageFile(fp, filename)


def _save(image: Image.Image, fp: IO[bytes], filename: str | bytes) -> None:
    from mattekit_pillow.zipimage import save

    save(image, fp, filename)
