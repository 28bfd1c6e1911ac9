"""Measures ONNX models: held-back pairs, development pictures, empty pictures and time.

    python -m training.evaluate held-back --store STORE MODEL...      [--u2netp U2NETP]
    python -m training.evaluate pictures  --folder DEV MODEL...       [--u2netp U2NETP --sheet PNG]
    python -m training.evaluate found     --store STORE --pool POOL MODEL...
    python -m training.evaluate drawn     --store STORE --pool POOL MODEL...
    python -m training.evaluate time      MODEL... --u2netp U2NETP

Every score is per picture at its own size, then averaged: IoU of both mattes cut at 0.5, MAE of
the matte in 0..1 ("plain recipe": resize, run, resize back, nothing else). Results go to the file
named by ``--json`` and, as text, to the log.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from mattekit.runtime.ort import load_onnxruntime
from training.data import PILOT_HELD_BACK, U8, Store
from training.kinds import KINDS

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]
_LANCZOS = Image.Resampling.LANCZOS

FOUND_AREA = 0.0005
"""A subject counts as found where the matte exceeds the card's ``found_at`` on this much of it."""


def found_score(alpha: Floats) -> float:
    """Return the highest ``found_at``, 0..1, at which the product would still find a subject."""
    flat = alpha.reshape(-1)
    k = max(1, int(np.ceil(len(flat) * FOUND_AREA)))
    return float(np.partition(flat, len(flat) - k)[-k])


class Model:
    """One ONNX network with the pre-processing of its card."""

    def __init__(self, path: Path, threads: int = 1, fit: str = "stretch") -> None:
        ort = load_onnxruntime()
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        first = self.session.get_inputs()[0]
        self.name, self.input, self.fit = path.stem, first.name, fit
        self.side = int(first.shape[-1])
        self.bytes = path.stat().st_size
        self.milliseconds: list[float] = []

    def run(self, x: Floats) -> list[npt.NDArray[Any]]:
        """Run the session and note the time it took."""
        began = time.perf_counter()
        out: list[npt.NDArray[Any]] = self.session.run(None, {self.input: x})
        self.milliseconds.append(1000 * (time.perf_counter() - began))
        return out

    def _tensor(self, image: Image.Image) -> Floats:
        a = np.asarray(image).astype(np.float32) / 127.5 - 1
        return np.ascontiguousarray(a.transpose(2, 0, 1)[None])

    def raw(self, image: Image.Image) -> tuple[Floats, Floats | None]:
        """Return the matte at the picture's size (H x W, 0..1) and the kind probabilities."""
        s = self.side
        if self.fit == "stretch":
            alpha, kind = self.run(self._tensor(image.resize((s, s), _LANCZOS)))[:2]
            return _upsample(alpha[0, 0], image.size), kind[0]
        scale = s / max(image.size)
        w, h = (max(1, round(v * scale)) for v in image.size)
        x, y = (s - w) // 2, (s - h) // 2
        canvas = Image.new("RGB", (s, s), (128, 128, 128))
        canvas.paste(image.resize((w, h), _LANCZOS), (x, y))
        alpha, kind = self.run(self._tensor(canvas))[:2]
        return _upsample(alpha[0, 0, y : y + h, x : x + w], image.size), kind[0]


