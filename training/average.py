"""Averages two checkpoints' weights, e.g. a fine-tuned one with what it was started from.

    python -m training.average A.pt B.pt --share 0.6 --out C.pt

Weights on the line between a network and its fine-tuned successor often keep most of what the
first one knew and of what the second one learnt. Choose the share on held-back pictures only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from training.network import MatteNet, load_checkpoint


def average(first: Path, second: Path, share: float) -> dict[str, torch.Tensor]:
    """Return (1 - share) of the first checkpoint's weights plus ``share`` of the second's."""
    states = []
    for path in (first, second):
        network = MatteNet()
        load_checkpoint(network, path)
        states.append(network.state_dict())
    a, b = states
    return {key: torch.lerp(a[key], b[key], share) for key in a}


def main() -> None:
    """Write the average of two checkpoints."""
    p = argparse.ArgumentParser(description=main.__doc__)
    p.add_argument("first", type=Path)
    p.add_argument("second", type=Path)
    p.add_argument("--share", type=float, required=True, help="of the second, 0..1")
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args()
    torch.save({"ema": average(args.first, args.second, args.share)}, args.out)


if __name__ == "__main__":
    main()
