"""How many clicks a wrong result takes, what refining a mask gains, how fast a mark is answered.

    python benchmarks/correcting.py
    python benchmarks/correcting.py --parts clicks --classical --every 4
    python benchmarks/correcting.py --parts latency --sizes 1 12 50

Clicks are simulated by the usual protocol: the next one stands in the middle of the largest error,
farthest from its border; twenty at most, and a subject that never gets there counts as twenty. They
go through the product, `mattekit.Editor`, from its own automatic result or from nothing (a black
mask); what is seen, clicked on and compared is the preview.
"""

from __future__ import annotations

import importlib.util
import shutil
import statistics
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from common import argument_parser, data_folder, markdown_table, publish
from mattekit import codecs, matting, pipeline
from mattekit.editing import Editor
from mattekit.errors import OptionError
from mattekit.geometry import Size
from mattekit.hints import read_hints
from mattekit.imaging.resize import downsample
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime
from quality import CARD
from truth import band, plane, read

MOST = 20
GOALS = (0.85, 0.90, 0.95)
Mask = NDArray[np.bool_]


# -- clicks ------------------------------------------------------------------------------------


def depth(region: Mask) -> NDArray[np.float64]:
    """Return the distance of every place of a region from outside of it, the border being so."""
    from scipy import ndimage

    return np.asarray(ndimage.distance_transform_edt(np.pad(region, 1)))[1:-1, 1:-1]


def next_click(wanted: Mask, found: Mask) -> tuple[int, int, bool] | None:
    """Return column, row, and whether it is to be kept; None where nothing is wrong."""
    missing, wrong = depth(wanted & ~found), depth(found & ~wanted)
    keep = bool(missing.max() >= wrong.max())
    far = missing if keep else wrong
    if far.max() <= 0:
        return None
    row, column = np.unravel_index(int(far.argmax()), far.shape)
    return int(column), int(row), keep


def overlap(one: Mask, two: Mask) -> float:
    return float((one & two).sum() / max((one | two).sum(), 1))


class Classical(Editor):
    """An editor that asks no network what marks mean: the picture's colours decide."""

    def matte(self) -> matting.Matte:
        """Return the matte that colours alone make of the marks."""
        hints, first = read_hints(self.options, self.photo), self._editable.matte
        if hints is None:
            return first
        return matting.correct(matting.Overview.of(self.photo), first, hints, search=_nothing)


def _nothing(box: object) -> matting.Matte:
    raise AssertionError(f"a click asks for no box, but for {box}")


def simulate(
    photo: Photo, wanted: Mask, goal: float, editor: Editor, times: list[float] | None = None
) -> list[float]:
    """Return the IoU before any click and after each, until it reaches the goal.

    What is seen, clicked on and compared is the preview. Milliseconds from each click until it is
    there are added to `times`.
    """
    found = editor.preview().alpha > photo.opaque // 2
    size = Size(found.shape[1], found.shape[0])
    shares = downsample(wanted.astype(np.uint8) * np.uint8(255), photo.size.box, size)
    wanted = shares > 127
    reached = [overlap(found, wanted)]
    while reached[-1] < goal and len(reached) <= MOST:
        click = next_click(wanted, found)
        if click is None:
            break
        column, row, keep = click
        x, y = ((column + 0.5) * photo.size.width, (row + 0.5) * photo.size.height)
        point = int(x / size.width), int(y / size.height)
        start = time.perf_counter()
        try:
            (editor.keep if keep else editor.remove)([point])
        except OptionError:  # it was clicked on before, for the other purpose
            break
        preview = editor.preview()
        if times is not None:
            times.append(1000 * (time.perf_counter() - start))
        found = preview.alpha > photo.opaque // 2
        reached.append(overlap(found, wanted))
    return reached


def people(folder: Path) -> Iterator[tuple[str, Photo, Mask]]:
    """Yield each person of each picture."""
    for path in sorted(folder.glob("*.instances.png")):
        name = path.name.removesuffix(".instances.png")
        photo = codecs.decode(folder / f"{name}.webp")
        with Image.open(path) as image:
            labels = np.asarray(image)
        for number in range(1, int(labels.max()) + 1):
            if (labels == number).any():
                yield f"{name}-{number}", photo, labels == number


def subjects(folder: Path) -> Iterator[tuple[str, Photo, Mask]]:
    for picture in read(folder):
        yield picture.name, codecs.decode(picture.image), plane(picture.alpha) >= 0.5


def clicks_to(reached: list[float], goal: float) -> int:
    return next((count for count, value in enumerate(reached) if value >= goal), MOST)


