"""How good edges are where the truth is known: hard things, hair, and the colours at soft edges.

    python benchmarks/edges.py
    python benchmarks/edges.py --every 5 --json after.json --against before.json

Real objects, drawn things and drawn hair are put over real grounds (`composites.py`) and go the
product's way, once with each `refine`. What counts is only how the network's answer is brought to
full size, so pictures whose subject it misses (IoU of the plain resize below 0.8) are left out and
the next one is taken. `--against` compares with what another state of the code wrote by `--json`.
"""

from __future__ import annotations

import json
import statistics
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import composites
import truth
from common import argument_parser, data_folder, markdown_table, publish
from mattekit import codecs, matting, pipeline
from mattekit.options import Options
from mattekit.photo import Photo

QUALITIES = ("fast", "balanced", "best")
FOUND = 0.8
#: Alpha from which on something beside the subject is seen.
SEEN = 0.15
#: New grounds under the result, each in [0, 1].
GROUNDS = ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 0.0, 1.0))

Plane = NDArray[np.float32]


class Case(NamedTuple):
    """A picture, what the network said, and what is true."""

    name: str
    photo: Photo
    matte: matting.Matte
    alpha: Plane
    front: Plane | None  # (H, W, 3) over black


def plain(matte: matting.Matte, shape: tuple[int, ...]) -> Plane:
    """Return a matte resized to its picture, and nothing else."""
    alpha = np.zeros(shape, np.float32)
    if matte.found:
        coarse = Image.fromarray(matte.alpha)
        large = np.asarray(coarse.resize(matte.box.size, Image.Resampling.LANCZOS))
        alpha[matte.box.slices] = np.clip(large, 0, 1)
    return alpha


def overlap(alpha: Plane, expected: Plane) -> float:
    one, two = alpha >= 0.5, expected >= 0.5
    return float((one & two).sum() / max(1, (one | two).sum()))


