"""PNG, written fast: filtered and deflated in strips on every core.

Pillow tries five filters on every row and deflates on one core, which takes longer than everything
else that happens to a large cut-out. Here one filter, chosen by a look at small tiles, serves the
whole picture; strips of rows are filtered by numpy and deflated each on its own by ISA-L, and ended
on a byte boundary, so that joined they are one zlib stream. `benchmarks/encoding.py` measures it.

References
----------
.. [1] W3C, Portable Network Graphics (PNG) Specification, third edition (2025).
.. [2] RFC 1950 (zlib) and RFC 1951 (deflate): blocks may follow each other at byte boundaries.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.pngheader import INCH, SIGNATURE, chunk_of
from mattekit.geometry import Box, Size
from mattekit.picture import Metadata
from mattekit.threads import for_each

__all__ = ["write_png"]

#: Called with the first and the last-plus-one row; returns (rows, W, C) samples.
Rows: TypeAlias = Callable[[int, int], NDArray[Any]]
_Bytes: TypeAlias = NDArray[np.uint8]

_COLOR_TYPES: Final = {1: 0, 2: 4, 3: 2, 4: 6}
_NONE, _SUB, _UP, _AVERAGE = range(4)
#: Bytes of samples in a strip: so many that the history that each strip starts without hardly
#: matters, so few that they stay in the cache and the work is shared evenly.
_STRIP: Final = 1 << 20
_ADLER_BASE: Final = 65521
_DEFLATE_RAW: Final = -15

#: Filters are tried on tiles of this size; there are so many along either axis that they are
#: about this share of the picture, and in small pictures they are lower for that.
_TILE: Final = Size(160, 32)
_TILE_SHARE: Final = 48
_LEAST_TILES, _MOST_TILES = 2, 4
_LEAST_ROWS: Final = 12
#: How much smaller the average filter, which takes longer, must make the tiles to be worth it.
_AVERAGE_PAYS: Final = 0.99
#: ISA-L does poorly where it needs this much more than zlib at its default level, for which
#: so many tiles are packed.
_POOR: Final = 1.16
_FEW: Final = 4
#: What packs to less than this share, as drawings do, is packed quickly even by zlib.
_EASY: Final = 0.1


#: Ways to deflate: ISA-L's first level is several times as fast as anything else. It finds poor
#: codes for smooth pictures with little noise; there zlib's run-length strategy does better and is
#: still fast. zlib's default is what Pillow uses: the measure of the others, and fit for drawings.
_FAST, _RUNS, _THOROUGH = "fast", "runs", "thorough"


class _Plan(NamedTuple):
    """How a whole picture is packed."""

    filter: int = _UP
    method: str = _FAST


class _Strip(NamedTuple):
    """Some rows as they go into the file."""

    plan: _Plan
    chunk: tuple[bytes, ...]
    adler: int  # the Adler-32 of what was deflated
    length: int  # and its bytes


def write_png(
    rows: Rows,
    width: int,
    height: int,
    channels: int,
    dtype: Any,
    metadata: Metadata,
    busy: Box | None = None,
) -> bytes:
    """Return a PNG file.

    Parameters
    ----------
    rows : callable
        Returns a strip of (rows, W, channels) samples; called from several threads at once.
    width, height : int
        Size in pixels.
    channels : {1, 2, 3, 4}
        Grey, grey and alpha, RGB, RGBA.
    dtype : dtype
        uint8 or uint16.
    metadata : Metadata
        Profile, resolution and EXIF to put in.
    busy : Box, optional
        Where the picture is not empty; by default everywhere.
    """
    kind = np.dtype(dtype)
    bpp = channels * kind.itemsize
    step = max(1, _STRIP // (width * bpp))
    starts = range(0, height, step)
    plan, reconsider = _plan(rows, bpp, busy or Box(0, 0, width, height))

    strips: dict[int, _Strip] = {}

    def pack(top: int) -> None:
        now, bottom = plan, min(height, top + step)
        filtered = _filtered(_flat(rows, max(0, top - 1), bottom), top, bpp, now.filter)
        packed = _deflated(filtered, now, last=bottom == height)
        chunk = chunk_of(b"IDAT", packed if top else b"\x78\x01" + packed)
        strips[top] = _Strip(now, chunk, _adler(filtered), filtered.size)

    def work(top: int | None) -> None:
        nonlocal plan
        if top is None:
            plan = reconsider()
        else:
            pack(top)

    # Another core need not wait for what is hardly ever found to be wrong.
    for_each(work, [None, *starts])
    for_each(pack, [top for top in starts if strips[top].plan != plan])
    header = struct.pack(
        ">IIBBBBB", width, height, 8 * kind.itemsize, _COLOR_TYPES[channels], 0, 0, 0
    )
    parts = [SIGNATURE, *chunk_of(b"IHDR", header), *_metadata_chunks(metadata)]
    checksum = 1
    for top in starts:
        strip = strips.pop(top)
        checksum = _adler_of_both(checksum, strip.adler, strip.length)
        parts += strip.chunk
    parts += chunk_of(b"IDAT", checksum.to_bytes(4, "big"))
    parts += chunk_of(b"IEND", b"")
    return b"".join(parts)


def _flat(rows: Rows, top: int, bottom: int) -> _Bytes:
    """Return rows as (rows, bytes), most significant byte first."""
    samples = rows(top, bottom)
    if samples.dtype.itemsize == 2:
        samples = samples.astype(">u2")
    return np.ascontiguousarray(samples).reshape(bottom - top, -1).view(np.uint8)


def _filtered(flat: _Bytes, top: int, bpp: int, kind: int) -> _Bytes:
    """Return filtered rows, each with its type in front.

    `flat` begins with the row above, except at the top of the picture, where that counts as zeros.
    """
    first = 0 if top else 1
    result = np.empty((len(flat) - 1 + first, flat.shape[1] + 1), np.uint8)
    result[:, 0] = kind
    if first:
        _filter(np.zeros_like(flat[:1]), flat[:1], bpp, kind, result[:1, 1:])
    _filter(flat[:-1], flat[1:], bpp, kind, result[first:, 1:])
    return result


def _filter(above: _Bytes, here: _Bytes, bpp: int, kind: int, out: _Bytes) -> None:
    """Fill rows of `out` with filtered ones."""
    if kind == _NONE:
        out[...] = here
    elif kind == _SUB:
        out[:, :bpp] = here[:, :bpp]
        np.subtract(here[:, bpp:], here[:, :-bpp], out=out[:, bpp:])
    elif kind == _UP:
        np.subtract(here, above, out=out)
    else:
        # floor((a + b) / 2) without leaving eight bits.
        mean = above[:, bpp:] ^ here[:, :-bpp]
        mean >>= 1
        mean += above[:, bpp:] & here[:, :-bpp]
        np.subtract(here[:, :bpp], above[:, :bpp] >> 1, out=out[:, :bpp])
        np.subtract(here[:, bpp:], mean, out=out[:, bpp:])


def _deflated(filtered: _Bytes, plan: _Plan, *, last: bool) -> bytes:
    """Return raw deflate blocks that end on a byte boundary."""
    from isal import isal_zlib

    packer: Any
    if plan.method == _FAST:
        packer = isal_zlib.compressobj(1, zlib.DEFLATED, _DEFLATE_RAW)
    elif plan.method == _RUNS:
        packer = zlib.compressobj(1, zlib.DEFLATED, _DEFLATE_RAW, 9, zlib.Z_RLE)
    else:
        packer = zlib.compressobj(6, zlib.DEFLATED, _DEFLATE_RAW, 9)
    packed: bytes = packer.compress(filtered)
    # The numbers of zlib's flush modes are those of ISA-L's.
    return packed + bytes(packer.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH))


def _plan(rows: Rows, bpp: int, busy: Box) -> tuple[_Plan, Callable[[], _Plan]]:
    """Choose by packing small tiles, spread over the picture, in every way.

    Returns
    -------
    plan : _Plan
        The best of the fast ones.
    reconsider : callable
        Returns the best of all, which takes longer and nearly always is the same.
    """
    if busy.empty:
        return _Plan(), _Plan
    wide, tall = min(_TILE.width, busy.width), min(_TILE.height, busy.height)
    if tall < 2:
        return _Plan(), _Plan
    share = busy.size.area // _TILE_SHARE
    side = min(_MOST_TILES, max(_LEAST_TILES, math.isqrt(share // _TILE.area)))
    tall = min(tall, max(_LEAST_ROWS, share // (side * side * wide)))
    tiles = []
    for top in _spread(busy.top, busy.bottom - tall, side):
        band = _flat(rows, max(0, top - 1), top + tall)
        tiles += [
            band[:, left * bpp : (left + wide) * bpp]
            for left in _spread(busy.left, busy.right - wide, side)
        ]

    def size(plan: _Plan, some: list[_Bytes] = tiles) -> int:
        # Tiles at the very top lose their first row here, which then counts as the row above.
        filtered = np.vstack([_filtered(tile, 1, bpp, plan.filter) for tile in some])
        return len(_deflated(filtered, plan, last=True))

    sizes = dict.fromkeys((_UP, _SUB, _AVERAGE, _NONE), 0)

    def weigh(kind: int) -> None:
        sizes[kind] = size(_Plan(kind))

    for_each(weigh, list(sizes))
    sizes[_AVERAGE] = int(sizes[_AVERAGE] / _AVERAGE_PAYS)
    fast = _Plan(min(sizes, key=lambda kind: sizes[kind]))

    def reconsider() -> _Plan:
        few = tiles[:: -(-len(tiles) // _FEW)]
        thorough = fast._replace(method=_THOROUGH)
        reference = size(thorough, few)
        if size(fast, few) <= _POOR * reference:
            return fast
        others = [fast._replace(method=_RUNS), _Plan(_AVERAGE, _RUNS)]
        if reference < _EASY * sum(tile.size for tile in few):
            others.append(thorough)
        best = min(others, key=size)
        return best if size(best) < sizes[fast.filter] else fast

    return fast, reconsider


def _spread(first: int, last: int, count: int) -> list[int]:
    """Return up to `count` different positions from `first` to `last`, the ends left out."""
    room = last - first
    return sorted({first + room * (2 * i + 1) // (2 * count) for i in range(count)})


def _adler(filtered: _Bytes) -> int:
    from isal import isal_zlib

    return int(isal_zlib.adler32(filtered))


def _adler_of_both(first: int, second: int, length: int) -> int:
    """Return the Adler-32 of two pieces joined, from those of both; `length` is the second's."""
    a1, b1 = first & 0xFFFF, first >> 16
    a2, b2 = second & 0xFFFF, second >> 16
    a = (a1 + a2 - 1) % _ADLER_BASE
    b = (b1 + b2 + (a1 - 1) * length) % _ADLER_BASE
    return b << 16 | a


def _metadata_chunks(metadata: Metadata) -> Iterator[bytes]:
    if metadata.icc_profile is not None:
        packed = b"ICC profile\0\0" + zlib.compress(metadata.icc_profile)
        yield from chunk_of(b"iCCP", packed)
    if metadata.dpi is not None:
        x, y = (min(0x7FFFFFFF, round(v / INCH)) for v in metadata.dpi)
        yield from chunk_of(b"pHYs", struct.pack(">IIB", x, y, 1))
    if metadata.exif is not None:
        yield from chunk_of(b"eXIf", metadata.exif)
