"""The kinds of subject that mattekit tells apart."""

from __future__ import annotations

from typing import Final

__all__ = ["KINDS"]

KINDS: Final = ("person", "product", "animal", "car", "transportation", "graphic", "other")
