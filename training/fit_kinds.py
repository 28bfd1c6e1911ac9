"""Fits the kind of subject anew to a network whose matte stays as it is.

    python -m training.fit_kinds NET.onnx --store STORE --pool POOL --out NET.pt

The kind is linear in the mean of the encoder's coarsest features, over the picture and its mirror
image, as the exported file runs them. So these means are computed once for each picture, and the
layer is a logistic regression on them: it takes minutes, and no weight of the matte changes.

Seen are training pictures as a whole and parts of them with the whole subject inside, whose sides
are of other proportions (`window`), and the pool's drawings. Pictures of kinds that are rare count
for more. ``--features FILE`` keeps the means for another fit. With ``--portraits CHECKPOINT``
that network, which shares the encoder, gets the kind by which `training.export` tells portraits.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from training.checkpoint import open_checkpoint, save
from training.data import PEOPLE, Entry, Store
from training.kinds import KINDS, UNKNOWN
from training.network import MatteNet

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

SIDE = 256
_BATCH = 16
_COMMON = 4
"""Of people and of other things, of which there are most, every fourth picture is seen."""
_WINDOWS = 8
"""Of every eighth picture a part is seen as well."""
_LEAST_SPAN = 0.37
"""A part has at least this share of the picture's width or height, and all of the other."""
_DECAY = 3e-3
"""Weight of the squared weights, in units of the features' deviations."""


class Sample(NamedTuple):
    """A picture and the index of its kind."""

    picture: U8
    label: int


def window(picture: U8, entry: Entry, rng: np.random.Generator) -> U8:
    """Return a part (h x w x 3) that has the whole subject, and the whole width or height."""
    height, width = picture.shape[:2]
    if entry.box is None:
        return picture
    x0, y0, x1, y1 = entry.box
    across = (x1 - x0, rng.random()) < (y1 - y0, 0.5)
    low, high = (x0, x1) if across else (y0, y1)
    least = max(_LEAST_SPAN, min(1.0, (high - low) * 1.1))
    span = rng.uniform(least, min(1.0, least + 0.25))
    first, last = max(0.0, high - span), min(low, 1 - span)
    start = rng.uniform(first, max(first, last))
    if across:
        part = picture[:, int(start * width) : max(int((start + span) * width), 1)]
    else:
        part = picture[int(start * height) : max(int((start + span) * height), 1)]
    return np.ascontiguousarray(part)


def samples(store: Store, pool: Store | None, *, portraits: bool = False) -> Iterator[Sample]:
    """Yield what the kind is fitted on; nothing that is held back.

    With ``portraits`` people are "person" in portraits alone, and "other" elsewhere.
    """
    common = {KINDS.index("person"), KINDS.index("other")}
    rng = np.random.default_rng(0)
    for count, i in enumerate(store.split()[0]):
        entry = store.entries[int(i)]
        whole, part = count % _COMMON == 0 or entry.label not in common, count % _WINDOWS == 1
        if entry.label == UNKNOWN or not (whole or part):
            continue
        picture, label = store.picture(int(i))[0], entry.label
        if portraits and label == KINDS.index("person") and not entry.name.startswith(PEOPLE):
            label = KINDS.index("other")
        if whole:
            yield Sample(picture, label)
        if part:
            yield Sample(window(picture, entry, rng), label)
    if pool is not None:
        for i, entry in enumerate(pool.entries):
            if entry.label == KINDS.index("graphic"):
                yield Sample(pool.picture(i)[0], entry.label)


@torch.no_grad()
def means(network: MatteNet, pictures: list[U8]) -> Floats:
    """Return the mean of the coarsest features over each picture and its mirror image (n x C)."""
    seen = [Image.fromarray(p).resize((SIDE, SIDE), Image.Resampling.LANCZOS) for p in pictures]
    planes = torch.from_numpy(np.stack([np.asarray(p) for p in seen])).permute(0, 3, 1, 2)
    x = (planes.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
    both = [network.encoder(each)[4].mean((2, 3)) for each in (x, x.flip(3))]
    return np.asarray((both[0] + both[1]) / 2, np.float32)


def features(network: MatteNet, chosen: Iterable[Sample]) -> tuple[Floats, Labels]:
    """Return the means and the labels of all samples."""
    rows: list[Floats] = []
    labels: list[int] = []
    batch: list[U8] = []
    for sample in chosen:
        batch.append(sample.picture)
        labels.append(sample.label)
        if len(batch) == _BATCH:
            rows.append(means(network, batch))
            batch = []
            if len(labels) % (50 * _BATCH) == 0:
                log.info("%d pictures", len(labels))
    if batch:
        rows.append(means(network, batch))
    return np.concatenate(rows), np.array(labels, np.int64)


def fitted(given: Floats, labels: Labels, kinds: int) -> tuple[Tensor, Tensor]:
    """Return weights (kinds x C) and biases of a logistic regression.

    Each picture counts by one over the square root of how many there are of its kind.
    """
    mean, deviation = given.mean(0), given.std(0) + 1e-4
    x, y = torch.from_numpy((given - mean) / deviation), torch.from_numpy(labels)
    counts = np.maximum(np.bincount(labels, minlength=kinds), 1)
    share = torch.from_numpy(counts[labels] ** -0.5).float()
    weight = torch.zeros(kinds, given.shape[1], requires_grad=True)
    bias = torch.zeros(kinds, requires_grad=True)
    search = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        each = F.cross_entropy(F.linear(x, weight, bias), y, reduction="none")
        total = (each * share).sum() / share.sum() + _DECAY * weight.square().sum()
        total.backward()
        return total

    search.step(loss)
    scaled = weight.detach() / torch.from_numpy(deviation)
    return scaled, bias.detach() - scaled @ torch.from_numpy(mean)


def main() -> None:
    """Fit, and write the checkpoint."""
    p = argparse.ArgumentParser(description=main.__doc__)
    p.add_argument("network", type=Path)
    p.add_argument("--store", type=Path, required=True)
    p.add_argument("--pool", type=Path, help="drawn pictures; its graphics are seen")
    p.add_argument(
        "--portraits",
        type=Path,
        help="checkpoint for portraits: in its kind of a person are portraits alone",
    )
    p.add_argument("--features", type=Path, help="means of features; computed where missing")
    p.add_argument("--out", type=Path, required=True)
    given = p.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    network = open_checkpoint(given.network).eval()
    if given.features and given.features.exists():
        with np.load(given.features) as kept:
            rows, labels = kept["means"], kept["labels"]
    else:
        pool = Store(given.pool) if given.pool else None
        chosen = samples(Store(given.store), pool, portraits=given.portraits is not None)
        rows, labels = features(network, chosen)
        if given.features:
            np.savez(given.features, means=rows, labels=labels)
    weight, bias = fitted(rows, labels, len(KINDS))
    if given.portraits:
        network = open_checkpoint(given.portraits)
    network.kind.weight.data, network.kind.bias.data = weight, bias
    save(network, given.out)
    log.info("%d pictures: %s", len(labels), np.bincount(labels, minlength=len(KINDS)).tolist())


if __name__ == "__main__":
    main()
