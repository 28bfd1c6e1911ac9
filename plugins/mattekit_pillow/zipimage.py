"""The ZIP of the remove.bg API as a Pillow image.

The language spoken here is Pillow's: `SyntaxError` declines a file, `OSError` is a broken one. The
errors of mattekit are their causes.
"""

from __future__ import annotations

import io
import os
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image, ImageFile

from mattekit import codecs
from mattekit.codecs import archive
from mattekit.codecs.coders.pillow import info_of
from mattekit.codecs.source import DEFAULT_LIMITS
from mattekit.cutout import Cutout
from mattekit.errors import InputError, InvalidFileType, MattekitError, OptionError
from mattekit.imaging.samples import eight_bits
from mattekit.options import Options
from mattekit_pillow.images import photo_of
from mattekit_pillow.names import FORMAT

if TYPE_CHECKING:
    from PIL._imaging import PixelAccess

__all__ = ["ZipImageFile", "save"]

#: Either entry of a result of 200 megapixels is smaller.
_ENTRY: Final = 256 << 20
_KEPT: Final = ("icc_profile", "dpi", "exif")


class ZipImageFile(ImageFile.ImageFile):
    """``color.jpg`` and ``alpha.png`` as one RGBA image; pixels are decoded when first used."""

    format = FORMAT
    format_description = "remove.bg ZIP (color.jpg and alpha.png)"

    _entries: tuple[bytes, bytes] | None = None

    def _open(self) -> None:
        assert self.fp is not None
        label = os.fsdecode(self.filename) or "ZIP"
        try:
            data = self.fp.read(DEFAULT_LIMITS.max_bytes + 1)
            self._entries = archive.unpack(data, _ENTRY, label)
        except InvalidFileType as error:
            raise SyntaxError(str(error)) from error
        except InputError as error:
            raise OSError(str(error)) from error
        color, alpha = (_opened(entry, label) for entry in self._entries)
        self._size = alpha.size
        self.info.update({name: color.info[name] for name in _KEPT if name in color.info})
        self._mode = "RGBA"
        self.tile = []

    def load(self) -> PixelAccess | None:
        """Decode the pixels, once."""
        if self._entries is not None:
            label = os.fsdecode(self.filename) or "ZIP"
            try:
                color = codecs.decode(self._entries[0], name=f"{label}: {archive.COLOR}")
                matte = codecs.decode(self._entries[1], name=f"{label}: {archive.MATTE}")
            except MattekitError as error:
                raise OSError(str(error)) from error
            alpha = eight_bits(matte.color)[..., 0]
            if color.size != matte.size:
                raise OSError(f"{label}: colour is {color.size}, alpha {matte.size} pixels large")
            self._entries = None
            for name in _KEPT:
                self.info.pop(name, None)
            self.info.update(info_of(color.metadata))
            self.im = Image.fromarray(np.dstack([eight_bits(color.color), alpha])).im
            if self._exclusive_fp and self.fp is not None:
                self.fp.close()
            self.fp = None
        return super().load()


def _opened(data: bytes, label: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
    except OSError as error:
        raise OSError(f"{label}: an entry of the ZIP is no picture") from error


def save(image: Image.Image, fp: IO[bytes], _filename: str | bytes) -> None:
    """Write ``color.jpg`` and ``alpha.png``.

    ``image.save`` takes `quality` (of the JPEG, 90 by default), `icc_profile`, `dpi` and `exif`;
    the last three are otherwise those of ``image.info``. An opaque image has an alpha of 255.
    """
    given: dict[str, Any] = image.encoderinfo
    described = image.copy()
    described.info.update({name: given[name] for name in _KEPT if name in given})
    if isinstance(described.info.get("exif"), Image.Exif):
        described.info["exif"] = described.info["exif"].tobytes()
    try:
        options = Options(format="zip", quality=given.get("quality", 90))
        photo = photo_of(described)
        alpha = photo.alpha
        if alpha is None:
            alpha = np.full(photo.color.shape[:2], 255, np.uint8)
        cutout = Cutout(photo.color, alpha, photo.metadata)
        fp.write(codecs.encode(cutout, options).data)
    except InvalidFileType as error:
        raise OSError(f"cannot write mode {image.mode} as {FORMAT}: {error}") from error
    except OptionError as error:
        raise ValueError(str(error)) from error
