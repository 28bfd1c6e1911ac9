"""A program that PyInstaller froze cuts out without a Python, in an empty home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.helpers import ROOT
from support.privacy import environment, write_photo

pytestmark = pytest.mark.install

PROGRAM = """
import sys
import mattekit
mattekit.remove_background(sys.argv[1]).save(sys.argv[2])
print(len(mattekit.plugins.shared().names()), "plug-ins")
"""


def test_a_frozen_program(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    subprocess.run([sys.executable, "-m", "venv", fresh], check=True)
    programs = fresh / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([programs / "pip", "install", "-q", ROOT, "pyinstaller"], check=True)
    script = tmp_path / "small.py"
    script.write_text(PROGRAM)
    subprocess.run(
        [programs / "pyinstaller", "--log-level", "WARN", "--onedir", script],
        cwd=tmp_path,
        check=True,
    )
    fresh.rename(tmp_path / "gone")
    write_photo(tmp_path / "photo.jpg")
    result = subprocess.run(
        [tmp_path / "dist/small/small", "photo.jpg", "cut.png"],
        cwd=tmp_path,
        env=environment(tmp_path / "user"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "cut.png").stat().st_size > 1000
    assert not result.stdout.startswith("0 ")
    assert not list((tmp_path / "user/home").iterdir())