class U2netp(Model):
    """The network to compare with: ImageNet mean/std, min-max on the output, no kind."""

    def raw(self, image: Image.Image) -> tuple[Floats, None]:
        """Return the matte at the picture's size and None."""
        a = np.asarray(image.resize((self.side, self.side), _LANCZOS)).astype(np.float64)
        a = (a / max(a.max(), 1e-6) - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
        p = self.run(a.transpose(2, 0, 1)[None].astype(np.float32))[0][0, 0]
        p = (p - p.min()) / max(float(p.max() - p.min()), 1e-6)
        return _upsample(p, image.size), None


def _upsample(alpha: Floats, size: tuple[int, int]) -> Floats:
    """Resize a matte to ``size`` (width, height) through 8 bits, as the product stores it."""
    small = Image.fromarray((alpha.clip(0, 1) * 255).astype(np.uint8))
    return np.asarray(small.resize(size, _LANCZOS)).astype(np.float32) / np.float32(255)


def score(alpha: Floats, truth: Floats) -> tuple[float, float]:
    """Return IoU (both cut at 0.5) and MAE of two H x W mattes."""
    a, b = alpha >= 0.5, truth >= 0.5
    union = int((a | b).sum())
    return float((a & b).sum() / union) if union else 1.0, float(np.abs(alpha - truth).mean())


def kind_report(labels: Sequence[int], probabilities: Sequence[Floats]) -> dict[str, Any]:
    """Accuracy of the kind head: plain, balanced, per kind, and how far its scores are true."""
    truth, p = np.array(labels), np.array(probabilities)
    known = truth >= 0
    truth, p = truth[known], p[known]
    said, sure = p.argmax(1), p.max(1)
    right = said == truth
    recall = {
        name: {"n": int((truth == i).sum()), "recall": float(right[truth == i].mean())}
        for i, name in enumerate(KINDS)
        if (truth == i).any()
    }
    bins = (0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0001)
    table = []
    for lo, hi in itertools.pairwise(bins):
        here = (sure >= lo) & (sure < hi)
        if here.any():
            row = {"from": lo, "to": min(hi, 1), "n": int(here.sum())}
            table.append(
                {**row, "said": float(sure[here].mean()), "right": float(right[here].mean())}
            )
    confusion = np.zeros((len(KINDS), len(KINDS)), int)
    np.add.at(confusion, (truth, said), 1)
    return {
        "n": int(known.sum()),
        "accuracy": float(right.mean()),
        "balanced": float(np.mean([r["recall"] for r in recall.values()])),
        "kinds": recall,
        "reliability": table,
        "confusion": confusion.tolist(),
    }


def held_back(models: Sequence[Model], store: Store, limit: int = 0) -> dict[str, Any]:
    """Score the models on the held-back training pairs."""
    index = store.split()[1]
    index = index[: limit or len(index)]
    rows: dict[str, list[tuple[float, float]]] = {m.name: [] for m in models}
    kinds: dict[str, list[Floats]] = {m.name: [] for m in models}
    tops: dict[str, list[float]] = {m.name: [] for m in models}
    for n, i in enumerate(index):
        rgb, matte = store.picture(int(i))
        image, truth = Image.fromarray(rgb), matte.astype(np.float32) / np.float32(255)
        for m in models:
            alpha, kind = m.raw(image)
            rows[m.name].append(score(alpha, truth))
            tops[m.name].append(found_score(alpha))
            if kind is not None:
                kinds[m.name].append(kind)
        if (n + 1) % 100 == 0:
            log.info("%d of %d", n + 1, len(index))
    labels = [store.entries[int(i)].label for i in index]
    out: dict[str, Any] = {}
    for m in models:
        r = np.array(rows[m.name])
        part = r[:PILOT_HELD_BACK]
        out[m.name] = {
            "fit": m.fit,
            "side": m.side,
            "n": len(r),
            "iou": float(r[:, 0].mean()),
            "mae": float(r[:, 1].mean()),
            "median_iou": float(np.median(r[:, 0])),
            "below_half": float((r[:, 0] < 0.5).mean()),
            "never_seen_n": len(part),
            "never_seen_iou": float(part[:, 0].mean()),
            "never_seen_mae": float(part[:, 1].mean()),
            "found_scores": [round(t, 4) for t in tops[m.name]],
        }
        if kinds[m.name]:
            out[m.name]["kind"] = kind_report(labels, kinds[m.name])
            n = PILOT_HELD_BACK
            out[m.name]["kind_never_seen"] = kind_report(labels[:n], kinds[m.name][:n])
        s = out[m.name]
        log.info(
            "%-28s %-9s n=%d IoU %.4f MAE %.4f; never seen (%d): IoU %.4f MAE %.4f%s",
            m.name,
            m.fit,
            s["n"],
            s["iou"],
            s["mae"],
            s["never_seen_n"],
            s["never_seen_iou"],
            s["never_seen_mae"],
            f"; kind balanced {s['kind']['balanced']:.4f}" if "kind" in s else "",
        )
    return out


def pictures(
    models: Sequence[Model], folder: Path, sheet: Path | None = None
) -> dict[str, dict[str, Any]]:
    """Score the models on a folder of pictures with a ``manifest.json``, and draw a sheet."""
    manifest = json.loads((folder / "manifest.json").read_text())["images"]
    out: dict[str, dict[str, Any]] = {m.name: {"pictures": {}} for m in models}
    strips: list[Image.Image] = []
    for e in manifest:
        image = Image.open(folder / e["file"]).convert("RGB")
        truth = None
        if e["has_gt"]:
            with Image.open(folder / e["gt_file"]) as t:
                truth = np.asarray(t.convert("L")).astype(np.float32) / np.float32(255)
        tiles, notes = [image], [e["id"]]
        if truth is not None:
            tiles.append(Image.fromarray((truth * 255).astype(np.uint8)))
            notes.append("truth")
        for m in models:
            alpha, kind = m.raw(image)
            row: dict[str, Any] = {"found": round(found_score(alpha), 3)}
            note = m.name
            if truth is not None:
                row["iou"], row["mae"] = (round(v, 4) for v in score(alpha, truth))
                note = f"{row['iou']:.3f}"
            if kind is not None:
                row["kind"] = {k: round(float(p), 3) for k, p in zip(KINDS, kind, strict=True)}
                note += f" {KINDS[int(kind.argmax())]} {kind.max():.2f}"
            out[m.name]["pictures"][e["id"]] = row
            tiles.append(Image.fromarray((alpha * 255).astype(np.uint8)))
            notes.append(note)
        strips.append(_strip(tiles, notes))
    for m in models:
        rows = [r for r in out[m.name]["pictures"].values() if "iou" in r]
        out[m.name]["iou"] = float(np.mean([r["iou"] for r in rows]))
        out[m.name]["mae"] = float(np.mean([r["mae"] for r in rows]))
        log.info(
            "%-28s n=%d IoU %.4f MAE %.4f",
            m.name,
            len(rows),
            out[m.name]["iou"],
            out[m.name]["mae"],
        )
    if sheet:
        _sheet(strips).save(sheet)
    return out


def _strip(tiles: Sequence[Image.Image], notes: Sequence[str], size: int = 150) -> Image.Image:
    strip = Image.new("RGB", (len(tiles) * (size + 4), size + 16), (60, 60, 60))
    draw = ImageDraw.Draw(strip)
    for i, (tile, note) in enumerate(zip(tiles, notes, strict=True)):
        small = tile.convert("RGB")
        small.thumbnail((size, size))
        strip.paste(small, (i * (size + 4) + (size - small.width) // 2, 14))
        draw.text((i * (size + 4) + 2, 1), note[:24], (255, 255, 120))
    return strip


def _sheet(strips: Sequence[Image.Image], columns: int = 2) -> Image.Image:
    w, h = max(s.width for s in strips) + 10, strips[0].height
    rows = -(-len(strips) // columns)
    sheet = Image.new("RGB", (w * columns, h * rows), (30, 30, 30))
    for i, strip in enumerate(strips):
        sheet.paste(strip, (w * (i // rows), h * (i % rows)))
    return sheet


def without_subject(store: Store, pool: Store) -> Iterator[tuple[str, U8]]:
    """Yield (family, RGB) of pictures without a subject."""
    for i, e in enumerate(pool.entries):
        if e.name.startswith("nothing"):
            yield "procedural", pool.picture(i)[0]
    # Photographs: the largest strip beside the subject, if it is large enough to be a picture.
    for i in store.split()[1]:
        box = store.entries[int(i)].box
        if box is None:
            continue
        x0, y0, x1, y1 = box
        strips = ((0, 0, x0, 1), (x1, 0, 1, 1), (0, 0, 1, y0), (0, y1, 1, 1))
        a, b, c, d = max(strips, key=lambda s: (s[2] - s[0]) * (s[3] - s[1]))
        rgb, matte = store.picture(int(i))
        h, w = matte.shape
        part = np.s_[int(b * h) : int(d * h), int(a * w) : int(c * w)]
        if min(c - a, d - b) > 0.4 and not matte[part].any():
            yield "photograph", np.ascontiguousarray(rgb[part])


def found(models: Sequence[Model], store: Store, pool: Store) -> dict[str, Any]:
    """How often nothing is found where nothing is, and how often a subject is missed."""
    out: dict[str, Any] = {}
    for m in models:
        empty: dict[str, list[float]] = {"procedural": [], "photograph": []}
        for family, rgb in without_subject(store, pool):
            empty[family].append(found_score(m.raw(Image.fromarray(rgb))[0]))
        real = [
            found_score(m.raw(Image.fromarray(store.picture(int(i))[0]))[0])
            for i in store.split()[1]
        ]
        table = []
        for threshold in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
            row: dict[str, float] = {"threshold": threshold}
            row["missed_subjects"] = float((np.array(real) < threshold).mean())
            for family, scores in empty.items():
                row[f"empty_{family}"] = float((np.array(scores) < threshold).mean())
            table.append(row)
            log.info("%s %s", m.name, json.dumps({k: round(v, 4) for k, v in row.items()}))
        sizes = {k: len(v) for k, v in empty.items()}
        out[m.name] = {"n_real": len(real), "n_empty": sizes, "table": table}
    return out


def drawn(models: Sequence[Model], store: Store, pool: Store) -> dict[str, Any]:
    """Score on procedural subjects over grounds: half plain, half out of held-back photographs."""
    photographs = [rgb for kind, rgb in without_subject(store, pool) if kind == "photograph"]
    rng = np.random.default_rng(0)
    rows: dict[str, dict[str, list[tuple[float, float]]]] = {m.name: {} for m in models}
    labels: list[int] = []
    kinds: dict[str, list[Floats]] = {m.name: [] for m in models}
    for i, e in enumerate(pool.entries):
        family = e.name.partition("_")[0]
        rgb, matte = pool.picture(i)
        if not matte.any():
            continue
        ground = np.full(rgb.shape, rng.integers(0, 256, 3), np.uint8)
        if i % 2:
            other = Image.fromarray(photographs[int(rng.integers(len(photographs)))])
            ground = np.asarray(other.resize((e.width, e.height), _LANCZOS))
        truth = matte.astype(np.float32) / np.float32(255)
        mixed = rgb * truth[..., None] + ground * (1 - truth[..., None])
        image = Image.fromarray(mixed.round().astype(np.uint8))
        labels.append(e.label)
        for m in models:
            alpha, kind = m.raw(image)
            rows[m.name].setdefault(family, []).append(score(alpha, truth))
            if kind is not None:
                kinds[m.name].append(kind)
    out: dict[str, Any] = {}
    for m in models:
        out[m.name] = {
            family: {
                "n": len(r),
                "iou": float(np.mean([v[0] for v in r])),
                "mae": float(np.mean([v[1] for v in r])),
            }
            for family, r in rows[m.name].items()
        }
        if kinds[m.name]:
            out[m.name]["kind"] = kind_report(labels, kinds[m.name])["kinds"]
        log.info("%s %s", m.name, json.dumps(out[m.name]))
    return out


def timing(models: Sequence[Model], rounds: int = 15) -> dict[str, Any]:
    """Time session.run of all models turn about on one random picture."""
    rng = np.random.default_rng(0)
    inputs = [rng.uniform(-1, 1, (1, 3, m.side, m.side)).astype(np.float32) for m in models]
    for m, x in zip(models, inputs, strict=True):
        m.run(x)
        m.milliseconds.clear()
    for _ in range(rounds):
        for m, x in zip(models, inputs, strict=True):
            m.run(x)
    out = {}
    for m in models:
        ms = np.array(m.milliseconds)
        out[m.name] = {
            "side": m.side,
            "bytes": m.bytes,
            "median_ms": float(np.median(ms)),
            "min_ms": float(ms.min()),
        }
        log.info("%-28s median %.1f ms, best %.1f ms", m.name, np.median(ms), ms.min())
    return out


def main() -> None:
    """Measure what the command line names."""
    p = argparse.ArgumentParser(description="Measure ONNX models.")
    p.add_argument("what", choices=("held-back", "pictures", "drawn", "found", "time"))
    p.add_argument("models", nargs="*", type=Path)
    p.add_argument("--u2netp", type=Path)
    p.add_argument("--store", type=Path)
    p.add_argument("--pool", type=Path, help="procedural pictures of another seed")
    p.add_argument("--folder", type=Path)
    p.add_argument("--sheet", type=Path)
    p.add_argument("--fit", choices=("stretch", "letterbox"), default="stretch")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--limit", type=int, default=0)
    p.add_argument("--rounds", type=int, default=15)
    p.add_argument("--json", type=Path)
    args = p.parse_intermixed_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    models: list[Model] = [Model(path, args.threads, args.fit) for path in args.models]
    if args.u2netp:
        models.append(U2netp(args.u2netp, args.threads))
    jobs: dict[str, Callable[[], dict[str, Any]]] = {
        "held-back": lambda: held_back(models, Store(args.store), args.limit),
        "pictures": lambda: pictures(models, args.folder, args.sheet),
        "found": lambda: found(models, Store(args.store), Store(args.pool)),
        "drawn": lambda: drawn(models, Store(args.store), Store(args.pool)),
        "time": lambda: timing(models, args.rounds),
    }
    result = jobs[args.what]()
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
