from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mattekit_bridge as bridge


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", str(tmp_path / "worker"))
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    return tmp_path / "worker"


@pytest.fixture
def worker(place: Path) -> Iterator[bridge.Worker]:
    yield bridge.start(sys.executable)
    bridge.stop()
