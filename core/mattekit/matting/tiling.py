"""Cutting a picture into tiles, so that memory does not grow with it.

Where a tile is mostly worked on by compiled loops, which let go of Python's lock, tiles go on side
by side (`mattekit.threads.for_each`). Where it is numpy, whose steps take microseconds each, they
are worked on one after the other: threads that hand the lock to each other so often need up to
twice the time of a single one (measured on two cores, 0.5 to 25 megapixels). Where much is made for
a tile, that is a function of its own, so that it is gone before the next tile's is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mattekit.geometry import Box
from mattekit.tasks import checkpoint

__all__ = ["bands", "pad_box", "tiles"]

#: Tiles of a band.
_TILES: Final = 4


def bands(box: Box, side: int) -> Iterator[Box]:
    """Yield boxes of at most `side` rows and a few times as many columns that cover `box`.

    Few enough that calling a kernel for each costs nothing, so many that threads which share them
    end at the same time.
    """
    wide = _TILES * side
    for top in range(box.top, box.bottom, side):
        for left in range(box.left, box.right, wide):
            checkpoint()
            yield Box(left, top, min(left + wide, box.right), min(top + side, box.bottom))


def tiles(box: Box, side: int) -> Iterator[Box]:
    """Yield boxes of at most `side` × `side` pixels that cover `box`, row by row."""
    for top in range(box.top, box.bottom, side):
        for left in range(box.left, box.right, side):
            checkpoint()
            yield Box(left, top, min(left + side, box.right), min(top + side, box.bottom))


def pad_box(tile: Box, apron: int, whole: Box) -> Box:
    """Return the tile with `apron` more pixels on each side, as far as `whole` reaches."""
    return tile.padded(apron, apron, apron, apron).intersection(whole)
