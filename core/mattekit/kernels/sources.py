"""Which sources a compiled library was made from; read by the build too, so it imports no numpy."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["digest"]


def digest(folder: Path) -> str:
    """Return what the C sources in a folder have in common with no others; empty where none lie."""
    files = sorted(path for path in folder.iterdir() if path.suffix in {".c", ".h"})
    if not files:
        return ""
    # A clone on Windows may have other ends of lines.
    text = b"".join(path.read_bytes().replace(b"\r\n", b"\n") for path in files)
    return hashlib.sha256(text).hexdigest()
