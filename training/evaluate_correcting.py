"""Measures the correcting network with simulated clicks and spoilt masks.

    python -m training.evaluate_correcting clicks  MODEL --instances FOLDER [--json FILE]
    python -m training.evaluate_correcting pairs   MODEL --store STORE [--json FILE]
    python -m training.evaluate_correcting refined MODEL --pictures FOLDER [--json FILE]
    python -m training.evaluate_correcting time    MODEL

The network alone, without what the product does around it (edges, exact obedience to marks). The
usual protocol: the next click stands in the middle of the largest error, twenty at most; a subject
that never reaches the IoU counts as twenty.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from mattekit.runtime.ort import load_onnxruntime
from training.clicks import Click, add_disk, next_click
from training.data import U8, Store
from training.prompts import KEEP, LAST, REMOVE, overlap
from training.spoilt import offset

log = logging.getLogger(__name__)

F32 = npt.NDArray[np.float32]
Window = tuple[int, int, int, int]

MOST = 20
"""Clicks after which a simulated user gives up."""

CONTEXT = 0.4
"""What a view shows on each side of the subject's box, as a share of that."""

TIGHT = 0.7
"""Where the subject's view is smaller than this share of the last view, it is looked at again."""


class Network:
    """The exported network: views of a picture in, mattes of them out."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        ort = load_onnxruntime()
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.side = int(self.session.get_inputs()[0].shape[-1])

    def answer(self, rgb: U8, window: Window, last: F32, clicks: Sequence[Click]) -> F32:
        """Return the matte (0..1, H x W of the window) of one view of a picture.

        Parameters
        ----------
        rgb
            The picture, H x W x 3.
        window
            x0, y0, x1, y1 of the view.
        last
            The last matte of the whole picture, H x W, 0..1.
        clicks
            All clicks so far, in the picture's pixels; those outside of the view are not shown.
        """
        x0, y0, x1, y1 = window
        side = self.side
        view = Image.fromarray(rgb[y0:y1, x0:x1])
        small = np.asarray(view.resize((side, side), Image.Resampling.BILINEAR), np.float32)
        hints = np.zeros((1, 3, side, side), np.float32)
        hints[0, LAST] = _resized(last[y0:y1, x0:x1], side, side)
        for click in clicks:
            if x0 <= click.x < x1 and y0 <= click.y < y1:
                y = (click.y + 0.5 - y0) * side / (y1 - y0) - 0.5
                x = (click.x + 0.5 - x0) * side / (x1 - x0) - 0.5
                add_disk(hints[0, KEEP if click.keep else REMOVE], y, x)
        # Where the disks of both meet, neither is certain.
        both = hints[0, KEEP] * hints[0, REMOVE]
        hints[0, KEEP:] *= 1 - both
        image = small.transpose(2, 0, 1)[None] / np.float32(127.5) - 1
        (logit,) = self.session.run(None, {"image": np.ascontiguousarray(image), "hints": hints})
        alpha = 1 / (1 + np.exp(-np.clip(logit[0, 0], -30, 30)))
        return _resized(alpha.astype(np.float32), x1 - x0, y1 - y0)


def _resized(plane: F32, width: int, height: int) -> F32:
    resized = Image.fromarray(np.ascontiguousarray(plane)).resize(
        (width, height), Image.Resampling.BILINEAR
    )
    return np.asarray(resized, np.float32)


def view_of(matte: F32, clicks: Sequence[Click], context: float = CONTEXT) -> Window:
    """Return the view of a matte's subject and the clicks to keep; everything if there is none."""
    h, w = matte.shape
    ys, xs = np.nonzero(matte > 0.5)
    if not len(ys):
        return (0, 0, w, h)
    own = [c for c in clicks if c.keep]
    left = min(int(xs.min()), *(c.x for c in own)) if own else int(xs.min())
    right = max(int(xs.max()), *(c.x for c in own)) + 1 if own else int(xs.max()) + 1
    top = min(int(ys.min()), *(c.y for c in own)) if own else int(ys.min())
    bottom = max(int(ys.max()), *(c.y for c in own)) + 1 if own else int(ys.max()) + 1
    dx, dy = round((right - left) * context), round((bottom - top) * context)
    return (max(left - dx, 0), max(top - dy, 0), min(right + dx, w), min(bottom + dy, h))


def _area(window: Window) -> int:
    return (window[2] - window[0]) * (window[3] - window[1])


