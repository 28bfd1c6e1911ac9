"""Averages two checkpoints' weights, e.g. a fine-tuned one with what it was started from.

    python -m training.average A.pt B.pt --share 0.6 --out C.pt

Weights on the line between a network and its fine-tuned successor often keep most of what the
first one knew and of what the second one learnt. Choose the share on held-back pictures only.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from training.checkpoint import open_checkpoint, save
from training.network import MatteNet


def interpolate(first: Path, second: Path, share: float) -> MatteNet:
    """Return a network of (1 - share) of the first one's weights plus ``share`` of the second's."""
    model = open_checkpoint(first)
    a, b = model.state_dict(), open_checkpoint(second).state_dict()
    model.load_state_dict({key: torch.lerp(a[key], b[key], share) for key in a})
    return model


def main() -> None:
    """Write the average of two checkpoints."""
    p = argparse.ArgumentParser(description=main.__doc__)
    p.add_argument("first", type=Path)
    p.add_argument("second", type=Path)
    p.add_argument("--share", type=float, required=True, help="of the second, 0..1")
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args()
    save(interpolate(args.first, args.second, args.share), args.out)


if __name__ == "__main__":
    main()
