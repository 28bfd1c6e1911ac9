"""The benchmark runs, on a size at which it says nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hosts.krita import krita51
from support.helpers import ROOT

pytestmark = pytest.mark.install


@pytest.mark.parametrize("what", ["starts", "layers"])
def test_it_runs(tmp_path: Path, what: str) -> None:
    krita51(tmp_path)
    target = tmp_path / "measured.json"
    done = subprocess.run(
        [
            sys.executable,
            str(ROOT / "benchmarks/krita.py"),
            what,
            "--rounds",
            "1",
            "--megapixels",
            "0.1",
            "--json",
            str(target),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(target.read_text("utf-8"))["results"]
    if what == "starts":
        assert set(results["starts"]) == {"with", "without"}
    else:
        assert len(results["work"]) == 3
        for ((whole, library, own, standstill),) in results["work"].values():
            assert 0 < standstill <= own < whole
            assert 0 < library < whole
