"""Training pairs: WebDataset tars -> one uint8 memory map, so that training never decodes.

A store is a folder with

``pixels.u8``
    N x SIDE x SIDE x 4 uint8 (RGB + matte), every picture at its own shape in the top-left corner.
``meta.json``
    ``{"name", "height", "width", "box": [x0, y0, x1, y1] or null, "label", "flags"}`` per picture;
    the box surrounds the subject, in 0..1 of the picture.

Run ``python -m training.data TAR... --out STORE``.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import tarfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from training.kinds import label_of

SIDE = 320
"""Longest side of a stored picture, in pixels."""

HELD_BACK = Path(__file__).with_name("validation.txt")
"""Names of the training pairs that are never trained on, one per line.

The first 400 were held out by the pilot as well: no ancestor of our weights has seen them.
"""

PILOT_HELD_BACK = 400

PEOPLE = "people_"
"""How the names of the pictures in ``train-people.tar`` begin."""

COMPOSITE = 1
"""Flag: the picture's own ground means nothing; always paste the subject onto another one."""

log = logging.getLogger(__name__)

U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Entry:
    """One picture of a store."""

    name: str
    height: int
    width: int
    box: tuple[float, float, float, float] | None
    label: int
    flags: int = 0


def held_back() -> list[str]:
    """Return the names of the validation pictures, those that the pilot never saw first."""
    lines = HELD_BACK.read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def subject_box(matte: U8) -> tuple[float, float, float, float] | None:
    """Return the box (x0, y0, x1, y1 in 0..1) around a matte's opaque part, or None if empty."""
    h, w = matte.shape
    rows = np.flatnonzero((matte > 127).any(1))
    cols = np.flatnonzero((matte > 127).any(0))
    if not len(rows):
        return None
    return (
        float(cols[0] / w),
        float(rows[0] / h),
        float((cols[-1] + 1) / w),
        float((rows[-1] + 1) / h),
    )


def read_tar(path: str | Path) -> Iterator[tuple[str, U8, U8]]:
    """Yield (name, RGB H x W x 3, matte H x W) of every complete pair of a tar, sorted by name."""
    pairs: dict[str, dict[str, bytes]] = {}
    with tarfile.open(path) as tar:
        for member in tar:
            handle = tar.extractfile(member)
            if handle is None:
                continue
            name, _, ext = member.name.rpartition(".")
            pairs.setdefault(name, {})[ext] = handle.read()
    for name, files in sorted(pairs.items()):
        if {"webp", "png"} <= files.keys():
            rgb = Image.open(io.BytesIO(files["webp"])).convert("RGB")
            matte = Image.open(io.BytesIO(files["png"])).convert("L")
            if matte.size != rgb.size:
                matte = matte.resize(rgb.size, Image.Resampling.BILINEAR)
            yield name, np.asarray(rgb), np.asarray(matte)


class Writer:
    """Writes pictures into one slice of a store's memory map."""

    def __init__(self, path: Path, total: int, start: int = 0) -> None:
        if not path.exists():
            np.memmap(path, np.uint8, "w+", shape=(total, SIDE, SIDE, 4)).flush()
        self._map = np.memmap(path, np.uint8, "r+", shape=(total, SIDE, SIDE, 4))
        self._at = start
        self.entries: list[Entry] = []

    def add(self, name: str, rgb: U8, matte: U8, label: int, flags: int = 0) -> None:
        """Append one picture (at most SIDE x SIDE)."""
        h, w = matte.shape
        self._map[self._at, :h, :w, :3] = rgb
        self._map[self._at, :h, :w, 3] = matte
        self.entries.append(Entry(name, h, w, subject_box(matte), label, flags))
        self._at += 1

    def flush(self) -> None:
        """Write everything to the disk."""
        self._map.flush()


def save_meta(entries: Sequence[Entry], store: Path) -> None:
    """Write the store's ``meta.json``."""
    (store / "meta.json").write_text(json.dumps([asdict(e) for e in entries]))


def _decode(job: tuple[str, Path, int, int]) -> list[Entry]:
    tar, path, total, start = job
    writer = Writer(path, total, start)
    for name, rgb, matte in read_tar(tar):
        writer.add(name, rgb, matte, label_of(name))
    writer.flush()
    return writer.entries


def decode(tars: Sequence[str], store: Path, processes: int = 2) -> int:
    """Decode training tars into a store and return the number of pictures."""
    counts = []
    for tar in tars:
        with tarfile.open(tar) as handle:
            counts.append(sum(name.endswith(".webp") for name in handle.getnames()))
    store.mkdir(parents=True, exist_ok=True)
    total, path = sum(counts), store / "pixels.u8"
    np.memmap(path, np.uint8, "w+", shape=(total, SIDE, SIDE, 4)).flush()
    starts = np.cumsum([0, *counts[:-1]]).tolist()
    jobs = [(tar, path, total, start) for tar, start in zip(tars, starts, strict=True)]
    with ProcessPoolExecutor(processes) as pool:
        entries = [entry for part in pool.map(_decode, jobs) for entry in part]
    save_meta(entries, store)
    return total


class Store:
    """Read access to a store."""

    def __init__(self, root: str | Path) -> None:
        root = Path(root)
        raw = json.loads((root / "meta.json").read_text())
        self.entries = [Entry(**{**e, "box": tuple(e["box"]) if e["box"] else None}) for e in raw]
        shape = (len(self.entries), SIDE, SIDE, 4)
        self.pixels: npt.NDArray[np.uint8] = np.memmap(root / "pixels.u8", np.uint8, "r", 0, shape)

    def __len__(self) -> int:
        return len(self.entries)

    def picture(self, index: int) -> tuple[U8, U8]:
        """Return the picture's RGB (H x W x 3) and matte (H x W)."""
        e = self.entries[index]
        block = self.pixels[index, : e.height, : e.width]
        return np.ascontiguousarray(block[..., :3]), np.ascontiguousarray(block[..., 3])

    def split(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the indices to train on and those held back.

        Held back are the pictures of ``validation.txt``, in its order, then every tenth by name of
        the people.
        """
        where = {e.name: i for i, e in enumerate(self.entries)}
        people = sorted(name for name in where if name.startswith(PEOPLE))
        valid = [where[name] for name in (*held_back(), *people[::10]) if name in where]
        train = np.setdiff1d(np.arange(len(self.entries)), valid)
        return train.astype(np.int64), np.array(valid, np.int64)


def main() -> None:
    """Decode the tars named on the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("tars", nargs="+")
    parser.add_argument("--out", type=Path, required=True, help="folder of the store")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    log.info("%d pictures", decode(sorted(args.tars), args.out, args.processes))


if __name__ == "__main__":
    main()
