"""The host and the plug-in of docs/examples, installed and run."""

from __future__ import annotations

import os
import struct
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from support.helpers import ROOT

EXAMPLES = ROOT / "docs" / "examples"
CAT = ROOT / "sample_images" / "cat.jpg"

pytestmark = pytest.mark.install


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder that holds both distributions; on PYTHONPATH they are as good as installed."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    pip += ["--no-deps", "--no-build-isolation", "--no-index", "--target", folder]
    for name in ("polaroid", "mattekit-sticker"):
        subprocess.run([*pip, EXAMPLES / name], check=True)
    return folder


def run(site, *arguments, plugins=True):
    environment = os.environ | {"PYTHONPATH": str(site), "PYTHONWARNINGS": "error"}
    if not plugins:
        environment["MATTEKIT_PLUGINS_OFF"] = "sticker"
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_plugin_works_in_a_host_that_knows_nothing_of_it(site, tmp_path):
    host = site / "bin" / "polaroid"
    plain, rimmed = tmp_path / "plain.png", tmp_path / "rimmed.png"
    for path, plugins in ((plain, False), (rimmed, True)):
        result = run(site, host, CAT, path, plugins=plugins)
        assert result.returncode == 0, result.stderr
    a, b = (np.asarray(Image.open(path), np.int16) for path in (plain, rimmed))
    assert a.shape == b.shape == (616, 528, 3)
    assert (np.abs(a - b).max(2) > 60).mean() > 0.005  # a rim is there


def test_the_host_answers_errors_in_one_line(site, tmp_path):
    result = run(site, site / "bin" / "polaroid", tmp_path / "missing.jpg", tmp_path / "x.png")
    assert result.returncode == 1
    assert result.stderr.startswith("polaroid: ")
    assert len(result.stderr.splitlines()) == 1


def test_the_command_is_there(site):
    result = run(site, "-m", "mattekit_cli", "sticker")
    assert (result.returncode, result.stdout) == (0, "The rim is 1.2% of the longer side.\n")
    listed = run(site, "-m", "mattekit_cli", "plugins")
    assert "sticker" in listed.stdout


def test_the_format_is_there(site, tmp_path):
    result = run(site, "-m", "mattekit_cli", "remove", CAT, "--format", "farbfeld",
                 "--output-directory", tmp_path)  # fmt: skip
    assert result.returncode == 0, result.stderr
    data = (tmp_path / "cat.ff").read_bytes()
    magic, width, height = struct.unpack(">8sII", data[:16])
    assert (magic, width, height) == (b"farbfeld", 451, 300)
    assert len(data) == 16 + 8 * width * height
