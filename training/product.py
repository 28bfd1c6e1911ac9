"""Measures networks through the product, with its default options, on every set.

    python -m training.product measure NET.onnx --set pairs --store STORE --rows ROWS
    python -m training.product measure NET.onnx --set development --images IMAGES --rows ROWS
    python -m training.product report --rows ROWS

Several networks may be named, u2netp by ``--u2netp FILE``: they take turns on each picture. Each
result becomes a line of ``--rows`` (IoU of both cut at 0.5, mean absolute error, found or not,
kinds and how firm the matte is); what stands there already is not measured again, so a set may be
measured in pieces (``--skip``, ``--take``). `training.calibrate` fits the confidence on these rows.

Sets: ``pairs`` (the held-back 1,000, the never-seen 400 first), ``people`` (every tenth portrait),
``development``, ``instances`` (all people of each picture), ``textures`` (drawn, from ``--pool``)
and ``parts`` (of photographs); in these last two there is no subject.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from mattekit import codecs, pipeline
from mattekit.options import Options
from training.data import PEOPLE, PILOT_HELD_BACK, Store
from training.evaluate import Floats, Model, kind_report, score, without_subject
from training.kinds import KINDS, UNKNOWN

log = logging.getLogger(__name__)

#: The line through the logarithm of odds that says these themselves: see `Row.odds`.
_PLAIN: Final = (1.0, 0.0)

_OURS: Final = """
title = "candidate"
[input]
size = [{side}, {side}]
fit = "stretch"
divide = 127.5
mean = [1, 1, 1]
std = [1, 1, 1]
[output]
alpha = "alpha"
partial = "uncertainty"
calibration = [{line[0]}, {line[1]}]
activation = "none"
kinds = "kind"
kind_names = {kinds}
"""

_U2NETP: Final = """
title = "u2netp"
[input]
size = [{side}, {side}]
fit = "stretch"
divide = "max"
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]
[output]
alpha = 0
activation = "none"
stretch = true
"""


@dataclass(frozen=True)
class Example:
    """A picture and its truth: H x W in 0..1, empty where there is no subject."""

    name: str
    image: Image.Image
    truth: Floats
    label: int = UNKNOWN


@dataclass(frozen=True)
class Row:
    """What one network made of one picture.

    Attributes
    ----------
    set, network, name : str
    at : int
        Number of the picture in its set.
    iou, mae : float
        Of the cut-out at full size.
    found : bool
    label : int
        Kind that the picture's name says, an index of `training.kinds.KINDS` or `UNKNOWN`.
    kinds : dict
        Probability of each kind; empty where the network knows none.
    odds : float or None
        Logarithm of odds of how well the matte agrees with itself; None where nothing was found.
    """

    set: str
    network: str
    name: str
    at: int
    iou: float
    mae: float
    found: bool
    label: int = UNKNOWN
    kinds: dict[str, float] = field(default_factory=dict)
    odds: float | None = None


def _stored(store: Store, index: Sequence[int]) -> Iterator[Example]:
    for i in index:
        picture, matte = store.picture(int(i))
        entry = store.entries[int(i)]
        truth = matte.astype(np.float32) / np.float32(255)
        yield Example(entry.name, Image.fromarray(picture), truth, entry.label)


def _beside(folder: Path, ending: str, read: Callable[[Image.Image], Floats]) -> Iterator[Example]:
    """Yield pictures that have their truth beside them."""
    for path in sorted(folder.glob(f"*{ending}")):
        name = path.name.removesuffix(ending)
        (picture,) = (
            folder / f"{name}{end}"
            for end in (".png", ".jpg", ".webp")
            if (folder / f"{name}{end}").exists()
        )
        with Image.open(picture) as image, Image.open(path) as truth:
            yield Example(name, image.convert("RGB"), read(truth))


def _matte(image: Image.Image) -> Floats:
    return np.asarray(image.convert("L")).astype(np.float32) / np.float32(255)


def _anybody(image: Image.Image) -> Floats:
    return (np.asarray(image) > 0).astype(np.float32)


def _empty(store: Store, pool: Store, family: str) -> Iterator[Example]:
    numbers = itertools.count()
    for each, picture in without_subject(store, pool):
        if each == family:
            yield Example(
                f"{family} {next(numbers)}",
                Image.fromarray(picture),
                np.zeros(picture.shape[:2], np.float32),
            )


def examples(name: str, given: argparse.Namespace) -> Iterator[Example]:
    """Return the pictures of a set; ``given`` has the folders ``store``, ``images``, ``pool``."""
    if name == "development":
        return _beside(given.images / "dev", ".gt.png", _matte)
    if name == "instances":
        return _beside(given.images / "instances", ".instances.png", _anybody)
    store = Store(given.store)
    if name == "textures":
        return _empty(store, Store(given.pool), "procedural")
    if name == "parts":
        return _empty(store, store, "photograph")
    people = name == "people"
    held = [int(i) for i in store.split()[1]]
    index = [i for i in held if store.entries[i].name.startswith(PEOPLE) == people]
    return _stored(store, index)


def measured(example: Example, network: Path, place: tuple[str, str, int]) -> Row:
    """Return what the product makes of a picture; ``place`` is set, network's name, number."""
    options = Options(model=str(network))
    photo = codecs.decode(example.image)
    matte = pipeline.segment(photo, options)
    cutout = pipeline.complete(photo, matte, options)
    alpha = cutout.alpha.astype(np.float32) / np.float32(np.iinfo(cutout.alpha.dtype).max)
    iou, mae = score(alpha, example.truth)
    sure, odds = cutout.confidence, None
    if sure is not None:
        odds = float(np.log(sure / (1 - sure)))
    kinds = {kind: round(float(p), 4) for kind, p in (matte.kind_scores or {}).items()}
    of, who, at = place
    return Row(of, who, example.name, at, iou, mae, cutout.found, example.label, kinds, odds)