def described(model: Path, folder: Path) -> str:
    """Return the path of a copy of u2netp that has its card beside it."""
    copy = folder / model.name
    shutil.copyfile(model, copy)
    copy.with_suffix(".toml").write_text(CARD, encoding="utf-8")
    return str(copy)


def measure_clicks(arguments: Namespace, data: Path) -> tuple[list[list[str]], dict[str, Any]]:
    sets: dict[str, tuple[Iterator[tuple[str, Photo, Mask]], float, dict[str, Any]]] = {
        "people, from nothing": (people(data / "images" / "instances"), 0.90, {}),
        "people": (people(data / "images" / "instances"), 0.90, {}),
        "dev": (subjects(data / "images" / "dev"), 0.95, {}),
    }
    other = data / "models" / "u2netp-fp32.onnx"
    if other.exists():
        start = {"model": described(other, Path(arguments.scratch))}
        sets["dev, from u2netp"] = (subjects(data / "images" / "dev"), 0.95, start)
    ways = {"network": Editor, "colours alone": Classical}
    if not arguments.classical:
        del ways["colours alone"]
    rows, measured = [], {}
    for name in arguments.sets or sets:
        pictures, goal, options = sets[name]
        chosen = [each for n, each in enumerate(pictures) if n % arguments.every == 0]
        for way, kind in ways.items():
            found = {}
            for subject, photo, wanted in chosen:
                if name.endswith("nothing"):
                    options = {"mask": np.zeros(wanted.shape, np.uint8)}
                found[subject] = simulate(photo, wanted, goal, kind(photo, Options(), **options))
            measured[f"{name}, {way}"] = found
            every = list(found.values())
            means = [
                f"{statistics.fmean(clicks_to(each, mark) for each in every):.2f}"
                if mark <= goal
                else "–"
                for mark in GOALS
            ]
            after = [
                f"{statistics.fmean(each[min(n, len(each) - 1)] for each in every):.3f}"
                for n in (0, 1, 3)
            ]
            never = sum(clicks_to(each, goal) >= MOST for each in every)
            rows.append([f"{name} ({len(every)}), {way}", *means, str(never), *after])
    return rows, measured


# -- masks -------------------------------------------------------------------------------------


