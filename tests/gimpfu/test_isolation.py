"""The shim's names exist inside GIMP only."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gimpfukit.shim import MODULES
from helpers import ROOT
from mattekit_gimp.shim import gimpfu_modules

NAMES = ("gimp", "gimpfu", "gimpenums", "gimpcolor", "gimpshelf", "gimpplugin", "_gimpfu")


def _python(code: str, *path: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, env=env, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_importable_by_accident(name: str) -> None:
    assert importlib.util.find_spec("mattekit") is not None  # installed, perhaps from a checkout
    done = _python(f"import {name}")
    assert done.returncode == 1
    assert "ImportError" in done.stderr or "ModuleNotFoundError" in done.stderr


def test_outside_gimp_the_modules_say_so() -> None:
    done = _python("from gimpfu import *", MODULES)
    assert done.returncode == 1
    assert "works only in a plug-in that GIMP starts" in done.stderr


def test_where_the_modules_are() -> None:
    assert gimpfu_modules() == MODULES
    assert {f"{name}.py" for name in NAMES[:-1]} <= {path.name for path in MODULES.iterdir()}


@pytest.mark.slow
def test_the_wheel_carries_them_as_data(tmp_path: Path) -> None:
    build = "from hatchling.builders.wheel import WheelBuilder as W; import sys; "
    code = build + "print(list(W(sys.argv[1]).build(directory=sys.argv[2], versions=['standard'])))"
    command = [sys.executable, "-c", code, str(ROOT), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = zipfile.ZipFile(wheel).namelist()
    assert "mattekit_gimp/gimpfu/gimpfu.py" in inside
    assert "mattekit_gimp/gimpfu/_gimpfu/gimp2/plugin.py" in inside
    assert not [name for name in inside if name.split("/")[0].split(".")[0] in NAMES]
    # Installed, the folder beside the package is the one.
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(tmp_path / "site")
    shim = tmp_path / "site/mattekit_gimp/shim.py"
    text = f"import runpy; print(runpy.run_path({str(shim)!r})['gimpfu_modules']())"
    assert _python(text).stdout.strip() == str(tmp_path / "site/mattekit_gimp/gimpfu")
