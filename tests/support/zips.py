"""A cut-out as ZIP, and ZIPs that are no cut-out."""

from __future__ import annotations

import io
import zipfile

import numpy as np
from PIL import Image

import support.codecs as make
from mattekit.cutout import Cutout
from mattekit.picture import Metadata
from support.helpers import disc

TRUTH = disc(40, 60)
CUTOUT = Cutout(
    (TRUTH.foreground * 255).astype(np.uint8),
    (TRUTH.alpha * 255).astype(np.uint8),
    Metadata(make.SRGB, (300.0, 300.0)),
)
COLOR = make.saved(Image.fromarray(CUTOUT.color), "JPEG", quality=95)
ALPHA = make.saved(Image.fromarray(CUTOUT.alpha), "PNG")


def packed(entries: list[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return file.getvalue()
