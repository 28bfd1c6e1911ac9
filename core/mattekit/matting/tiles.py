"""Cutting a picture into tiles, so that memory does not grow with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from mattekit.geometry import Box
from mattekit.runtime.providers import cores

__all__ = ["filled", "for_each", "grown", "tiles"]

T = TypeVar("T")

#: With more threads the interpreter, not arithmetic, is what they wait for.
_MOST_THREADS: Final = 4


def tiles(box: Box, side: int) -> Iterator[Box]:
    """Yield boxes of at most `side` × `side` pixels that cover `box`, row by row."""
    for top in range(box.top, box.bottom, side):
        for left in range(box.left, box.right, side):
            yield Box(left, top, min(left + side, box.right), min(top + side, box.bottom))


def for_each(items: Iterable[T], work: Callable[[T], None]) -> None:
    """Do some work for each item, on several threads: arrays let go of the interpreter meanwhile.

    Parameters
    ----------
    items : iterable
    work : callable
        Writes only to what no other item's work reads or writes. What it raises is raised here.
    """
    todo = list(items)
    threads = min(len(todo), cores(), _MOST_THREADS)
    if threads < 2:
        for item in todo:
            work(item)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, todo):
            pass


def grown(tile: Box, apron: int, whole: Box) -> Box:
    """Return the tile with `apron` more pixels on each side, as far as `whole` reaches."""
    return tile.grown(apron, apron, apron, apron).intersection(whole)


def filled(mask: NDArray[np.bool_]) -> Box | None:
    """Return the smallest box that holds everything that is true in a mask; None if nothing is."""
    rows = np.flatnonzero(mask.any(1))
    if not rows.size:
        return None
    columns = np.flatnonzero(mask.any(0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
