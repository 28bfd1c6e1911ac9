"""Where the modules of the gimpfu shim lie."""

from __future__ import annotations

from pathlib import Path


def gimpfu_modules() -> Path:
    """Return the folder that goes on `sys.path` inside GIMP: gimpfu.py, gimp.py and the rest.

    An installed mattekit carries it as data in this package, a checkout has it in
    `plugins/gimpfu/modules`.
    """
    here = Path(__file__).parent
    installed = here / "gimpfu"
    return installed if installed.is_dir() else here.parent / "gimpfu" / "modules"