def corrected(network: Network, rgb: U8, last: F32, clicks: Sequence[Click]) -> F32:
    """Return the next matte (H x W) of a picture after one more click.

    The first view is the last matte's; where the answer turns out to be much smaller, one more look
    is taken at that. What the views do not show stays. Of a subject that clicks alone have chosen,
    parts without a click are dropped: they are others like it.
    """
    window = view_of(last, clicks)
    click = clicks[-1] if clicks else None
    if click and not (window[0] <= click.x < window[2] and window[1] <= click.y < window[3]):
        window = (0, 0, last.shape[1], last.shape[0])
    matte = last.copy()
    for _ in range(2):
        x0, y0, x1, y1 = window
        matte[y0:y1, x0:x1] = network.answer(rgb, window, matte, clicks)
        matte = attached(matte, clicks)
        tight = view_of(matte, clicks)
        if _area(tight) > TIGHT * _area(window):
            break
        window = tight
    return matte


def attached(matte: F32, clicks: Sequence[Click]) -> F32:
    """Return the matte without those parts that hold no click to keep, if any part holds one."""
    labels, count = ndimage.label(matte > 0.5)
    own = {int(labels[c.y, c.x]) for c in clicks if c.keep} - {0}
    if not own or count == len(own):
        return matte
    kept = np.isin(labels, list(own))
    others = (labels > 0) & ~kept
    # Soft edges belong to the nearest part.
    near = ndimage.distance_transform_edt(~kept) <= ndimage.distance_transform_edt(~others)
    return np.where(near, matte, 0).astype(np.float32)


Correct = Callable[[U8, F32, Sequence[Click]], F32]


def ious(
    correct: Correct, rgb: U8, wanted: F32, start: F32 | None = None, enough: float = 0.95
) -> list[float]:
    """Return the IoU with what is wanted before any click and after each of up to `MOST`.

    Parameters
    ----------
    correct
        Takes the picture, the last matte and all clicks so far, and returns the next matte.
    rgb, wanted
        The picture (H x W x 3 uint8) and the matte that is wanted of it (H x W, 0..1).
    start
        The matte that the user is given; none means that the first click starts from nothing.
    enough
        The IoU at which the user stops.
    """
    matte = np.zeros_like(wanted) if start is None else start
    clicks: list[Click] = []
    found = [overlap(matte, wanted)]
    for _ in range(MOST if found[0] < enough else 0):
        click = next_click(wanted > 0.5, matte > 0.5)
        if click is None:
            break
        clicks.append(click)
        matte = correct(rgb, matte, clicks)
        found.append(overlap(matte, wanted))
        if found[-1] >= enough:
            break
    return found


def clicks_to(found: Sequence[float], iou: float) -> int:
    """Return how many clicks `ious` took to reach an IoU, `MOST` where it never did."""
    return next((n for n, value in enumerate(found) if value >= iou), MOST)


def instances(folder: Path) -> Iterator[tuple[str, U8, F32]]:
    """Yield each person of each picture: name, picture, wanted matte."""
    for path in sorted(folder.glob("*.instances.png")):
        name = path.name.removesuffix(".instances.png")
        rgb = np.asarray(Image.open(folder / f"{name}.webp").convert("RGB"))
        labels = np.asarray(Image.open(path))
        for i in range(1, int(labels.max()) + 1):
            if (labels == i).any():
                yield f"{name}-{i}", rgb, (labels == i).astype(np.float32)


def measure_clicks(
    network: Network, subjects: Iterator[tuple[str, U8, F32]], levels: Sequence[float]
) -> dict[str, dict[str, float]]:
    """Return mean clicks to each IoU of ``levels``, and the mean IoU after one to five."""
    every = []
    for name, rgb, wanted in subjects:
        found = ious(lambda *asked: corrected(network, *asked), rgb, wanted, enough=max(levels))
        every.append(found)
        log.debug("%s: %s", name, " ".join(f"{v:.2f}" for v in found[:8]))
    return {
        "clicks": {f"{p:.0%}": float(np.mean([clicks_to(f, p) for f in every])) for p in levels},
        "never": {f"{p:.0%}": sum(clicks_to(f, p) >= MOST for f in every) for p in levels},
        "iou": {
            str(n): float(np.mean([f[min(n, len(f) - 1)] for f in every])) for n in range(1, 6)
        },
        "subjects": {"count": len(every)},
    }


def spoilings(truth: F32, rng: np.random.Generator) -> dict[str, F32]:
    """Return four spoilt masks: moved by 2 % of the subject's box, and as coarse as that."""
    ys, xs = np.nonzero(truth > 0.5)
    box = (np.ptp(xs) + 1 + np.ptp(ys) + 1) / 2
    by = max(1.0, 0.02 * box)
    h, w = truth.shape
    cells = max(4, round(w / (2 * by))), max(4, round(h / (2 * by)))
    small = np.asarray(Image.fromarray(truth).resize(cells, Image.Resampling.BOX)) > 0.5
    block = Image.fromarray(small.astype(np.float32)).resize((w, h), Image.Resampling.NEAREST)
    wave = ndimage.gaussian_filter(rng.normal(size=truth.shape), by / 2).astype(np.float32)
    wave *= by / max(float(wave.std()), 1e-9)
    inside = truth > 0.5
    signed = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
    return {
        "eroded": offset(truth, -by),
        "dilated": offset(truth, by),
        "blocky": np.asarray(block),
        "noisy": (signed > wave).astype(np.float32),
    }