def made(data: Path, kind: str, count: int, every: int) -> Iterator[Case]:
    """Yield composites whose subject the network finds."""
    pairs, found, number = composites.read(data), 0, 0
    while found < max(1, count // every):
        drawn = composites.make(pairs, kind, number)
        photo = codecs.decode(drawn.encoded)
        matte = pipeline.segment(photo, Options())
        if overlap(plain(matte, drawn.alpha.shape), drawn.alpha) >= FOUND:
            yield Case(f"{kind} {number}", photo, matte, drawn.alpha, drawn.front)
            found += 1
        number += every


def developed(data: Path) -> Iterator[Case]:
    """Yield the development pictures with ground truth."""
    for picture in truth.read(data / "images" / "dev"):
        photo = codecs.decode(picture.image)
        name = f"{picture.kind} {picture.name}"
        matte = pipeline.segment(photo, Options())
        yield Case(name, photo, matte, truth.plane(picture.alpha), None)


def parts(alpha: Plane) -> int:
    """Return how many separate things are seen."""
    from scipy import ndimage

    return int(ndimage.label(alpha > SEEN, np.ones((3, 3)))[1])


def connectivity(alpha: Plane, expected: Plane) -> float:
    """Return the connectivity error of Rhemann et al., in thousands.

    doi:10.1109/CVPR.2009.5206503.
    """
    from scipy import ndimage

    level = np.zeros_like(alpha)
    joined = np.ones(alpha.shape, bool)
    for step in np.linspace(0.1, 1, 10):
        labels, count = ndimage.label((alpha >= step) & (expected >= step))
        if count:
            sizes = np.bincount(labels.ravel())
            sizes[0] = 0
            core = labels == sizes.argmax()
        else:
            core = np.zeros(alpha.shape, bool)
        level[joined & ~core] = step - 0.1
        joined &= core
    level[joined] = 1

    def degree(plane: Plane) -> Plane:
        apart = plane - level
        return 1 - apart * (apart >= 0.15)

    return float(np.abs(degree(alpha) - degree(expected)).sum()) / 1000


def color_errors(cut: Plane, alpha: Plane, case: Case) -> tuple[float, float]:
    """Return how far a cut-out over new grounds is from the truth at soft edges, of 255.

    The mean, and that of the worst twentieth of the pixels.
    """
    assert case.front is not None
    soft = (case.alpha > 0.02) & (case.alpha < 0.98)
    ours, theirs = cut[soft] * alpha[soft, None], case.front[soft]
    rest, own = (1 - alpha[soft])[:, None], (1 - case.alpha[soft])[:, None]
    error = np.mean(
        [
            np.abs(ours + rest * np.float32(new) - theirs - own * np.float32(new)).mean(1)
            for new in GROUNDS
        ],
        axis=0,
    )
    worst = np.sort(error)[-max(1, len(error) // 20) :]
    return 255 * float(error.mean()), 255 * float(worst.mean())


def measure(case: Case, quality: str) -> dict[str, float]:
    options = Options(refine=quality)
    # With the best quality the network looks closer.
    matte = pipeline.segment(case.photo, options) if quality == "best" else case.matte
    cutout = matting.extract(case.photo, matte, options)
    alpha = cutout.alpha.astype(np.float32) / np.float32(np.iinfo(cutout.alpha.dtype).max)
    return judged(case, alpha, cutout.color)


def judged(case: Case, alpha: Plane, color: NDArray[np.uint8] | None) -> dict[str, float]:
    errors = truth.errors(alpha, case.alpha)._asdict()
    errors["parts"] = max(0, parts(alpha) - parts(case.alpha))
    if case.front is not None:
        errors["connectivity"] = connectivity(alpha, case.alpha)
        if color is not None:
            cut = color.astype(np.float32) / np.float32(255)
            errors["color"], errors["color_worst"] = color_errors(cut, alpha, case)
    return errors


Results = dict[str, dict[str, dict[str, float]]]
#: What the network takes each picture's subject for.
Kinds = dict[str, str]


def measured(
    cases: Iterator[Case], qualities: tuple[str, ...] = QUALITIES, kinds: Kinds | None = None
) -> Results:
    results: Results = {}
    for case in cases:
        if kinds is not None:
            kinds[case.name] = case.matte.kind
        own = results[case.name] = {quality: measure(case, quality) for quality in qualities}
        own["plain resize"] = judged(case, plain(case.matte, case.alpha.shape), None)
    return results


ROWS = (
    ("hard", "band MSE", "band_mse"),
    ("hard", "separate parts beyond the truth's", "parts"),
    ("hard", "colour at soft edges, mean", "color"),
    ("hard", "colour at soft edges, worst 5 %", "color_worst"),
    ("hair", "band MSE", "band_mse"),
    ("hair", "gradient error", "band_gradient"),
    ("hair", "connectivity error", "connectivity"),
    ("hair", "separate parts beyond the truth's", "parts"),
    ("hair", "colour at soft edges, mean", "color"),
    ("hair", "colour at soft edges, worst 5 %", "color_worst"),
    ("alpha", "band MSE", "band_mse"),
    ("dev", "IoU", "iou"),
    ("dev", "MAE", "mae"),
    ("dev", "separate parts beyond the truth's", "parts"),
)


def of(results: Results, kind: str) -> list[str]:
    own = ("alpha ", "mask ") if kind == "dev" else (f"{kind} ",)
    return [name for name in results if name.startswith(own)]


def mean(results: Results, names: list[str], quality: str, key: str) -> float:
    return statistics.fmean(results[name][quality][key] for name in names)


def table(results: Results, before: Results | None) -> str:
    head = ["pictures", "what", "plain resize", *QUALITIES]
    if before is not None:
        head += ["balanced before", *(f"{quality} ÷" for quality in QUALITIES)]
    rows = []
    for kind, what, key in ROWS:
        names = of(results, kind)
        if before is not None:
            names = [name for name in names if name in before]
        if not names:
            continue
        value: Callable[[str], float] = lambda way: mean(results, names, way, key)  # noqa: B023,E731
        known = key in results[names[0]]["plain resize"]
        own = [value(way) for way in QUALITIES]
        row = [f"{kind}, {len(names)}", what, f"{value('plain resize'):.4g}" if known else "–"]
        row += [f"{each:.4g}" for each in own]
        if before is not None:
            old = mean(before, names, "balanced", key)
            row += [f"{old:.4g}", *(f"{each / max(old, 1e-9):.2f}" for each in own)]
        rows.append(row)
    return markdown_table(head, rows)


def by_kind(results: Results, kinds: Kinds) -> str:
    """Compare the qualities on each kind of subject: the error near the edge, and IoU."""
    head = ["pictures of", "number", *(f"band MSE, {way}" for way in QUALITIES)]
    head += [f"IoU, {way}" for way in QUALITIES]
    rows = []
    for group in ("hard", "hair", "dev"):
        own = of(results, group)
        for kind in sorted({kinds[name] for name in own}):
            names = [name for name in own if kinds[name] == kind]
            row = [f"{group}, {kind}", str(len(names))]
            for key in ("band_mse", "iou"):
                row += [f"{mean(results, names, way, key):.4f}" for way in QUALITIES]
            rows.append(row)
    return markdown_table(head, rows)


def main() -> None:
    parser = argument_parser(__doc__, rounds=1)
    parser.add_argument("--count", type=int, default=200, help="pictures of each kind")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th picture")
    parser.add_argument("--kinds", nargs="+", default=["hard", "hair", "dev"])
    parser.add_argument("--against", metavar="PATH", help="what --json wrote before")
    arguments: Namespace = parser.parse_args()
    data, results = data_folder(), {}
    known: Kinds = {}
    for kind in arguments.kinds:
        if kind == "dev":
            results.update(measured(developed(data), kinds=known))
        else:
            cases = made(data, kind, arguments.count, arguments.every)
            results.update(measured(cases, kinds=known))
    before = None
    if arguments.against:
        before = json.loads(Path(arguments.against).read_text("utf-8"))["results"]
    text = f"{table(results, before)}\n\nBy kind of subject:\n\n{by_kind(results, known)}"
    publish("edges", text, results, arguments)


if __name__ == "__main__":
    main()
