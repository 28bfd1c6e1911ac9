"""What looking twice gains and costs: the product's way with `zoom` and without.

    python benchmarks/zoom.py
    python benchmarks/zoom.py --pairs 300 --readme

Sets: the development pictures, pictures of several people (all of them are the subject), and pairs
of the training archives that were held back from training; of these also those whose subject's box
is small.
"""

from __future__ import annotations

import io
import json
import statistics
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from common import argument_parser, data_folder, markdown_table, publish, ratio
from mattekit import codecs, matting, pipeline
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime
from truth import plane, read

HELD_BACK = Path(__file__).resolve().parents[1] / "training" / "validation.txt"
#: A subject is small where its box covers less than this share of the picture.
SMALL = 0.2


class Pair(NamedTuple):
    """A picture and its truth."""

    photo: Photo
    alpha: np.ndarray  # (H, W) in [0, 1]


def development(folder: Path) -> Iterator[Pair]:
    for truth in read(folder):
        yield Pair(codecs.decode(truth.image), plane(truth.alpha))


def several_people(folder: Path) -> Iterator[Pair]:
    for path in sorted(folder.glob("*.webp")):
        with Image.open(path.with_name(f"{path.stem}.instances.png")) as image:
            yield Pair(codecs.decode(path), (np.asarray(image) > 0).astype(np.float32))


def held_back(folder: Path, count: int) -> Iterator[Pair]:
    names = [line for line in HELD_BACK.read_text().split("\n") if line and line[0] != "#"]
    wanted, halves = set(names[:count]), {}
    for archive in sorted(folder.glob("train-0*.tar")):
        with tarfile.open(archive) as files:
            for member in files:
                stem, _, suffix = member.name.rpartition(".")
                if stem not in wanted:
                    continue
                halves.setdefault(stem, {})[suffix] = files.extractfile(member).read()
                if len(halves[stem]) == 2:
                    both = halves.pop(stem)
                    with Image.open(io.BytesIO(both["png"])) as image:
                        alpha = np.asarray(image.convert("L"), np.float32) / 255
                    yield Pair(codecs.decode(both["webp"]), alpha)


def is_small(alpha: np.ndarray) -> bool:
    inside = alpha > 0.5
    sides = [np.flatnonzero(inside.any(axis)) for axis in (0, 1)]
    if not all(map(len, sides)):
        return False
    return float(np.prod([side[-1] - side[0] + 1 for side in sides])) < SMALL * alpha.size


def compare(alpha: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return intersection over union and mean absolute error."""
    inside, expected = alpha >= 0.5, truth >= 0.5
    union = np.count_nonzero(inside | expected)
    both = np.count_nonzero(inside & expected)
    return both / union if union else 1.0, float(np.abs(alpha - truth).mean())


def measure(pairs: Iterator[Pair], runtime: Runtime, quality: str) -> list[dict]:
    rows = []
    for number, pair in enumerate(pairs):
        row: dict = {"small": is_small(pair.alpha)}
        ways = {"one": Options(zoom=False), "two": Options()}
        if number == 0:
            pipeline.segment(pair.photo, Options(), runtime)
        for name in sorted(ways, reverse=bool(number % 2)):
            started = time.perf_counter()
            matte = pipeline.segment(pair.photo, ways[name], runtime)
            row[f"{name}_seconds"] = time.perf_counter() - started
            alpha = matting.refine(pair.photo, matte, quality=quality)
            row[f"{name}_iou"], row[f"{name}_mae"] = compare(alpha, pair.alpha)
            row["again"] = matte.box != pair.photo.size.box
        rows.append(row)
    return rows


def table_row(name: str, rows: list[dict]) -> list[str]:
    def mean(key: str) -> str:
        return f"{statistics.fmean(row[key] for row in rows):.4f}"

    times = ratio([row["two_seconds"] for row in rows], [row["one_seconds"] for row in rows])
    worse = sum(row["two_iou"] < row["one_iou"] - 0.05 for row in rows)
    better = sum(row["two_iou"] > row["one_iou"] + 0.05 for row in rows)
    keys = ("one_iou", "two_iou", "one_mae", "two_mae")
    return [name, str(len(rows)), *map(mean, keys), f"{better} / {worse}", times.text()]


def main() -> None:
    parser = argument_parser(__doc__, rounds=1)
    parser.add_argument("--pairs", type=int, default=300, help="how many held-back pairs")
    parser.add_argument("--refine", default="balanced", help="the way to full size")
    arguments = parser.parse_args()
    data = data_folder()
    with Runtime() as runtime:
        sets = {
            "development": development(data / "images" / "dev"),
            "several people": several_people(data / "images" / "instances"),
            "held back": held_back(data / "training", arguments.pairs),
        }
        measured = {name: measure(pairs, runtime, arguments.refine) for name, pairs in sets.items()}
    small = [row for row in measured["held back"] if row["small"]]
    rows = [table_row(name, found) for name, found in measured.items() if found]
    if small:
        rows.append(table_row(f"of these with a box below {SMALL:.0%}", small))
    head = ["set", "pictures", "IoU once", "twice", "MAE once", "twice", "better / worse by .05"]
    text = f"Built-in network, `refine={arguments.refine}`. Time is that of the network's part, "
    text += "both ways in turns on each picture.\n\n"
    text += markdown_table([*head, "time ÷ once"], rows)
    publish("zoom", text, json.loads(json.dumps(measured, default=float)), arguments)


if __name__ == "__main__":
    main()
