"""Pictures in and out of files: `decode` makes a `Photo`, `encode` writes a `Cutout`."""

from __future__ import annotations

from mattekit.codecs.decoding import decode
from mattekit.codecs.encoding import Encoded, at_depth, encode, to_pil, without_metadata
from mattekit.codecs.join_zip import zip_to_png
from mattekit.codecs.source import DEFAULT_LIMITS, Limits, Source
from mattekit.formats import format_of

__all__ = [
    "DEFAULT_LIMITS",
    "Encoded",
    "Limits",
    "Source",
    "at_depth",
    "decode",
    "encode",
    "format_of",
    "to_pil",
    "without_metadata",
    "zip_to_png",
]
