"""What runs inside GIMP needs nothing that is not there."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import mattekit_gimp

INSIDE = Path(mattekit_gimp.__file__).parent / "plugin"
IN_GIMP = {"gimp", "gimpfu", "gimpenums", "mattekit_bridge", "mattekit_gimp"}


def test_nothing_but_the_standard_library_and_an_old_python():
    for path in INSIDE.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                assert top in IN_GIMP or top in sys.stdlib_module_names, (path, name)
                assert top != "mattekit_gimp" or name.startswith("mattekit_gimp.plugin"), path
