"""The plug-in behind `gimp -i --batch-interpreter python-fu-eval -b CODE` on GIMP 2.10.

`gimpfu install` copies it into the plug-ins folder, with a first line that names a Python; there it
runs as any other plug-in. It is never imported here.
"""

# ruff: noqa: F403, F405  What code in a batch expects is all of gimpfu.

import sys
from typing import Any, Dict

from gimpfu import *

_space: Dict[str, Any] = dict(globals(), __name__="__main__")


def evaluate(code: str) -> None:
    """Run Python code; `-` reads it from the standard input."""
    source = sys.stdin.read() if code == "-" else code
    exec(compile(source, "<python-fu-eval>", "exec"), _space)


if __name__ == "__main__":
    register(
        "python-fu-eval",
        "Evaluate Python code",
        "Runs Python code with everything of gimpfu at hand, primarily for batch mode.",
        "The mattekit developers",
        "The mattekit developers",
        "2026",
        None,
        None,
        [(PF_STRING, "code", "The code to evaluate, or - for the standard input", "")],
        [],
        evaluate,
    )
    main()
