"""What looking twice gains and costs: the product's way with `zoom` and without.

    python benchmarks/zoom.py
    python benchmarks/zoom.py --pairs 300 --readme
    python benchmarks/zoom.py --sets "small photographs" "small frames"

Sets: the development pictures, pictures of several people (all of them are the subject), and pairs
of the training archives that were held back from training; of these also those whose subject's box
is small.

Small subjects, whose box covers 3 to 15 % of the picture, by themselves: photographs are held-back
pairs as they are. Frames are made, 854 × 480, several of one scene, which go through the product's
way for videos: a held-back subject that moves in front of a ground without one, the scene being
compressed as video is.
"""

from __future__ import annotations

import io
import json
import statistics
import tarfile
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

import composites
from common import argument_parser, data_folder, markdown_table, publish, ratio
from mattekit import codecs, matting, pipeline
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime
from mattekit_imageio import cutout_frames
from truth import plane, read

HELD_BACK = Path(__file__).resolve().parents[1] / "training" / "validation.txt"
#: A subject is small where its box covers less than this share of the picture.
SMALL = 0.2
#: What small subjects cover, of those that are measured by themselves.
TINY = (0.03, 0.15)
FRAME = (854, 480)
SETS = ("development", "several people", "held back", "small photographs", "small frames")
#: More pairs than were held back.
ALL = 10_000
#: Frames of one scene, and how far a subject goes from one to the next, as a share of the frame.
FRAMES = 4
STEP = 0.012


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


def box_share(alpha: np.ndarray) -> float:
    """Return the share of a picture that the box of its subject covers; 1 where there is none."""
    inside = alpha > 0.5
    sides = [np.flatnonzero(inside.any(axis)) for axis in (0, 1)]
    if not all(map(len, sides)):
        return 1.0
    return float(np.prod([side[-1] - side[0] + 1 for side in sides])) / alpha.size


def is_tiny(pair: Pair) -> bool:
    return TINY[0] <= box_share(pair.alpha) <= TINY[1]


def scene(pairs: composites.Pairs, number: int) -> list[Pair]:
    """Return the frames of one scene; a number makes a scene, always the same one."""
    rng = np.random.default_rng([7, number])
    color, mask = pairs.pair(pairs.objects[rng.integers(len(pairs.objects))])
    box = mask.point(lambda level: 255 * (level >= 128)).getbbox()
    color, mask = color.crop(box), mask.crop(box)
    area = rng.uniform(*TINY) * FRAME[0] * FRAME[1]
    scale = (area / (mask.width * mask.height)) ** 0.5
    scale = min(scale, 0.8 * FRAME[0] / mask.width, 0.8 * FRAME[1] / mask.height)
    size = round(mask.width * scale), round(mask.height * scale)
    subject = composites.floats(color.resize(size, Image.Resampling.BICUBIC))
    cover = composites.floats(mask.resize(size, Image.Resampling.BICUBIC))
    back = composites.ground(pairs, FRAME, rng)
    blur, quality = float(rng.choice([0.3, 0.6, 0.9])), int(rng.integers(60, 85))
    room = np.array([FRAME[0] - size[0], FRAME[1] - size[1]])
    place, way = rng.uniform(0.1, 0.9, 2) * room, rng.normal(0, STEP, 2) * FRAME
    frames = []
    for _ in range(FRAMES):
        left, top = (int(each) for each in np.clip(place, 0, room))
        place = place + way
        alpha = np.zeros(FRAME[::-1], np.float32)
        alpha[top : top + size[1], left : left + size[0]] = cover
        front = np.zeros((*alpha.shape, 3), np.float32)
        front[top : top + size[1], left : left + size[0]] = subject * cover[..., None]
        image = composites.blurred(front + (1 - alpha[..., None]) * back, blur)
        levels = np.clip(image * 255 + rng.normal(0, 1.5, image.shape), 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(levels).save(file, "JPEG", quality=quality)
        frames.append(Pair(codecs.decode(file.getvalue()), composites.blurred(alpha, blur)))
    return frames


def measure_scenes(count: int, data: Path, runtime: Runtime, quality: str) -> list[dict]:
    rows: list[dict] = []
    for number in range(count):
        frames = scene(composites.read(data), number)
        found: list[dict] = [{"again": None} for _ in frames]
        for name, zoom in (("one", False), ("two", True))[:: 1 - 2 * (number % 2)]:
            options = Options(zoom=zoom, refine=quality, channels="alpha")
            started = time.perf_counter()
            mattes = list(
                cutout_frames([frame.photo.color for frame in frames], options, runtime=runtime)
            )
            seconds = (time.perf_counter() - started) / len(frames)
            for row, matte, frame in zip(found, mattes, frames, strict=True):
                row[f"{name}_seconds"] = seconds
                row[f"{name}_iou"], row[f"{name}_mae"] = compare(matte / 255, frame.alpha)
        rows += found
    return rows


def compare(alpha: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return intersection over union and mean absolute error."""
    inside, expected = alpha >= 0.5, truth >= 0.5
    union = np.count_nonzero(inside | expected)
    both = np.count_nonzero(inside & expected)
    return both / union if union else 1.0, float(np.abs(alpha - truth).mean())


def measure(pairs: Iterator[Pair], runtime: Runtime, quality: str) -> list[dict]:
    rows = []
    for number, pair in enumerate(pairs):
        row: dict = {"small": box_share(pair.alpha) < SMALL}
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


def measure_set(name: str, arguments: Namespace, data: Path, runtime: Runtime) -> list[dict]:
    if name == "small frames":
        return measure_scenes(arguments.scenes, data, runtime, arguments.refine)
    pairs = {
        "development": lambda: development(data / "images" / "dev"),
        "several people": lambda: several_people(data / "images" / "instances"),
        "held back": lambda: held_back(data / "training", arguments.pairs),
        "small photographs": lambda: filter(is_tiny, held_back(data / "training", ALL)),
    }
    return measure(pairs[name](), runtime, arguments.refine)


def main() -> None:
    parser = argument_parser(__doc__, rounds=1)
    parser.add_argument("--pairs", type=int, default=300, help="how many held-back pairs")
    parser.add_argument("--refine", default="balanced", help="the way to full size")
    parser.add_argument("--scenes", type=int, default=25, help=f"of {FRAMES} frames each")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS), metavar="SET")
    arguments = parser.parse_args()
    with Runtime() as runtime:
        measured = {
            name: measure_set(name, arguments, data_folder(), runtime) for name in arguments.sets
        }
    rows = []
    for name, found in measured.items():
        rows += [table_row(name, found)] if found else []
        small = [row for row in found if name == "held back" and row["small"]]
        if small:
            rows.append(table_row(f"of these with a box below {SMALL:.0%}", small))
    head = ["set", "pictures", "IoU once", "twice", "MAE once", "twice", "better / worse by .05"]
    text = f"Built-in network, `refine={arguments.refine}`. Time is that of the network's part, "
    text += "both ways in turns on each picture; of frames, that of all of a video's work.\n\n"
    text += markdown_table([*head, "time ÷ once"], rows)
    publish("zoom", text, json.loads(json.dumps(measured, default=float)), arguments)


if __name__ == "__main__":
    main()
