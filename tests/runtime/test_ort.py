"""The one import of onnxruntime: its telemetry is off before it starts, or somebody is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mattekit.errors import MattekitWarning
from mattekit.runtime import ort
from mattekit.runtime.ort import load_onnxruntime
from support.privacy import environment
from support.tiers import tiered


def run(text: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", text],
        env={**environment(folder), **more},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.slow
@pytest.mark.parametrize("said", tiered([None, "0", ""], {None}))
def test_a_load_leaves_no_file(tmp_path: Path, said: str | None) -> None:
    text = """
import os
from mattekit.runtime.ort import load_onnxruntime
load_onnxruntime()
assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
"""
    run(text, tmp_path, **({} if said is None else {"ORT_DISABLE_TELEMETRY": said}))
    assert not list((tmp_path / "home").iterdir())


@pytest.mark.parametrize("said", ["0", "1"])
def test_who_imported_it_earlier_is_told_once(tmp_path: Path, said: str) -> None:
    text = """
import onnxruntime, warnings
onnxruntime.__version__ = "1.32.0"
from mattekit.runtime.ort import load_onnxruntime
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    load_onnxruntime()
    load_onnxruntime()
print(*(each.message for each in warned), sep="\\n")
"""
    warned = run(text, tmp_path, ORT_DISABLE_TELEMETRY=said).stdout.strip()
    assert warned.count("Set ORT_DISABLE_TELEMETRY=1") == (said == "0")


@pytest.mark.parametrize(
    ("version", "warned"), [("1.28.0", False), ("1.29.0", True), ("2.0", True)]
)
def test_only_releases_that_call_home_are_told_about(
    monkeypatch, version: str, warned: bool
) -> None:
    runtime = load_onnxruntime()
    monkeypatch.setattr(runtime, "__version__", version)
    monkeypatch.setattr(ort, "_warned", False)
    monkeypatch.delitem(os.environ, "ORT_DISABLE_TELEMETRY")
    if warned:
        with pytest.warns(MattekitWarning, match=rf"onnxruntime {version} was imported before"):
            load_onnxruntime()
    else:
        load_onnxruntime()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
