"""A network that takes red for subject, in the runtime that the process shares."""

from __future__ import annotations

from support.red_network import photo, runtime, truth

__all__ = ["photo", "runtime", "truth"]
