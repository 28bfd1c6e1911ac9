"""Finding and starting the worker."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

import mattekit
import mattekit_bridge as bridge

pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
pytestmark = pytest.mark.slow


def test_the_hosts_own_paths_do_not_reach_the_worker(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As Krita does: a PYTHONPATH with packages of another Python.
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "json.py").write_text("raise SystemExit('the host\\'s json')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "foreign"))
    assert bridge.start(sys.executable).version == mattekit.__version__
    bridge.stop()
    with pytest.raises(bridge.WorkerFailed, match="the host's json"):
        bridge.start(sys.executable, clean=False)


def test_what_keeps_it_from_starting_is_said(place: Path, tmp_path: Path) -> None:
    with pytest.raises(bridge.WorkerMissing, match="not there any more"):
        bridge.start(str(tmp_path / "gone" / "python"))
    if os.name == "posix":
        with pytest.raises(bridge.WorkerFailed, match="ended at once"):
            bridge.start(shutil.which("false") or "/bin/false")
        slow = tmp_path / "slow"
        slow.write_text("#!/bin/sh\nsleep 2\n")
        slow.chmod(0o755)
        with pytest.raises(bridge.WorkerFailed, match="no answer within 0 seconds"):
            bridge.start(str(slow), patience=0.2)
        with pytest.raises(bridge.Canceled):
            bridge.start(str(slow), waiting=lambda: False)


def test_another_protocol(place: Path, worker: bridge.Worker) -> None:
    facts = json.loads((place / "worker.json").read_text())
    (place / "worker.json").write_text(json.dumps({**facts, "protocol": 99}))
    with pytest.raises(bridge.WrongProtocol, match="99"):
        bridge.start(sys.executable)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"url": 1}'])
def test_a_broken_file_is_no_worker(place: Path, text: str) -> None:
    place.mkdir()
    (place / "worker.json").write_text(text)
    assert bridge.find() is None


def test_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MATTEKIT_WORKER_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/sandbox")
    assert bridge.folder().name == "worker"
    assert "sandbox" not in str(bridge.folder())
