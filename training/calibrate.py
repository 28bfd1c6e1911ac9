"""Fits the line that makes `Cutout.confidence` a probability, and says how far it can be believed.

    python -m training.calibrate --store STORE [--folder DEV]

Every held-back pair goes through the product with its default options. A result is right where it
shares at least 0.9 of the union with the mask. Ten-fold: what is printed of a pair was fitted
without it. `slope` and `intercept` go into the model's `calibration` in `models.toml`.
"""

from __future__ import annotations

import argparse
import itertools
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from mattekit import codecs, matting, pipeline
from mattekit.matting.calibration import log_odds
from mattekit.models.card import Calibration
from mattekit.options import Options
from mattekit.runtime import Runtime
from training.data import Store

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]
_RIGHT: Final = 0.9
_FOLDS: Final = 10


def held_back(folder: Path) -> Iterator[tuple[Image.Image, npt.NDArray[np.bool_]]]:
    """Yield the held-back pairs."""
    store = Store(folder)
    for index in store.split()[1]:
        picture, mask = store.picture(int(index))
        yield Image.fromarray(picture), mask > 127


def pictures(folder: Path) -> Iterator[tuple[Image.Image, npt.NDArray[np.bool_]]]:
    """Yield pictures that have their truth beside them."""
    for truth in sorted(folder.glob("*.gt.png")):
        name = truth.name.removesuffix(".gt.png")
        (path,) = (
            folder / f"{name}{end}" for end in (".png", ".jpg") if (folder / (name + end)).exists()
        )
        yield Image.open(path).convert("RGB"), np.asarray(Image.open(truth).convert("L")) > 127


def measured(pairs: Iterator[tuple[Image.Image, npt.NDArray[np.bool_]]]) -> tuple[Floats, Floats]:
    """Return the log-odds of each matte, and 1 where its cut-out is right."""
    odds, right = [], []
    options = Options()
    session = Runtime.shared().session()
    for image, truth in pairs:
        photo = codecs.decode(image)
        once = matting.segment(photo, session)
        matte = matting.zoom_in(photo, session, once, matting.zoom_box, seen=once.alpha)
        subject = pipeline.complete(photo, matting.decide(matte), options).alpha > 127
        union = np.count_nonzero(subject | truth)
        iou = np.count_nonzero(subject & truth) / max(1, union)
        odds.append(log_odds(matte.alpha))
        right.append(float(iou >= _RIGHT))
    return np.array(odds), np.array(right)


def fitted(odds: Floats, right: Floats) -> Calibration:
    """Return the line of greatest likelihood, by Newton's method."""
    rows = np.stack([odds, np.ones_like(odds)], 1)
    weights = np.zeros(2)
    for _ in range(50):
        likely = 1 / (1 + np.exp(-rows @ weights))
        curvature = (rows.T * (likely * (1 - likely))) @ rows + 1e-9 * np.eye(2)
        weights -= np.linalg.solve(curvature, rows.T @ (likely - right))
    return Calibration(*map(float, weights))


def likely(odds: Floats, line: Calibration) -> Floats:
    """Return probabilities."""
    return 1 / (1 + np.exp(-(line.slope * odds + line.intercept)))


def table(name: str, said: Floats, right: Floats) -> str:
    """Return, for each range of what was said, how many there are and how many were right."""
    edges = (0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 1.01)
    lines = [f"{name}: {len(said)} pictures, {right.mean():.3f} right"]
    for low, high in itertools.pairwise(edges):
        inside = (said >= low) & (said < high)
        share = f"{right[inside].mean():.3f}" if inside.any() else "-"
        lines.append(f"  {low:.2f} to {min(high, 1):.2f}: {inside.sum():4d}, right {share}")
    return "\n".join(lines)


def main() -> None:
    """Measure, fit, and say both."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--folder", type=Path, help="pictures to try the line on")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    odds, right = measured(held_back(given.store))
    said = np.empty_like(odds)
    folds = np.arange(len(odds)) % _FOLDS
    for fold in range(_FOLDS):
        said[folds == fold] = likely(
            odds[folds == fold], fitted(odds[folds != fold], right[folds != fold])
        )
    line = fitted(odds, right)
    log.info("calibration = [%.3f, %.3f]", line.slope, line.intercept)
    log.info("%s", table("held back", said, right))
    if given.folder:
        odds, right = measured(pictures(given.folder))
        log.info("%s", table(given.folder.name, likely(odds, line), right))


if __name__ == "__main__":
    main()
