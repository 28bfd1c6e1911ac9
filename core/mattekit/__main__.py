"""``python -m mattekit`` is the `mattekit` command, wherever a distribution announces it."""

from __future__ import annotations

import importlib.metadata
import sys

if __name__ == "__main__":
    scripts = importlib.metadata.entry_points(group="console_scripts", name="mattekit")
    if not scripts:
        sys.exit("The mattekit command is not installed: pip install mattekit")
    next(iter(scripts)).load()()
