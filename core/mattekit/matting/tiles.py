"""Cutting a picture into tiles, so that memory does not grow with it."""

from __future__ import annotations

from collections.abc import Iterator

from mattekit.geometry import Box

__all__ = ["grown", "tiles"]


def tiles(box: Box, side: int) -> Iterator[Box]:
    """Yield boxes of at most `side` × `side` pixels that cover `box`, row by row."""
    for top in range(box.top, box.bottom, side):
        for left in range(box.left, box.right, side):
            yield Box(left, top, min(left + side, box.right), min(top + side, box.bottom))


def grown(tile: Box, apron: int, whole: Box) -> Box:
    """Return the tile with `apron` more pixels on each side, as far as `whole` reaches."""
    return tile.grown(apron, apron, apron, apron).intersection(whole)