def read(path: Path) -> list[Row]:
    """Return the rows of a file; none where there is no file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Row(**json.loads(line)) for line in lines]


def measure(given: argparse.Namespace) -> None:
    """Measure one set, or a piece of it."""
    known = {(row.set, row.network, row.name) for row in read(given.rows)}
    cards = [(path, _OURS) for path in given.networks]
    if given.u2netp:
        cards.append((given.u2netp, _U2NETP))
    kinds = json.dumps(list(KINDS))
    chosen = itertools.islice(
        enumerate(examples(given.set, given)),
        given.skip,
        given.skip + given.take if given.take else None,
    )
    with tempfile.TemporaryDirectory() as there, given.rows.open("a", encoding="utf-8") as rows:
        networks = []
        for path, card in cards:
            copy = Path(there) / path.name
            shutil.copyfile(path, copy)
            text = card.format(side=Model(path).side, kinds=kinds, line=_PLAIN)
            copy.with_suffix(".toml").write_text(text, encoding="utf-8")
            networks.append(copy)
        for at, example in chosen:
            for network in networks:
                if (given.set, network.stem, example.name) not in known:
                    row = measured(example, network, (given.set, network.stem, at))
                    rows.write(json.dumps(asdict(row)) + "\n")
                    rows.flush()


def _mean(rows: Sequence[Row], of: int) -> str:
    """Return IoU / MAE, and of how many where not all ``of`` them were measured."""
    if not rows:
        return "–"
    iou, mae = (np.mean([getattr(row, key) for row in rows]) for key in ("iou", "mae"))
    return f"{iou:.4f} / {mae:.4f}" + (f" ({len(rows)})" if len(rows) < of else "")


def _share(rows: Sequence[Row], found: bool, of: int) -> str:
    if not rows:
        return "–"
    share = f"{np.mean([row.found == found for row in rows]):.1%}"
    return share + (f" ({len(rows)})" if len(rows) < of else "")


def _balanced(rows: Sequence[Row]) -> str:
    known = [row for row in rows if row.kinds and row.label != UNKNOWN]
    if not known:
        return "–"
    p = [np.array([row.kinds[kind] for kind in KINDS], np.float32) for row in known]
    return f"{kind_report([row.label for row in known], p)['balanced']:.3f}"


def table(rows: Sequence[Row]) -> str:
    """Return everything measured as a table, a column for each network."""
    networks = sorted({row.network for row in rows})

    def of(name: str, network: str) -> list[Row]:
        found = [row for row in rows if row.set == name and row.network == network]
        return sorted(found, key=lambda row: row.at)

    lines: list[tuple[str, str, Callable[[str], str]]] = [
        ("development pictures, 24", "≥ .945 / ≤ .026", lambda n: _mean(of("development", n), 24)),
        (
            "never-seen 400 of DUTS-TR",
            "≥ .925 / ≤ .022",
            lambda n: _mean(
                [row for row in of("pairs", n) if row.at < PILOT_HELD_BACK], PILOT_HELD_BACK
            ),
        ),
        ("held-back pairs, 1,000", "", lambda n: _mean(of("pairs", n), 1000)),
        ("people, every tenth", "≥ .965 / ≤ .018", lambda n: _mean(of("people", n), 132)),
        ("instances, union of people", "≥ .85", lambda n: _mean(of("instances", n), 40)),
        ("textures: found nothing", "≥ 99 %", lambda n: _share(of("textures", n), False, 150)),
        (
            "parts of photographs: found nothing",
            "≥ 92 %",
            lambda n: _share(of("parts", n), False, 102),
        ),
        ("real subjects missed", "≤ .3 %", lambda n: _share(of("pairs", n), False, 1000)),
        ("kind, balanced", "≥ .97", lambda n: _balanced(of("pairs", n))),
    ]
    text = [
        "| what | target | " + " | ".join(networks) + " |",
        "|---|---|" + "---|" * len(networks),
    ]
    for what, target, say in lines:
        text.append(f"| {what} | {target} | " + " | ".join(map(say, networks)) + " |")
    counts = {
        name: len({row.name for row in rows if row.set == name})
        for name in sorted({row.set for row in rows})
    }
    text.append("\n" + ", ".join(f"{name} {count}" for name, count in counts.items()))
    return "\n".join(text)


def main() -> None:
    """Measure, or say what was measured."""
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("what", choices=("measure", "report"))
    p.add_argument("networks", nargs="*", type=Path)
    p.add_argument("--rows", type=Path, required=True, help="file of results, a line each")
    p.add_argument("--u2netp", type=Path)
    p.add_argument(
        "--set",
        default="pairs",
        choices=("pairs", "people", "development", "instances", "textures", "parts"),
    )
    p.add_argument("--store", type=Path)
    p.add_argument("--images", type=Path)
    p.add_argument("--pool", type=Path, help="procedural pictures of another seed")
    p.add_argument("--skip", type=int, default=0)
    p.add_argument("--take", type=int, default=0)
    given = p.parse_intermixed_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if given.what == "measure":
        measure(given)
    log.info("%s", table(read(given.rows)))


if __name__ == "__main__":
    main()