def edge_band(truth: F32) -> npt.NDArray[np.bool_]:
    """Return where the edge is: within 4 % of the box of a change between subject and ground."""
    ys, xs = np.nonzero(truth > 0.5)
    by = max(2.0, 0.04 * (np.ptp(xs) + 1 + np.ptp(ys) + 1) / 2)
    unsure = (truth > 0.02) & (truth < 0.98)
    inside = truth > 0.5
    edge = unsure | (inside ^ ndimage.binary_erosion(inside, border_value=1))
    return np.asarray(ndimage.distance_transform_edt(~edge) <= by)


def measure_refined(
    network: Network, pictures: Iterator[tuple[str, U8, F32]]
) -> dict[str, dict[str, float]]:
    """Return the error in the edge's band before and after refining spoilt masks (MAE, MSE)."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for i, (_, rgb, truth) in enumerate(pictures):
        band = edge_band(truth)
        for way, mask in spoilings(truth, np.random.default_rng(i)).items():
            out = corrected(network, rgb, mask, [])
            before, after = ((m - truth)[band] for m in (mask, out))
            rows.setdefault(way, []).append(
                (float(np.abs(before).mean()), float(np.abs(after).mean()))
            )
            rows.setdefault(f"{way}, squared", []).append(
                (float((before**2).mean()), float((after**2).mean()))
            )
    return {
        way: dict(zip(("before", "after"), map(float, np.mean(pairs, 0)), strict=True))
        | {"ratio": float(np.mean([b for _, b in pairs]) / np.mean([a for a, _ in pairs]))}
        for way, pairs in rows.items()
    }


def _with_truth(folder: Path) -> Iterator[tuple[str, U8, F32]]:
    for entry in json.loads((folder / "manifest.json").read_text())["images"]:
        if entry.get("gt_file"):
            rgb = Image.open(folder / entry["file"]).convert("RGB")
            truth = Image.open(folder / entry["gt_file"]).convert("L")
            yield entry["id"], np.asarray(rgb), np.asarray(truth, np.float32) / np.float32(255)


def _held_back(store: Store, count: int) -> Iterator[tuple[str, U8, F32]]:
    index = store.split()[1]
    for i in index[:: max(len(index) // count, 1)]:
        rgb, matte = store.picture(int(i))
        if (matte > 127).any():
            yield store.entries[i].name, rgb, matte.astype(np.float32) / np.float32(255)


def measure_time(path: Path, rounds: int = 40) -> dict[str, float]:
    """Return the median milliseconds of one pass on one thread."""
    network = Network(path)
    rgb = np.zeros((network.side, network.side, 3), np.uint8)
    last = np.zeros((network.side, network.side), np.float32)
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        network.answer(rgb, (0, 0, network.side, network.side), last, [])
        took.append((time.perf_counter() - began) * 1000)
    return {"median": float(np.median(took)), "least": min(took)}


def main() -> None:
    """Measure one exported network."""
    p = argparse.ArgumentParser(description="Measure the correcting network.")
    p.add_argument("what", choices=("clicks", "pairs", "refined", "time"))
    p.add_argument("model", type=Path)
    p.add_argument("--instances", type=Path, help="folder of pictures with NAME.instances.png")
    p.add_argument("--pictures", type=Path, help="folder whose manifest.json names ground truth")
    p.add_argument("--store", type=Path, help="training.data's folder")
    p.add_argument("--count", type=int, default=150, help="held-back pairs")
    p.add_argument("--json", type=Path)
    p.add_argument("--verbose", action="store_true", help="every subject's IoU after each click")
    args = p.parse_args()
    logging.basicConfig(format="%(message)s", level=logging.DEBUG if args.verbose else logging.INFO)
    network = Network(args.model)
    result: dict[str, Any]
    if args.what == "clicks":
        result = measure_clicks(network, instances(args.instances), (0.85, 0.9))
    elif args.what == "pairs":
        result = measure_clicks(
            network, _held_back(Store(args.store), args.count), (0.85, 0.9, 0.95)
        )
        result["refined"] = measure_refined(network, _held_back(Store(args.store), args.count))
    elif args.what == "refined":
        result = dict(measure_refined(network, _with_truth(args.pictures)))
    else:
        result = dict(measure_time(args.model))
    log.info("%s", json.dumps(result, indent=1))
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
