"""Checkpoint of the correcting network -> ONNX file.

    python -m training.export_correcting RUN/ema.pt --out DIR [--side 256]

``DIR/correcting-SIDE-fp32.onnx`` as trained, ``DIR/correcting-SIDE.onnx`` with small weights
(`training.export.compress_weights`).

Inputs ``image`` (1 x 3 x SIDE x SIDE float32 RGB, value / 127.5 - 1) and ``hints`` (the same
shape: the last matte in 0..1, marks to keep, marks to remove); output ``alpha``: 1 x 1 x SIDE x
SIDE logits.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import onnx
import torch

from training.correcting import CorrectingNet
from training.export import OPSET, compress_weights

log = logging.getLogger(__name__)


def read(path: Path) -> CorrectingNet:
    """Return the network of a checkpoint: a run's ``ema.pt`` or ``state.pt``."""
    model = CorrectingNet()
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["ema"])
    return model.eval()


def export_onnx(network: CorrectingNet, side: int, path: Path) -> None:
    """Write the float32 ONNX file."""
    inputs = torch.zeros(1, 3, side, side), torch.zeros(1, 3, side, side)
    with torch.no_grad():  # where gradients are wanted, depthwise layers run another way
        torch.onnx.export(
            network.eval(),
            inputs,
            str(path),
            opset_version=OPSET,
            dynamo=False,
            input_names=["image", "hints"],
            output_names=["alpha"],
        )
    onnx.checker.check_model(onnx.load(str(path)))


def main() -> None:
    """Export one checkpoint."""
    p = argparse.ArgumentParser(description="Export the correcting network.")
    p.add_argument("checkpoint", type=Path)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--side", type=int, default=256)
    args = p.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    args.out.mkdir(parents=True, exist_ok=True)
    full = args.out / f"correcting-{args.side}-fp32.onnx"
    small = args.out / f"correcting-{args.side}.onnx"
    export_onnx(read(args.checkpoint), args.side, full)
    compress_weights(full, small)
    for path in (full, small):
        log.info("%s %d bytes", path, path.stat().st_size)


if __name__ == "__main__":
    main()
