"""How far a run has come, and what it goes on from: ``RUN/state.pt`` and ``RUN/curve.jsonl``."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

__all__ = ["STATE", "Progress", "follow"]

log = logging.getLogger(__name__)

#: Name of the file that a run is resumed from.
STATE = "state.pt"


@dataclass
class Progress:
    """A run's networks and counters.

    Attributes
    ----------
    folder : Path
        The run's.
    model, ema : nn.Module
        What is trained, and its moving average.
    optimizer : torch.optim.Optimizer
    step, seen : int
        Steps and pictures so far.
    spent : float
        Seconds of training so far.
    """

    folder: Path
    model: nn.Module
    ema: nn.Module
    optimizer: torch.optim.Optimizer
    step: int = 0
    seen: int = 0
    spent: float = 0.0

    def resume(self, device: torch.device | str = "cpu") -> None:
        """Go on from what was kept, if anything was."""
        path = self.folder / STATE
        if not path.exists():
            return
        state = torch.load(path, map_location=device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.ema.load_state_dict(state["ema"])
        self.optimizer.load_state_dict(state["optimiser"])
        self.step, self.seen, self.spent = state["step"], state["seen"], state["spent"]
        log.info("resumed at %d pictures", self.seen)

    def keep(self) -> None:
        """Write what a run can be resumed from; whole or not at all."""
        state = {
            "model": self.model.state_dict(),
            "ema": self.ema.state_dict(),
            "optimiser": self.optimizer.state_dict(),
            "step": self.step,
            "seen": self.seen,
            "spent": self.spent,
        }
        half = self.folder / "state.tmp"
        torch.save(state, half)
        half.replace(self.folder / STATE)

    def note(self, line: Mapping[str, float]) -> None:
        """Add a line to the learning curve."""
        text = json.dumps(line)
        log.info("%s", text)
        with (self.folder / "curve.jsonl").open("a") as handle:
            handle.write(text + "\n")


def follow(ema: nn.Module, model: nn.Module, step: int, longest: float) -> None:
    """Move the average after `step` steps towards the weights; it forgets faster at first."""
    decay = min(longest, (10 + step) / (100 + step))
    with torch.no_grad():
        pairs = zip(ema.parameters(), model.parameters(), strict=True)
        averaged, current = (list(p) for p in zip(*pairs, strict=True))
        torch._foreach_lerp_(averaged, current, 1 - decay)
