"""What the README tells a newcomer to type, typed into a fresh clone."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from support.helpers import ROOT

pytestmark = pytest.mark.install


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fresh") / "mattekit"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, folder], check=True)
    return folder


def shell(script, folder):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("VIRTUAL_", "PYTHON"))}
    return subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def readme_commands(heading):
    return subprocess.run(
        ["python3", ROOT / "tests" / "install" / "readme.py", heading],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def test_first_command_cuts_out_the_sample_pictures(clone):
    result = shell(readme_commands("Try it"), clone)
    assert result.returncode == 0, result.stdout + result.stderr
    inputs = {p.stem for p in (ROOT / "sample_images" / "large").iterdir()}
    outputs = {p.stem: p for p in (clone / "cutouts").iterdir()}
    assert set(outputs) == inputs
    for path in outputs.values():
        alpha = np.asarray(Image.open(path).convert("RGBA"))[..., 3]
        assert 0.02 < (alpha > 127).mean() < 0.98, path


def test_every_other_command_of_the_readme_works(clone, tmp_path, monkeypatch):
    """Each shell block but the one above and the tests' own, in order, in the same clone."""
    # Plug-ins of GIMP and Krita go into a home of the test's own; pip keeps its cache.
    cache = os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("HOME", str(tmp_path))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first, *blocks = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
    assert first == readme_commands("Try it")
    blocks.remove(readme_commands("Pass the tests"))
    for block in blocks:
        script = "\n".join(line for line in block.splitlines() if "# not run" not in line)
        result = shell(f". .venv/bin/activate\n{script}", clone)
        assert result.returncode == 0, f"{script}\n{result.stdout}{result.stderr}"
        left = shell("git status --porcelain", clone).stdout
        assert left == "", f"{script}\nleaves in the clone:\n{left}"
