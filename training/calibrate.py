"""Fits the line that makes `Cutout.confidence` a probability, and says how far it can be believed.

    python -m training.product measure NET.onnx --set pairs --store STORE --rows ROWS
    python -m training.product measure NET.onnx --set people --store STORE --rows ROWS
    python -m training.calibrate --rows ROWS --network NET

It reads what `training.product` measured, through the product with its default options. A result is
right where it shares at least 0.9 of the union with the mask. Fitted are the held-back pairs and
people; what is printed of them is ten-fold, each result said by a line that was fitted without it,
in several orders. Every other set of the rows is said by the line itself.

The four numbers go into the model's `calibration` in `models.toml`.
"""

from __future__ import annotations

import argparse
import itertools
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from mattekit.models.card import Calibration
from mattekit.reporting import SURE
from training.product import Row, read

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]
_RIGHT: Final = 0.9
_FOLDS: Final = 10
_ORDERS: Final = 10
_FITTED: Final = ("pairs", "people")
#: Keeps the curvature invertible where a kind never occurs.
_RIDGE: Final = 1e-6


def features(rows: Sequence[Row]) -> Floats:
    """Return, of each result, what `mattekit.matting.calibration.confidence` weighs (n x 4)."""
    odds = np.array([row.odds for row in rows], float)
    other = np.array([row.kinds.get("other", 0.0) for row in rows], float)
    return np.stack([odds, np.ones_like(odds), other * odds, other], 1)


def fitted(given: Floats, right: Floats) -> Calibration:
    """Return the lines of greatest likelihood, by Newton's method."""
    weights = np.zeros(given.shape[1])
    for _ in range(50):
        likely = 1 / (1 + np.exp(-given @ weights))
        curvature = (given.T * (likely * (1 - likely))) @ given + _RIDGE * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, given.T @ (likely - right) + _RIDGE * weights)
    return Calibration(*map(float, weights))


def likely(given: Floats, lines: Calibration) -> Floats:
    """Return probabilities."""
    return np.asarray(1 / (1 + np.exp(-given @ np.array(lines))))


def left_out(given: Floats, right: Floats, order: int) -> Floats:
    """Return what lines say of results that they were not fitted on; ``order`` deals the folds."""
    folds = np.random.default_rng(order).permutation(len(right)) % _FOLDS
    said = np.empty(len(right))
    for fold in range(_FOLDS):
        out = folds == fold
        said[out] = likely(given[out], fitted(given[~out], right[~out]))
    return said


def table(name: str, said: Floats, right: Floats) -> str:
    """Return, for each range of what was said, how many there are and how many were right."""
    edges = (0, 0.25, 0.5, 0.75, 0.9, 0.95, SURE, 1.001)
    lines = [f"{name}: {len(said)} pictures, {right.mean():.3f} right"]
    for low, high in itertools.pairwise(edges):
        inside = (said >= low) & (said < high)
        share = f"{right[inside].mean():.3f}" if inside.any() else "-"
        lines.append(f"  {low:.3g} to {min(high, 1):.3g}: {inside.sum():4d}, right {share}")
    return "\n".join(lines)


def sure(said: Sequence[Floats], right: Floats) -> str:
    """Return how many are called sure, and how many of these are right: means over orders."""
    called = [each >= SURE for each in said]
    share = np.mean([each.mean() for each in called])
    correct = np.mean([right[each].mean() for each in called if each.any()])
    return f"sure (from {SURE}): {share:.1%} of all, of these right {correct:.2%}"


def main() -> None:
    """Fit, and say how well."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=Path, required=True, help="what training.product measured")
    parser.add_argument("--network", required=True, help="whose rows")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    rows = [
        row for row in read(given.rows) if row.network == given.network and row.odds is not None
    ]
    sets = {
        name: [row for row in rows if row.set == name]
        for name in dict.fromkeys(row.set for row in rows)
    }
    right = {
        name: np.array([row.iou >= _RIGHT for row in found], float) for name, found in sets.items()
    }
    known = [row for name in _FITTED for row in sets[name]]
    truth = np.concatenate([right[name] for name in _FITTED])
    lines = fitted(features(known), truth)
    log.info("calibration = [%s]", ", ".join(f"{value:.3f}" for value in lines))
    said = [left_out(features(known), truth, order) for order in range(_ORDERS)]
    log.info("%s", table("held back", said[0], truth))
    log.info("%s", sure(said, truth))
    for name, found in sets.items():
        if name not in _FITTED and name not in ("textures", "parts"):
            log.info("%s", table(name, likely(features(found), lines), right[name]))


if __name__ == "__main__":
    main()