def spoilt(truth: NDArray[np.float32], how: str, seed: int) -> NDArray[np.uint8]:
    """Return the truth as a mask, wrong by about 2 % of the subject's box."""
    inside = truth >= 0.5
    rows, columns = np.nonzero(inside)
    reach = max(1, round(0.02 * float(np.sqrt((np.ptp(rows) + 1) * (np.ptp(columns) + 1)))))
    image = Image.fromarray(inside.astype(np.uint8) * np.uint8(255))
    width, height = image.size
    if how == "eroded":
        image = image.filter(ImageFilter.MinFilter(2 * reach + 1))
    elif how == "dilated":
        image = image.filter(ImageFilter.MaxFilter(2 * reach + 1))
    elif how == "blocky":
        small = image.resize(
            (max(1, width // (2 * reach)), max(1, height // (2 * reach))), Image.Resampling.BOX
        )
        image = small.point(lambda level: 255 * (level > 127)).resize(
            (width, height), Image.Resampling.NEAREST
        )
    else:
        noise = np.random.default_rng(seed).normal(size=(height // reach + 1, width // reach + 1))
        waves = Image.fromarray(noise.astype(np.float32)).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        soft = np.asarray(image.filter(ImageFilter.GaussianBlur(reach)), np.float32) / 255
        image = Image.fromarray(((soft + 0.25 * np.asarray(waves)) > 0.5).astype(np.uint8) * 255)
    return np.asarray(image, np.uint8)


def measure_masks(arguments: Namespace, data: Path) -> tuple[list[list[str]], dict[str, Any]]:
    pictures = [each for each in read(data / "images" / "dev") if each.kind == "alpha"]
    rows, measured = [], {}
    for how in ("eroded", "dilated", "blocky", "noisy"):
        before, after = [], []
        for number, picture in enumerate(pictures[:: arguments.every]):
            photo, truth = codecs.decode(picture.image), plane(picture.alpha)
            near = band(truth)
            mask = spoilt(truth, how, number)
            alpha = pipeline.refine_mask(photo, mask).alpha / np.float32(photo.opaque)
            before.append(float(np.square(mask / 255 - truth)[near].mean()))
            after.append(float(np.square(alpha - truth)[near].mean()))
        ratios = [a / b for a, b in zip(after, before, strict=True)]
        means = statistics.fmean(after) / statistics.fmean(before)
        measured[how] = {"before": before, "after": after}
        rows.append([how, f"{statistics.median(ratios):.2f}", f"{means:.2f}"])
    return rows, measured


def measure_trimaps(arguments: Namespace, data: Path) -> tuple[list[list[str]], dict[str, Any]]:
    import pymatting

    ours, theirs, errors = [], [], []
    for picture in [each for each in read(data / "images" / "dev") if each.trimap][
        :: arguments.every
    ]:
        assert picture.trimap is not None
        photo, truth = codecs.decode(picture.image), plane(picture.alpha)
        with Image.open(picture.trimap) as image:
            trimap = np.asarray(image.convert("L"))
        unknown = (trimap > 8) & (trimap < 247)
        start = time.perf_counter()
        alpha = pipeline.refine_mask(photo, trimap).alpha / np.float32(photo.opaque)
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        other = pymatting.estimate_alpha_cf(photo.color / 255, trimap / 255)
        theirs.append(time.perf_counter() - start)
        errors.append([float(np.square(each - truth)[unknown].mean()) for each in (alpha, other)])
    error = [statistics.fmean(each) for each in zip(*errors, strict=True)]
    times = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return (
        [["refine_mask", f"{error[0]:.4f}", f"{times:.2f}"], ["pymatting", f"{error[1]:.4f}", "1"]],
        {"errors": errors, "ours": ours, "pymatting": theirs},
    )


# -- latency -----------------------------------------------------------------------------------


def measure_latency(arguments: Namespace, data: Path) -> tuple[list[list[str]], dict[str, Any]]:
    """Time the clicks of the protocol, for one person after the other of one picture."""
    chosen = list(people(data / "images" / "instances"))
    name = chosen[0][0].rpartition("-")[0]
    chosen = [each for each in chosen if each[0].rpartition("-")[0] == name]
    small = Image.fromarray(chosen[0][1].color)
    rows, measured = [], {}
    for size in arguments.sizes:
        factor = (size * 1e6 / (small.width * small.height)) ** 0.5
        wide, high = round(small.width * factor), round(small.height * factor)
        picture = np.asarray(small.resize((wide, high), Image.Resampling.BICUBIC))
        editor = Editor(picture)
        milliseconds: list[float] = []
        while len(milliseconds) < arguments.rounds:
            before = len(milliseconds)
            for _, _, wanted in chosen:
                mask = np.asarray(Image.fromarray(wanted).resize((wide, high)))
                simulate(editor.photo, mask, 0.97, editor, milliseconds)
                while editor.undo():
                    pass
            if len(milliseconds) == before:
                break
        ordered = sorted(milliseconds[: arguments.rounds])
        measured[str(size)] = milliseconds
        if not ordered:
            rows.append([f"{size:g} MP", "nothing to click", ""])
            continue
        worst = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        rows.append([f"{size:g} MP", f"{statistics.median(ordered):.0f}", f"{worst:.0f}"])
    return rows, measured


PARTS = {
    "clicks": (
        measure_clicks,
        "Clicks until the IoU is reached (means; 20 where it never is), and the IoU on the way:",
        ["pictures", "85 %", "90 %", "95 %", "never", "before", "after 1", "after 3"],
    ),
    "masks": (
        measure_masks,
        "Band error after refining a mask against before: median over pictures, and of the means:",
        ["mask", "median", "of the means"],
    ),
    "trimaps": (
        measure_trimaps,
        "Trimaps: mean square error where they are unknown, and time against pymatting's "
        "closed-form solution:",
        ["", "error", "time"],
    ),
    "latency": (
        measure_latency,
        "Milliseconds from a mark to its preview:",
        ["picture", "median", "95 %"],
    ),
}


def main() -> None:
    parser = argument_parser(__doc__, rounds=24)
    # What needs pymatting runs where that is installed.
    here = [name for name in PARTS if name != "trimaps" or importlib.util.find_spec("pymatting")]
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=here)
    parser.add_argument("--sets", nargs="+", help="of the clicks: people, dev, …; default all")
    parser.add_argument("--every", type=int, default=1, help="take one picture of so many")
    parser.add_argument("--classical", action="store_true", help="also without a network")
    parser.add_argument("--sizes", nargs="+", type=float, default=[1, 4, 12, 25, 50])
    arguments = parser.parse_args()
    texts, results = [], {}
    with tempfile.TemporaryDirectory() as arguments.scratch:
        for name in arguments.parts:
            function, text, heads = PARTS[name]
            rows, results[name] = function(arguments, data_folder())
            texts.append(f"{text}\n\n{markdown_table(heads, rows)}")
    Runtime.shared().close()
    publish("correcting", "\n\n".join(texts), results, arguments)


if __name__ == "__main__":
    main()
