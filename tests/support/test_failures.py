"""A failure that comes once in many runs is kept, and what ran before it can run again."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from support.failures import Failures
from support.helpers import ROOT


def report(name: str, when: Any = "call", message: str = "", worker: str = "gw0") -> Any:
    made = pytest.TestReport(
        name, ("", 0, ""), {}, "failed" if message else "passed", message or None, when
    )
    node = SimpleNamespace(gateway=SimpleNamespace(id=worker), _workerinfocache=worker)
    made.node = node  # as xdist sets it
    return made


def test_what_passes_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    failures = Failures()
    failures.pytest_runtest_logreport(report("test_a"))
    assert failures.folder is None
    assert not list(tmp_path.iterdir())


def test_each_failure_is_kept_at_once_with_what_its_own_process_ran_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    failures = Failures()
    for each in (
        report("test_a", "setup"),
        report("test_a"),
        report("test_elsewhere", worker="gw1"),
        report("test_b[a case]", "setup"),
        report("test_b[a case]", message="1 = 2"),
        report("test_b[a case]", "teardown", message="left open"),
    ):
        failures.pytest_runtest_logreport(each)
    assert failures.folder is not None
    text = (failures.folder / "failures.txt").read_text("utf-8")
    assert text.index("1 = 2") < text.index("2. test_b[a case] (teardown) gw0") < len(text)
    assert "left open" in text
    before = (failures.folder / "before-1.txt").read_text("utf-8")
    assert before.splitlines() == ["test_a", "test_b[a case]"]


@pytest.mark.slow
def test_with_processes_side_by_side_and_once_more_without(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text("utf-8"), "utf-8")
    (tmp_path / "test_it.py").write_text(
        "seen = []\n"
        "def test_first():\n    seen.append(1)\n"
        "def test_second():\n    print('printed')\n    assert not seen, 'leans on the first'\n",
        "utf-8",
    )
    kept = tmp_path / "kept"
    kept.mkdir()
    environ = {**os.environ, "TMPDIR": str(kept), "PYTHONPATH": str(ROOT / "tests")}
    environ.pop("PYTEST_XDIST_WORKER", None)

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stdout

    output = run("-n", "1")
    (folder,) = kept.glob("mattekit-test-*")
    assert f"failures are kept in {folder}" in output
    text = (folder / "failures.txt").read_text("utf-8")
    assert "1. test_it.py::test_second (call) gw0" in text
    assert "leans on the first" in text
    assert "printed" in text
    again = run("-p", "no:xdist", "-p", "no:random-order", f"@{folder / 'before-1.txt'}")
    assert "1 failed, 1 passed" in again
