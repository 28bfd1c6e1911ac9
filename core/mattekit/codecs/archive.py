"""The ZIP of the remove.bg API: ``color.jpg`` and ``alpha.png``, out and in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Final

__all__ = ["pack"]

#: The earliest time that ZIP knows: the same pixels give the same bytes.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MAX_ENTRIES: Final = 64
_EXPECTED: Final = "a ZIP that holds color.jpg and alpha.png"


def pack(entries: Mapping[str, bytes]) -> bytes:
    """Return a ZIP of stored (uncompressed) entries in the order of the mapping."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return file.getvalue()
