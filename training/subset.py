"""Packs all training pairs into one small tar, for machines that only little can be sent to.

    python -m training.subset TAR... --out subset.tar.gz [--side 256] [--quality 25]

Pictures shrink to ``--side`` and a lower WebP quality; mattes keep their 16 grey levels. The tar is
compressed for the sake of its headers, which otherwise take a fifth of it.
Validation pairs go in as well (`training.data.held_back` keeps them out of training). If the tar
would still be larger than the limit, pairs that are neither held back nor rare in kind are left
out, chosen by the seed.
"""

from __future__ import annotations

import argparse
import io
import logging
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from training.data import U8, held_back, read_tar
from training.kinds import kind_of

log = logging.getLogger(__name__)

_HEADER = 64  # bytes that a member's header and padding take after compression, generously
_RARE = {"animal", "car", "transportation"}


def pack(rgb: U8, matte: U8, side: int, quality: int) -> tuple[bytes, bytes]:
    """Return the pair as WebP and PNG bytes, its longer side at most ``side``."""
    picture, mask = Image.fromarray(rgb), Image.fromarray(matte)
    if max(picture.size) > side:
        scale = side / max(picture.size)
        size = (round(picture.width * scale), round(picture.height * scale))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
        mask = mask.resize(size, Image.Resampling.BOX)
    levels = np.rint(np.asarray(mask) / 17).astype(np.uint8)
    indexed = Image.frombytes("P", mask.size, levels.tobytes())
    indexed.putpalette([v for i in range(16) for v in (i * 17,) * 3])
    webp, png = io.BytesIO(), io.BytesIO()
    picture.save(webp, "WEBP", quality=quality, method=4)
    indexed.save(png, "PNG", optimize=True, bits=4)
    return webp.getvalue(), png.getvalue()


def write(
    tars: Sequence[str], out: Path, side: int, quality: int, limit: int, seed: int = 0
) -> tuple[int, int]:
    """Write the tar and return the number of pairs and of bytes."""
    packed = {}
    for tar in tars:
        for name, rgb, matte in read_tar(tar):
            packed[name] = pack(rgb, matte, side, quality)
        log.info("%s: %d pairs so far", tar, len(packed))
    keep = set(held_back())
    first = [n for n in packed if n in keep or kind_of(n) in _RARE]
    chosen = set(first)
    rest = [n for n in packed if n not in chosen]
    order = np.random.default_rng(seed).permutation(len(rest))
    total, pairs = 0, 0
    with tarfile.open(out, "w:gz", compresslevel=6) as handle:
        for name in (*first, *(rest[i] for i in order)):
            size = sum(len(part) + _HEADER for part in packed[name])
            if total + size > limit:
                continue
            for part, ext in zip(packed[name], ("webp", "png"), strict=True):
                info = tarfile.TarInfo(f"{name}.{ext}")
                info.size = len(part)
                handle.addfile(info, io.BytesIO(part))
            total, pairs = total + size, pairs + 1
    return pairs, out.stat().st_size


def main() -> None:
    """Pack the tars named on the command line."""
    p = argparse.ArgumentParser(description="Pack all training pairs into one small tar.")
    p.add_argument("tars", nargs="+")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--side", type=int, default=256)
    p.add_argument("--quality", type=int, default=25)
    p.add_argument("--limit-mib", type=float, default=58)
    args = p.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    limit = int(args.limit_mib * 2**20)
    pairs, size = write(sorted(args.tars), args.out, args.side, args.quality, limit)
    log.info("%d pairs, %d bytes", pairs, size)


if __name__ == "__main__":
    main()
