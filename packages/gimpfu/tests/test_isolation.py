"""The names of gimpfu exist inside GIMP only."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import gimpfu_host

NAMES = ("gimp", "gimpfu", "gimpenums", "gimpcolor", "gimpshelf", "gimpplugin", "_gimpfu")


def _python(code: str, *path: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, env=env, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_importable_by_accident(name: str) -> None:
    # Beside the package itself, wherever it lies.
    done = _python(f"import gimpfu_host, {name}", Path(gimpfu_host.__file__).parents[1])
    assert done.returncode == 1
    assert f"No module named '{name}'" in done.stderr


def test_outside_gimp_the_modules_say_so() -> None:
    done = _python("from gimpfu import *", gimpfu_host.modules())
    assert done.returncode == 1
    assert "works only in a plug-in that GIMP starts" in done.stderr


def test_where_the_modules_are() -> None:
    found = {path.name for path in gimpfu_host.modules().iterdir()}
    assert {f"{name}.py" for name in NAMES[:-1]} <= found


def test_syntax_of_python_3_8() -> None:
    sources = sorted(gimpfu_host.modules().rglob("*.py"))
    assert len(sources) > 20
    for path in sources:
        ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, 8))
