"""What Pillow calls our format."""

from __future__ import annotations

from typing import Final

__all__ = ["FORMAT"]

FORMAT: Final = "MATTEZIP"
